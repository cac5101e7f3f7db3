"""Writes a commented profile to start from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from antiphon.discovery import Plugins
from antiphon.options import describe
from antiphon.profile.tables import DEFAULTS, LISTS, ProfileTable
from antiphon.profile.toml import write_value
from antiphon.profile.types import name_type, option_types
from antiphon.provider import STAGES

HEAD = """\
# A profile of Antiphon: it chooses an implementation for every stage of the dialogue.
# Lines that are commented out show defaults and examples.

schema = 1
name = {name}

[session]
# seed = 0             # all randomness of the session comes from it
# turns = 12           # exchanges; without it the session lasts until the user's side ends
# duplex = "half"      # or "barge-in": the user may interrupt
"""


def starter(name: str, chosen: Mapping[str, Any], plugins: Plugins) -> tuple[str, list[str]]:
    """The text of a profile, and the keys that must be filled in.

    Args:
        name: of the profile.
        chosen: stage to the name of an implementation, None for the default, a sequence where there may be several.
        plugins: where the implementations are looked up.

    Raises:
        PluginError: an implementation cannot be found.
    """
    parts = [HEAD.format(name=write_value(name))]
    required: list[str] = []
    for stage in STAGES:
        for use in _names(stage, chosen.get(stage)):
            table, missing = _stage(stage, use, plugins)
            parts.append(table)
            required += [f"{stage}.options.{key}" for key in missing]
    return "\n".join(parts), required


def _names(stage: str, chosen: str | Sequence[str] | None) -> Sequence[str]:
    if stage in LISTS:
        return chosen or ()
    default = "terminal" if stage == "audio_in" else DEFAULTS[stage].use
    return [str(chosen)] if chosen else [default] if default else []


def _stage(stage: str, use: str, plugins: Plugins) -> tuple[str, list[str]]:
    options_class = plugins.find(stage, use).provider.options_class()
    others = [r.provider.name for r in plugins.registered(stage) if r.provider.name != use.rpartition(":")[2]]
    lines = [f"# {attrs.fields_dict(ProfileTable)[stage].metadata['help']}"]
    lines += [f"# Others: {', '.join(others)}."] if others else []
    lines += [f"[[{stage}]]" if stage in LISTS else f"[{stage}]", f"use = {write_value(use)}"]
    lines += _options(options_class)
    missing = [a.name for a in attrs.fields(options_class) if a.default is attrs.NOTHING]
    return "\n".join(lines) + "\n", missing


def _options(options_class: type) -> Iterator[str]:
    types = option_types(options_class)
    for name, entry in describe(options_class).items():
        unit = f" [{entry['unit']}]" if entry["unit"] else ""
        yield f"# {entry['help']}{unit}"
        if "default" not in entry:
            yield f"# options.{name} =      # required: {name_type(types[name])}"
        elif entry["default"] is None:
            yield f"# options.{name} =      # {name_type(types[name])}"
        else:
            yield f"# options.{name} = {_default(entry['default'])}"


def _default(value: Any) -> str:
    """A default in one line."""
    if attrs.has(type(value)):
        return write_value(attrs.asdict(value))
    return write_value(value)
