"""Pronunciations of words that no dictionary has, by rules learned from the dictionary.

Every letter has a table of contexts: which phonemes it stands for between which letters. The widest context that the
table knows decides (`tools/learn_letters.py` in this package's repository folder makes the table).
"""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "letters.json.gz"

WIDTHS = ((3, 3), (2, 3), (3, 2), (2, 2), (1, 2), (2, 1), (1, 1), (0, 1), (1, 0), (0, 0))
"""Contexts from the widest: letters before and behind."""


def context(padded: str, at: int, before: int, behind: int) -> str:
    """The key of a context in the table; a word's ends are marked by ``#``."""
    return f"{padded[at - before : at]}({padded[at]}){padded[at + 1 : at + 1 + behind]}"


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    table: dict[str, str] = json.loads(gzip.decompress(_FILE.read_bytes()))
    return table


def by_spelling(word: str) -> tuple[str, ...]:
    """The phonemes of a lower-case word of the letters a to z."""
    table = _table()
    padded = f"###{word}###"
    phonemes: list[str] = []
    for at in range(3, len(word) + 3):
        keys = (context(padded, at, before, behind) for before, behind in WIDTHS)
        phonemes.extend(next(table[key] for key in keys if key in table).split())
    return tuple(phonemes)
