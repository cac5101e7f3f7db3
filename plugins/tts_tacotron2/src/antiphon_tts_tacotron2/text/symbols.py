"""The symbols that a model reads: ARPAbet phonemes with stress, pauses, and marks of structure."""

from __future__ import annotations

_CONSONANTS = (
    "B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P",
    "R", "S", "SH", "T", "TH", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip
_VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")

PAD = "<pad>"
WORD_BOUNDARY = " "
PAUSES = (",", ".", "?", "!")
"""A comma stands for all pauses within a sentence, the others for the kinds of its end."""
END = "<end>"

PHONEMES: tuple[str, ...] = (
    PAD,
    END,
    WORD_BOUNDARY,
    *PAUSES,
    *_CONSONANTS,
    *(f"{vowel}{stress}" for vowel in _VOWELS for stress in (0, 1)),
)
"""Of secondary stress nothing is left: its vowels are full like those of primary stress, and rarer."""


def is_vowel(symbol: str) -> bool:
    return symbol[-1:] in "01" and symbol[:-1] in _VOWELS
