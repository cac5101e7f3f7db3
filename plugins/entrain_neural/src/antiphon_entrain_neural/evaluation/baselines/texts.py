"""A turn's text as numbers for linear models: its length, its frequent words, and word vectors if any."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
from attrs import field, frozen

from antiphon_entrain_neural.conversation import Array
from antiphon_entrain_neural.evaluation.judged import word_count
from antiphon_entrain_neural.words import Vocabulary

KNOTS = (0, 1, 2, 4, 8, 16, 32)
"""Words at which the effect of length, linear in its logarithm, may bend."""

FREQUENT = 100
"""How many words are told apart."""

MIN_COUNT = 10

WordVectors = Callable[[str], Array]
"""Word vectors of a text, shape ``(words, dims)``."""


@frozen(slots=False)
class TextNumbers:
    """Numbers of a text.

    Attributes:
        frequent: words whose share in a text is told.
        vectors: of words, whose mean is told; None where there are none.
    """

    frequent: Vocabulary
    vectors: WordVectors | None = None
    _known: dict[str, Array] = field(factory=dict, init=False, repr=False, eq=False)

    @classmethod
    def of(cls, texts: Iterable[str], vectors: WordVectors | None = None) -> TextNumbers:
        """Numbers for these training texts and any others."""
        return cls(Vocabulary.of(texts, size=FREQUENT, min_count=MIN_COUNT), vectors)

    @cached_property
    def size(self) -> int:
        """How many numbers there are."""
        return len(self(""))

    def __call__(self, text: str) -> Array:
        """Shape ``(size,)``, float32."""
        if text not in self._known:
            self._known[text] = self._numbers(text)
        return self._known[text]

    def _numbers(self, text: str) -> Array:
        length = math.log1p(word_count(text))
        parts = [np.array([max(0.0, length - math.log1p(knot)) for knot in KNOTS])]
        rows = self.frequent.rows(text)
        parts.append(np.bincount(rows, minlength=len(self.frequent))[1:] / max(len(rows), 1))
        if self.vectors is not None:
            words = self.vectors(text)
            parts.append(words.mean(axis=0) if len(words) else np.zeros(words.shape[1]))
        return np.concatenate(parts).astype(np.float32)
