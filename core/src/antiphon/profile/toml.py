"""TOML in and out: the parser, and single values as a profile or ``--set`` writes them."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]


def parse(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises:
        ValueError: it is not TOML; the message ends with the position, where the parser tells one.
    """
    try:
        return dict(tomllib.loads(text))
    except RecursionError:
        raise ValueError("values are nested too deeply") from None


def inline_table(table: Mapping[str, Any]) -> str:
    """A table in one line."""
    return "{" + ", ".join(f"{_text(key)} = {write_value(value)}" for key, value in table.items()) + "}"


def write_value(value: Any) -> str:
    """A string, number, boolean, array or table in one line; None as "none", and what TOML has not as a string."""
    if isinstance(value, Mapping):
        return inline_table(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(write_value, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return _text("none" if value is None else str(value))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # the one character that JSON leaves bare
