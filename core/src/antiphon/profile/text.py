"""Strings of a profile, which know where relative paths in them start from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Text(str):
    """A string of a profile that knows the folder which a relative path in it starts from."""

    folder: Path

    def __new__(cls, value: str, folder: Path) -> Text:
        text = super().__new__(cls, value)
        text.folder = folder
        return text


def with_folder(value: Any, folder: Path) -> Any:
    if isinstance(value, str):
        return Text(value, folder)
    if isinstance(value, list):
        return [with_folder(item, folder) for item in value]
    if isinstance(value, Mapping):
        return {key: with_folder(item, folder) for key, item in value.items()}
    return value
