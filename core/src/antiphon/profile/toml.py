"""The TOML parser: the standard library's, or `tomli` where that has none (Python 3.10)."""

from __future__ import annotations

import json
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
    """A table in one line, as ``--set`` takes it; for strings, numbers, booleans and tables of them."""
    return "{" + ", ".join(f"{_scalar(key)} = {_value(value)}" for key, value in table.items()) + "}"


def _value(value: Any) -> str:
    return inline_table(value) if isinstance(value, Mapping) else _scalar(value)


def _scalar(value: str | bool | int | float) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # the one character that JSON leaves bare
