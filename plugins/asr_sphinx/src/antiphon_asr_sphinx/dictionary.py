"""Syllables by the CMU Pronouncing Dictionary, as pocketsphinx's wheel carries it; pocketsphinx is not imported."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from antiphon.errors import ModelError

_VOWELS = (" A", " E", " I", " O", " U")
"""How the ARPAbet's vowels begin, and none of its consonants: every syllable has exactly one vowel."""


@lru_cache(maxsize=1)
def syllables_by_word() -> Mapping[str, int]:
    """Lower-case word to the number of vowels of its first pronunciation; read once a process.

    Raises:
        ModelError: pocketsphinx is not installed, or without its dictionary.
    """
    return parse(_path().read_text("utf-8"))


def parse(text: str) -> dict[str, int]:
    """Lines of a word and its phones; further pronunciations are written ``word(2)`` and left out.

    A word without vowels ("hmm") is a syllable all the same.
    """
    counts: dict[str, int] = {}
    for line in text.splitlines():
        word, _, phones = line.partition(" ")
        if phones and word[-1:] != ")":
            phones = f" {phones}"
            counts[word] = max(1, sum(map(phones.count, _VOWELS)))
    return counts


def _path() -> Path:
    spec = importlib.util.find_spec("pocketsphinx")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "model" / "en-us" / "cmudict-en-us.dict"
        if path.is_file():
            return path
    raise ModelError("the dictionary of the package pocketsphinx is missing; reinstall it: pip install pocketsphinx")
