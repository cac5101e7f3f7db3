"""Reads a profile's file, the file it extends and the overrides into one tree, and remembers who wrote what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from antiphon.profile.locate import KeyPath, locate
from antiphon.profile.override import apply_override
from antiphon.profile.problems import Place, Problems, show
from antiphon.profile.text import with_folder
from antiphon.profile.toml import parse

Table = dict[str, Any]

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@frozen
class Document:
    """The merged tables of a profile.

    Attributes:
        table: the tables, strings as `Text`.
        complete: False where a file could not be read, so that what is missing may stand there.
    """

    table: Table
    complete: bool


def read(path: Path, overrides: Sequence[str]) -> tuple[Document, Problems]:
    """Read a profile; whatever is wrong with its text is a problem."""
    problems = Problems(Place(f"{path}:1", path.parent.absolute()))
    table, problems.places = _read_file(path, problems, problems.root)
    problems.raise_if_any()
    complete = True
    if "extends" in table:
        table, complete = _extend(table, path, problems)
    for override in overrides:
        apply_override(table, override, problems)
    return Document(table, complete), problems


def _read_file(
    path: Path, problems: Problems, named_at: Place, key: KeyPath = ()
) -> tuple[Table, dict[KeyPath, Place]]:
    """The tables of one file and the places of their keys; ``named_at`` is to blame where there is no such file."""
    folder = path.parent.absolute()
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.add((), "this is not UTF-8 text; save the file as UTF-8", Place(f"{path}:{line}", folder))
        return {}, {}
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        problems.add(key, f"cannot read {path}: {reason}; name a profile file that exists", named_at)
        return {}, {}
    try:
        table = parse(text)
        lines = locate(text)
    except ValueError as error:
        line, message = _syntax_error(str(error), text)
        problems.add((), message, Place(f"{path}:{line}", folder))
        return {}, {}
    places = {path_: Place(f"{path}:{line}", folder) for path_, line in lines.items()}
    return with_folder(table, folder), places


def _syntax_error(message: str, text: str) -> tuple[int, str]:
    position = _POSITION.search(message)
    if position is None:
        return 1, f"not valid TOML: {message}"
    line = int(position[1]) if position[1] else text.rstrip("\n").count("\n") + 1
    column = f" (column {position[2]})" if position[2] else ""
    return line, f"not valid TOML: {message[: position.start()]}{column}"


def _extend(table: Table, path: Path, problems: Problems) -> tuple[Table, bool]:
    """The tables over those of the profile that they extend, and whether that one could be read."""
    name = table.pop("extends")
    if not isinstance(name, str):
        problems.add(("extends",), f"must be the path of a profile, not {show(name)}")
        return table, False
    base_path = path.parent / Path(name).expanduser()
    if _same_file(base_path, path):
        problems.add(("extends",), "circular: the profile extends itself; name another file")
        return table, False
    base, places = _read_file(base_path, problems, problems.place(("extends",)), ("extends",))
    if "extends" in base:
        grandparent = base.pop("extends")
        circular = isinstance(grandparent, str) and _same_file(base_path.parent / grandparent, path)
        reason = "circular: it extends this profile" if circular else "it extends another profile itself"
        problems.add(("extends",), f"{name}: {reason}; profiles extend one level only")
        return _merge(base, table, places, problems), False
    return _merge(base, table, places, problems), bool(base)


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve()
    except (OSError, ValueError, RuntimeError):  # cannot be resolved: reading it will tell why
        return False


def _merge(base: Table, table: Table, base_places: Mapping[KeyPath, Place], problems: Problems) -> Table:
    """``table`` over ``base``, by table; a stage that chooses another implementation starts afresh."""
    merged = dict(table)
    replaced: list[str] = []
    for key, value in base.items():
        own = table.get(key)
        if key not in table:
            merged[key] = value
        elif isinstance(value, dict) and isinstance(own, dict) and not _chooses_another(value, own):
            merged[key] = {**value, **own}
            if isinstance(value.get("options"), dict) and isinstance(own.get("options"), dict):
                merged[key]["options"] = {**value["options"], **own["options"]}
        else:
            replaced.append(key)
    inherited = {path: place for path, place in base_places.items() if path[0] not in replaced}
    problems.places = {**inherited, **problems.places}
    return merged


def _chooses_another(base: Table, table: Table) -> bool:
    return "use" in table and table["use"] != base.get("use")
