"""Single values, taken as they are written or refused with what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from antiphon.profile.locate import KeyPath
from antiphon.profile.problems import show, suggest
from antiphon.profile.types import name_type

NONE = "none"
"""How a profile writes None, which TOML has not, where an option may be None."""

BUILTIN = "builtin:"
"""Paths that begin so name something inside a package."""


class Wrong(Exception):
    """Values are wrong: for each the path from the structured value to the culprit, and what would be right."""

    def __init__(self, *problems: tuple[KeyPath, str]) -> None:
        self.problems = problems
        super().__init__("; ".join(message for _, message in problems))

    def under(self, *path: str | int) -> Wrong:
        """The same problems, seen from further out."""
        return Wrong(*(((*path, *inner), message) for inner, message in self.problems))


def plain(value: Any) -> Any:
    """A value without the folders that its strings know."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def refuse(value: Any, type_: Any) -> Wrong:
    """The error that says what the value must be."""
    return Wrong(((), f"must be {name_type(type_)}, not {show(value)}"))


def exactly(value: Any, type_: Any) -> Any:
    """A boolean, integer or text of just this type: true is no integer here, and "5" is no number."""
    if isinstance(value, type_) and isinstance(value, bool) == (type_ is bool):
        return type_(value)
    raise refuse(value, type_)


def number(value: Any, type_: Any) -> float:
    """An integer or a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise Wrong(((), "the number is too large")) from None
    raise refuse(value, type_)


def absolute_path(value: Any, folder: Path) -> Path:
    """A path from where it was written, else from ``folder``; what is inside a package stays as it is."""
    if not isinstance(value, str):
        raise refuse(value, Path)
    if not value or "\0" in value:
        raise Wrong(((), f"must be a path, not {show(value)}"))
    if value.startswith(BUILTIN):
        return Path(value)
    try:
        return Path(getattr(value, "folder", folder)) / Path(value).expanduser()
    except RuntimeError as error:  # no such home folder
        raise Wrong(((), f"{value}: {error}")) from None


def literal(value: Any, type_: Any) -> Any:
    """One of the choices of a ``Literal``."""
    choices = get_args(type_)
    for choice in choices:
        if value == choice and isinstance(value, type(choice)) and isinstance(value, bool) == isinstance(choice, bool):
            return choice
    names = [choice for choice in choices if isinstance(choice, str)]
    hint = f"; {suggest(value, names)}" if isinstance(value, str) and len(names) > 2 else ""
    raise Wrong(((), f"must be {name_type(type_)}, not {show(value)}{hint}"))
