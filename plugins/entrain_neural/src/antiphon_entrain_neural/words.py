"""Words of a text, and the vocabulary of a model that learned vectors for them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt
from attrs import frozen

_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


def words_of(text: str) -> list[str]:
    """The words and punctuation marks of a text in any script, in lower case (NFKC)."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "'"))


@frozen
class Vocabulary:
    """Words that have a vector; row 0 of the table of vectors is that of all other words.

    Attributes:
        words: rows 1, 2, ... of the table.
    """

    words: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str], *, size: int, min_count: int) -> Vocabulary:
        """The most frequent words of some texts; ties in the order of the alphabet."""
        counts = Counter(word for text in texts for word in words_of(text))
        frequent = sorted((word for word in counts if counts[word] >= min_count), key=lambda w: (-counts[w], w))
        return cls(tuple(frequent[:size]))

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {word: row for row, word in enumerate(self.words, start=1)}

    def __len__(self) -> int:
        """Rows of the table."""
        return len(self.words) + 1

    def rows(self, text: str) -> npt.NDArray[np.int64]:
        """The row of each word of a text."""
        return np.array([self._rows.get(word, 0) for word in words_of(text)], dtype=np.int64)
