"""Applies ``--set table.key=value`` to the tables of a profile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from antiphon.profile.locate import KeyPath
from antiphon.profile.problems import Place, Problems, show
from antiphon.profile.text import with_folder
from antiphon.profile.toml import parse

_BARE_WORD = re.compile(r"[A-Za-z_.~/][\w.~/:@+-]*")


def apply_override(table: dict[str, Any], override: str, problems: Problems) -> None:
    """Apply one ``table.key=value``."""
    place = Place(f"--set {override}", Path.cwd())
    key, equals, written = override.partition("=")
    try:
        if not equals:
            raise ValueError("has no value; write table.key=value")
        value = with_folder(_value(written.strip()), place.folder)
        path = _set(table, _keys(key), value)
    except (ValueError, RecursionError) as error:
        problems.add((), str(error), place)
        return
    for known in [p for p in problems.places if p[: len(path)] == path]:
        del problems.places[known]
    for length in range(1, len(path)):
        problems.places.setdefault(path[:length], place)
    problems.places[path] = place


def _keys(written: str) -> list[str]:
    try:
        table: Any = parse(f"{written} = 0")
    except ValueError:
        raise ValueError(f"{show(written.strip())} is not a key; write table.key=value") from None
    keys: list[str] = []
    while isinstance(table, dict):
        ((key, table),) = table.items()
        keys.append(key)
    return keys


def _value(written: str) -> Any:
    """A TOML value; a bare word or path is a string, as shells take the quotes away."""
    try:
        table = parse(f"value = {written}")
        if len(table) == 1:
            return table["value"]
    except ValueError:
        if _BARE_WORD.fullmatch(written):
            return written
    raise ValueError(f"{show(written)} is not a TOML value; quote a text as '\"text\"'")


def _set(table: dict[str, Any], keys: Sequence[str], value: Any) -> KeyPath:
    """Put ``value`` into the tree; returns its path, with indices for elements of arrays."""
    inner: Any = table
    path: KeyPath = ()
    for key, after in pairwise(keys):
        step = _step(inner, key, path)
        if isinstance(inner, dict):
            if after.isdigit() and key not in inner:
                raise ValueError(f"{'.'.join(map(str, (*path, key)))} has no elements; write them in the profile")
            inner.setdefault(key, {})
        inner, path = inner[step], (*path, step)
    last = _step(inner, keys[-1], path)
    if last == "use" and isinstance(inner, dict) and inner.get("use") != value:
        inner.pop("options", None)  # they are another implementation's
    inner[last] = value
    return (*path, last)


def _step(inner: Any, key: str, path: KeyPath) -> str | int:
    where = ".".join(map(str, path)) or "the profile"
    if isinstance(inner, dict):
        return key
    if not isinstance(inner, list):
        raise ValueError(f"{where} is {show(inner)}, not a table; it has no key {key}")
    if not (key.isascii() and key.isdigit() and int(key) < len(inner)):
        raise ValueError(f"{where} has {len(inner)} elements; write an index from 0 to {len(inner) - 1}, not {key}")
    return int(key)
