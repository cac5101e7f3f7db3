"""``antiphon plugin new``: a working plugin to start from."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import click

import antiphon
from antiphon.discovery import Plugins
from antiphon.errors import AntiphonError
from antiphon.profile.toml import parse
from antiphon.provider import STAGES

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PREFIX = "antiphon-"


@click.group()
def plugin() -> None:
    """Make a plugin of your own."""


@plugin.command()
@click.argument("name")
@click.option("--stage", type=click.Choice(STAGES), required=True, help="What it implements.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where its folder is made; the current folder unless given.",
)
def new(name: str, stage: str, into: Path) -> None:
    """Make the folder antiphon-NAME: a plugin that works, with its test and a profile that uses it."""
    name = name.removeprefix(PREFIX)
    _check_name(name, stage)
    folder = into / f"{PREFIX}{name}"
    try:
        folder.mkdir(parents=True)
        for path, content in _files(name, stage):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    except FileExistsError:
        raise AntiphonError(f"{folder} exists; choose another name, or remove it first") from None
    except OSError as error:
        raise AntiphonError(f"cannot write {folder}: {error.strerror}") from None
    click.echo(f'made {folder}\n\n  cd {folder}\n  pip install --editable ".[test]"\n  pytest')


def _check_name(name: str, stage: str) -> None:
    if not NAME.fullmatch(name):
        raise AntiphonError(f'"{name}" cannot be the name of a plugin; use a-z, 0-9 and single hyphens: my-{stage}')
    if keyword.iskeyword(name) or name == "none":
        raise AntiphonError(f'"{name}" is a word that Python or profiles use; choose another')
    for known in Plugins().registered(stage):
        if known.provider.name == name:
            raise AntiphonError(f'{stage} "{name}" is in {known.distribution} already; choose another name')


def _files(name: str, stage: str) -> Iterator[tuple[str, bytes]]:
    """The path and content of every file of the plugin."""
    snippet = parse(_template(f"stages/{stage}.toml"))
    package = f"{PREFIX}{name}".replace("-", "_")
    words: dict[str, Any] = {
        "name": name,
        "distribution": f"{PREFIX}{name}",
        "package": package,
        "stage": stage,
        "cls": "".join(part.capitalize() for part in name.split("-")),
        "version": antiphon.__version__.rpartition(".")[0],
        "summary": snippet["summary"],
        "suite": snippet["suite"],
    }
    for optional in ("note", "plugin_imports", "provider_arguments", "test_imports", "test_body"):
        words[optional] = Template(snippet.get(optional, "")).substitute(words)
    if words["provider_arguments"]:
        words["provider_arguments"] = f"\n            {words['provider_arguments']}"
    head = f'"""{snippet["summary"]}."""\n\n'
    texts = {
        "pyproject.toml": _template("pyproject.toml.tmpl"),
        "README.md": _template("README.md.tmpl"),
        f"src/{package}/__init__.py": f'"""{snippet["summary"]}."""\n',
        f"src/{package}/py.typed": "",
        f"src/{package}/plugin.py": _template("plugin.py.tmpl"),
        f"src/{package}/options.py": f'"""Options of {name}; imports nothing heavy."""\n\n{snippet["options"]}',
        f"src/{package}/{stage}.py": head + snippet["code"],
        f"tests/test_{stage}.py": _template("test.py.tmpl"),
        f"{name}.toml": f'schema = 1\nname = "{name}"\n{snippet["profile"]}',
    }
    for path, text in texts.items():
        yield path, Template(text).substitute(words).encode()
    if snippet.get("beeps"):
        yield "beeps.wav", _beeps()


def _template(name: str) -> str:
    return (resources.files("antiphon.cli") / "templates" / name).read_text(encoding="utf-8")


def _beeps(sample_rate: int = 16_000, count: int = 3) -> bytes:
    """A WAV file of beeps with silence between them, to try things with."""
    import io

    import numpy as np
    import soundfile

    times = np.arange(sample_rate * 3 // 4) / sample_rate
    beep, silence = 0.2 * np.sin(2 * np.pi * 220 * times), np.zeros(sample_rate)
    out = io.BytesIO()
    soundfile.write(out, np.concatenate([silence, *[beep, silence] * count]), sample_rate, format="WAV")
    return out.getvalue()
