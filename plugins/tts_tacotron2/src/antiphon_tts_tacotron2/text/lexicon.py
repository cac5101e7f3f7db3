"""Pronunciations of English words: the CMU Pronouncing Dictionary, and letter-to-sound rules for all others.

The dictionary (BSD-2-Clause) comes with this package, so that a voice reads a text in training and in any installation
alike. It is searched as sorted text: to build a table of its 125,000 words would take longer than a sentence does.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from antiphon_tts_tacotron2.text.letter_to_sound import by_spelling

_FILE = Path(__file__).parent / "data" / "cmudict.txt.gz"


@lru_cache(maxsize=1)
def _dictionary() -> bytes:
    """Lines of ``word phones``, sorted by word, each ended by a newline."""
    return gzip.decompress(_FILE.read_bytes())


def in_dictionary(word: str) -> tuple[str, ...] | None:
    """The first pronunciation of a lower-case word, or None."""
    text, wanted = _dictionary(), word.encode()
    low, high = 0, len(text)
    while low < high:  # low and high are always at the start of a line
        start = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = text.index(b"\n", start)
        found, _, phones = text[start:end].partition(b" ")
        if found == wanted:
            return tuple(phones.decode("ascii").split())
        if found < wanted:
            low = end + 1
        else:
            high = start
    return None


@lru_cache(maxsize=4096)
def pronounce(word: str) -> tuple[str, ...]:
    """The phonemes of a word of the letters a to z and apostrophes."""
    known = in_dictionary(word)
    if known is not None:
        return known
    stem, apostrophe, ending = word.rpartition("'")
    if apostrophe and stem:
        return _with_ending(pronounce(stem), ending)
    return by_spelling(word.replace("'", ""))


_ENDINGS = {"d": ("D",), "ll": ("AH0", "L"), "m": ("M",), "re": ("R",), "t": ("T",), "ve": ("V",)}


def _with_ending(stem: tuple[str, ...], ending: str) -> tuple[str, ...]:
    if ending == "s":
        if stem and stem[-1] in {"S", "Z", "SH", "ZH", "CH", "JH"}:
            return (*stem, "IH0", "Z")
        return (*stem, "S" if stem and stem[-1] in {"P", "T", "K", "F", "TH"} else "Z")
    return (*stem, *(_ENDINGS.get(ending) or (by_spelling(ending) if ending else ())))
