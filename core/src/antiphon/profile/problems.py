"""Collects what is wrong with a profile, each problem at the place where it was written."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from antiphon.errors import ProfileError
from antiphon.profile.locate import KeyPath


@frozen
class Place:
    """Where something was written.

    Attributes:
        label: ``file:line``, or ``--set key=value``.
        folder: what relative paths written there are relative to.
    """

    label: str
    folder: Path


@define
class Problems:
    """All problems found so far.

    Attributes:
        root: the place of a key that was written nowhere.
        places: of every key that was written.
    """

    root: Place
    places: dict[KeyPath, Place] = field(factory=dict)
    lines: list[str] = field(factory=list)

    def place(self, path: KeyPath) -> Place:
        """Where the key was written, or else the innermost table around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return self.root

    def add(self, path: KeyPath, message: str, place: Place | None = None) -> None:
        """Note a problem of the key at ``path``; told once, however often it is found."""
        parts = [(place or self.place(path)).label, dotted(path), " ".join(message.split())]
        line = ": ".join(part for part in parts if part)
        if line not in self.lines:
            self.lines.append(line)

    def __bool__(self) -> bool:
        return bool(self.lines)

    def raise_if_any(self) -> None:
        """Raise `ProfileError` with everything that was found."""
        if self.lines:
            raise ProfileError(self.lines)


def dotted(path: KeyPath) -> str:
    """A key path as ``--set`` takes it: ``features.0.options.floor_hz``."""
    return ".".join(_bare_or_quoted(str(part)) for part in path)


def _bare_or_quoted(key: str) -> str:
    bare = key and all(c.isascii() and (c.isalnum() or c in "_-") for c in key)
    return key if bare else repr(key)


def suggest(name: str, known: Iterable[str]) -> str:
    """``did you mean "x"?`` if a known name is close, else all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else f"known are {', '.join(names) or 'none'}"


def show(value: Any) -> str:
    """A value as TOML would write it, short enough for a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "an array"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
