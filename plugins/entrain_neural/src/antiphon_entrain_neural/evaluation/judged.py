"""What is judged: our measured turns, with where they stand in their conversation and how long they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from attrs import frozen

from antiphon_entrain_neural.conversation import Array, Conversation
from antiphon_entrain_neural.words import words_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

BACKCHANNEL_WORDS = 2
"""A turn of at most so many words is counted as a backchannel."""

POSITIONS: Mapping[str, tuple[int, int]] = {
    "1": (1, 1),
    "2": (2, 2),
    "3-5": (3, 5),
    "6-10": (6, 10),
    "11-20": (11, 20),
    ">20": (21, 1 << 60),
}
"""Bins of the position of a turn among our turns of a conversation, counted from 1."""


@frozen(eq=False)
class Judged:
    """Our turns of some conversations, N of them, copied so that nothing a predictor does can change them.

    Attributes:
        features: names of the F columns.
        conversations: names, each once, however many points of view there are.
        truth: shape ``(N, F)``, NaN where missing.
        conversation: which conversation a turn is of, ``(N,)``; conversations are the independent units.
        speaker: which speaker in which conversation, ``(N,)``.
        position: among our turns of the conversation, from 1, ``(N,)``.
        words: of the turn, ``(N,)``.
    """

    features: tuple[str, ...]
    conversations: tuple[str, ...]
    truth: Floats
    conversation: Ints
    speaker: Ints
    position: Ints
    words: Ints

    @classmethod
    def of(cls, conversations: Sequence[Conversation]) -> Judged:
        """Our turns of these conversations, in order."""
        names = tuple(dict.fromkeys(c.name for c in conversations))
        number = {name: index for index, name in enumerate(names)}
        counts = [int(c.is_us.sum()) for c in conversations]
        truth = our_turns(conversations, [np.where(c.valid, c.z, np.float32(np.nan)) for c in conversations])
        texts = (text for c in conversations for text, ours in zip(c.texts, c.is_us, strict=True) if ours)
        return cls(
            conversations[0].features if conversations else (),
            names,
            truth,
            np.repeat(np.array([number[c.name] for c in conversations], np.intp), counts),
            np.repeat(np.arange(len(conversations)), counts),
            np.concatenate([np.arange(1, count + 1) for count in counts] or [np.zeros(0, np.intp)]),
            np.array([word_count(text) for text in texts], np.intp),
        )

    def slices(self) -> Iterator[tuple[str, Bools]]:
        """The turns as they are reported: all, by position, by length; with what is in each, shape ``(N,)``."""
        yield "all", np.ones(len(self.position), bool)
        for name, (first, last) in POSITIONS.items():
            yield f"position {name}", (self.position >= first) & (self.position <= last)
        short = self.words <= BACKCHANNEL_WORDS
        yield f"at most {BACKCHANNEL_WORDS} words", short
        yield f"more than {BACKCHANNEL_WORDS} words", ~short


def our_turns(conversations: Sequence[Conversation], values: Sequence[Array]) -> Floats:
    """Rows of our turns, of all conversations one behind the other, shape ``(N, F)``."""
    rows = [of.astype(np.float64)[c.is_us] for c, of in zip(conversations, values, strict=True)]
    return np.concatenate(rows) if rows else np.zeros((0, 0))


def word_count(text: str) -> int:
    """Words of a text in any script, punctuation marks left out."""
    return sum(word[0].isalnum() for word in words_of(text))
