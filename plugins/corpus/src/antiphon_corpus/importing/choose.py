"""Chooses the feature extractors of an import by name, or takes those of a profile."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from antiphon.discovery import Plugins
from antiphon.engine.environment import file_hash
from antiphon.errors import InputError
from antiphon.options import Selection
from antiphon.profile import Policy, StageConfig, load_profile
from antiphon.profile.choose import Chooser
from antiphon.profile.flow import FlowCheck
from antiphon.profile.one_off import is_one_off
from antiphon.profile.problems import Place, Problems
from antiphon.profile.toml import parse
from antiphon.profile.values import Wrong
from packaging.requirements import Requirement

from antiphon_corpus.importing.plan import Extractors

DEFAULT = ("praat", "rate")


def choose_extractors(
    names: Sequence[str] = DEFAULT, options: Sequence[str] = (), plugins: Plugins | None = None
) -> Extractors:
    """Extractors by their names, as a profile's ``use`` has them.

    Args:
        options: ``NAME.OPTION=VALUE`` each, the value as in TOML.
        plugins: where they are looked up; by default what is installed.

    Raises:
        InputError: a name or an option is unknown or wrong, or they do not fit together.
    """
    plugins = plugins or Plugins()
    chooser = Chooser(plugins, Path.cwd())
    tables: dict[str, dict[str, Any]] = {name: {} for name in names}
    for text in options:
        name, key, value = _option(text, tables)
        tables[name][key] = value
    selections = []
    for name, table in tables.items():
        try:
            selections.append(chooser.choose("features", name, table))
        except Wrong as wrong:
            told = "; ".join(f"{'.'.join(map(str, path[1:]))}: {m}" if path[1:] else m for path, m in wrong.problems)
            known = {registered.provider.name for registered in plugins.registered("features")}
            install = (
                "; pip install 'antiphon-corpus[audio]' brings it" if name in DEFAULT and name not in known else ""
            )
            raise InputError(f"features {name}: {told}{install}") from None
    return _checked(selections, plugins, chooser)


def extractors_of_profile(path: Path) -> Extractors:
    """The extractors of a profile, with its options.

    Raises:
        ProfileError: the profile is wrong.
        InputError: it has no extractors.
    """
    plugins = Plugins()
    selections = [config.selection for config in load_profile(path, (), plugins).features]
    if not selections:
        raise InputError(f"{path}: it has no [[features]]")
    return _checked(selections, plugins, Chooser(plugins, path.parent.absolute()))


def _checked(selections: Sequence[Selection], plugins: Plugins, chooser: Chooser) -> Extractors:
    problems = Problems(Place("", chooser.folder))
    fail = Policy("fail")
    specs = FlowCheck(plugins, problems).extracted([StageConfig(s, 1.0, fail, fail) for s in selections])
    if problems:
        raise InputError("\n".join(problems.lines))
    record = tuple(_record(selection, plugins, chooser) for selection in selections)
    return Extractors(tuple(selections), chooser.folder, tuple(specs.values()), record)


def _record(selection: Selection, plugins: Plugins, chooser: Chooser) -> Mapping[str, Any]:
    table = dict(chooser.plain(selection))
    for known in plugins.registered("features"):
        if known.provider is selection.provider:
            table |= {"distribution": known.distribution, "version": known.version, "needs": _needs(known.distribution)}
    if is_one_off(selection.name):
        table["sha256"] = file_hash(Path(selection.name.rpartition(":")[0]))
    return table


def _needs(distribution: str) -> dict[str, str]:
    """The installed versions of what a distribution requires."""
    needed = {Requirement(text).name for text in importlib.metadata.requires(distribution) or ()}
    installed = {d.name for d in importlib.metadata.distributions()}
    return {name: importlib.metadata.version(name) for name in sorted(needed & installed)}


def _option(text: str, tables: Mapping[str, Any]) -> tuple[str, str, Any]:
    left, equals, written = text.partition("=")
    name, dot, key = left.strip().rpartition(".")
    if not (equals and dot and name in tables):
        raise InputError(f'"{text}" is not of the form NAME.OPTION=VALUE, with NAME one of {", ".join(tables)}')
    try:
        return name, key, parse(f"value = {written}")["value"]
    except ValueError:
        raise InputError(f"{text}: the value is not TOML; quote a text as '\"text\"'") from None
