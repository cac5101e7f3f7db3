"""``antiphon profile``: check, show and write profiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from antiphon.discovery import Plugins
from antiphon.errors import ProfileError
from antiphon.profile import load_profile
from antiphon.provider import STAGES

overrides = click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a key; may be given again."
)


@click.group()
def profile() -> None:
    """Check, show and write profiles."""


@profile.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@overrides
def check(files: tuple[Path, ...], overrides: tuple[str, ...]) -> None:
    """Check FILES without opening anything; tell everything that is wrong with them."""
    from antiphon.cli.profile_summary import summary

    plugins = Plugins()
    problems: list[str] = []
    for file in files:
        try:
            click.echo(summary(load_profile(file, overrides, plugins)))
        except ProfileError as error:
            problems += error.problems
    if problems:
        raise ProfileError(problems)


@profile.command()
@click.argument("file", type=click.Path(path_type=Path))
@overrides
def show(file: Path, overrides: tuple[str, ...]) -> None:
    """Print the whole profile in FILE as it is understood, every default written out."""
    import tomli_w

    click.echo(tomli_w.dumps(dict(load_profile(file, overrides).resolved)), nl=False)


@profile.command()
def schema() -> None:
    """Print the JSON Schema of profiles, the options of all installed plugins included."""
    from antiphon.profile.schema import profile_schema

    click.echo(json.dumps(profile_schema(Plugins()), indent=2, ensure_ascii=False))


def _choices(command: Any) -> Any:
    """An option for every stage: ``--audio-in NAME``; those of which there are several may be given again."""
    from antiphon.profile.tables import DEFAULTS, LISTS

    for stage in reversed(STAGES):
        several = stage in LISTS
        default = DEFAULTS[stage].use
        text = "may be given again" if several else f"default {default}" if default else "none if it is left out"
        flag = f"--{stage.replace('_', '-')}"
        command = click.option(flag, stage, multiple=several, metavar="NAME", help=f"{text[:1].upper()}{text[1:]}.")(
            command
        )
    return command


@profile.command()
@click.argument("file", type=click.Path(path_type=Path))
@_choices
def new(file: Path, **chosen: Any) -> None:
    """Write a commented profile to FILE, which must not exist yet.

    Each option names an implementation as ``antiphon plugins`` lists them.
    """
    from antiphon.profile.starter import starter

    text, required = starter(file.stem, chosen, Plugins())
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise click.ClickException(f"{file} exists; choose another name, or remove it first") from None
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
    click.echo(f"wrote {file}" + (f"; fill in {', '.join(required)}" if required else ""))
