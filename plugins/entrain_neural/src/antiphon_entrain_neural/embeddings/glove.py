"""Word vectors from a text file (Pennington, Socher and Manning 2014); unknown words have zeros."""

from __future__ import annotations

from itertools import islice

import numpy as np
import numpy.typing as npt
from antiphon.errors import ModelError
from antiphon.stages import Component, Setup

from antiphon_entrain_neural.embeddings.options import GloveOptions
from antiphon_entrain_neural.words import words_of

Vectors = npt.NDArray[np.float32]


class Glove(Component[GloveOptions]):
    """Reads the file once; sessions share its vectors."""

    def __init__(self, options: GloveOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self._rows, self._vectors = _read(options)

    def session(self, seed: int) -> Glove:
        return self

    def embed(self, text: str) -> Vectors:
        return self._vectors[[self._rows.get(word, -1) for word in words_of(text)]]


def _read(options: GloveOptions) -> tuple[dict[str, int], Vectors]:
    """The row of each word, and the vectors with zeros as their last row."""
    rows: dict[str, int] = {}
    vectors: list[Vectors] = []
    try:
        with options.path.open(encoding="utf-8") as file:
            for number, line in enumerate(islice(file, options.words), start=1):
                length = len(vectors[0]) if vectors else line.count(" ")
                word, *numbers = line.rstrip("\n").rsplit(" ", length)  # in some files words hold spaces
                vector = np.array(numbers, dtype=np.float32)
                if len(vector) != length or not length or not np.isfinite(vector).all():
                    raise ValueError(f"line {number} does not hold a word and {length or 'its'} numbers")
                if rows.setdefault(word.lower(), len(vectors)) == len(vectors):
                    vectors.append(vector)
    except (OSError, ValueError) as error:
        raise ModelError(f"{options.path}: these are no word vectors: {error}") from error
    if not vectors:
        raise ModelError(f"{options.path}: these are no word vectors: the file is empty")
    return rows, np.stack([*vectors, np.zeros_like(vectors[0])])
