"""From any text to the numbers that a model reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import field, frozen

from antiphon_tts_tacotron2.text.lexicon import pronounce
from antiphon_tts_tacotron2.text.symbols import END, PAD, PAUSES, PHONEMES, WORD_BOUNDARY
from antiphon_tts_tacotron2.text.written import spoken

Kind = Literal["phonemes", "characters"]

CHARACTERS: tuple[str, ...] = (PAD, END, WORD_BOUNDARY, *PAUSES, *"'abcdefghijklmnopqrstuvwxyz")
"""What a model of characters reads."""


@frozen
class FrontEnd:
    """Reads texts for a model of phonemes or of characters; a voice's card holds its fields."""

    kind: Kind = "phonemes"
    symbols: tuple[str, ...] = field(converter=tuple)

    @symbols.default
    def _all_of_kind(self) -> tuple[str, ...]:
        return PHONEMES if self.kind == "phonemes" else CHARACTERS

    def read(self, text: str) -> tuple[str, ...]:
        """The symbols of a text, closed by `END`; empty if there is nothing to say."""
        words = spoken(text).split()
        if not words:
            return ()
        if words[-1][-1] not in PAUSES:
            words[-1] += "."
        read: list[str] = []
        for word in words:
            letters = word.rstrip("".join(PAUSES))
            read.extend(pronounce(letters) if self.kind == "phonemes" else letters)
            read.extend(word[len(letters) :])
            read.append(WORD_BOUNDARY)
        read[-1] = END
        return tuple(read)

    def encode(self, symbols: Sequence[str]) -> list[int]:
        """Indices of symbols; 0 is padding."""
        return [self.symbols.index(symbol) for symbol in symbols]
