"""The texts of a corpus, each read once: rows of the vocabulary, or vectors of an embedding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag
from torch.nn.utils.rnn import pad_sequence

from antiphon_entrain_neural.embeddings.opening import CachedEmbedding
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.model.text import AttendedWords, AveragedWords
from antiphon_entrain_neural.words import Vocabulary, words_of


class TextBatch(NamedTuple):
    """The different texts of a batch, U of them.

    Attributes:
        lengths: words of each, shape ``(U,)``.
        words: of all texts one behind the other: rows of the vocabulary ``(N,)`` or vectors ``(N, dims)``; empty where
            the means are enough.
        means: mean vector of each text, ``(U, dims)``, where vectors are not learned.
    """

    lengths: Tensor
    words: Tensor
    means: Tensor


class Texts:
    """All texts of a corpus by number, number 0 being the empty one.

    Args:
        texts: may repeat.
        source: what makes numbers of words; None where no words are read.
        whole: whether the vectors of single words are needed, not only their mean.
    """

    def __init__(
        self, texts: Iterable[str], source: Vocabulary | CachedEmbedding | None, *, whole: bool = True
    ) -> None:
        self._numbers = {text: number for number, text in enumerate(dict.fromkeys(("", *texts)))}
        self._learned = isinstance(source, Vocabulary)
        words: list[npt.NDArray[np.int64] | npt.NDArray[np.float32]] = []
        means = []
        for text in self._numbers:
            if isinstance(source, Vocabulary):
                words.append(source.rows(text))
            elif source is not None:
                vectors = source.embed(text)
                means.append(vectors.mean(axis=0) if len(vectors) else np.zeros(source.dims, np.float32))
                words.append(vectors if whole else vectors[:, :0])
            else:
                words.append(np.zeros(len(words_of(text)), np.int64))
        self._words = [torch.from_numpy(np.ascontiguousarray(one)) for one in words]
        self._means = torch.from_numpy(np.stack(means)) if means else torch.zeros(len(words), 0)
        self._lengths = torch.tensor([len(one) for one in words])

    def numbers(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """The number of each text."""
        return np.array([self._numbers[text] for text in texts], dtype=np.int64)

    def batch(self, numbers: Tensor) -> tuple[TextBatch, Tensor]:
        """The different texts among ``numbers``, and for each number which of them it is."""
        different, which = torch.unique(numbers, return_inverse=True)
        words = torch.cat([self._words[number] for number in different.tolist()])
        return TextBatch(self._lengths[different], words, self._means[different]), which


class TextReader(nn.Module):
    """Reads the texts of a batch with the model's encoders, and holds the learned word vectors.

    Args:
        vectors: the table of learned word vectors, shape ``(words, dims)``; None where they are given.
    """

    def __init__(self, vectors: Tensor | None) -> None:
        super().__init__()
        self.vectors = None if vectors is None else nn.Parameter(vectors)

    @classmethod
    def of_size(cls, vocabulary: int | None, dims: int) -> TextReader:
        """With random vectors for the rows of a vocabulary; None where vectors are given."""
        return cls(None if vocabulary is None else torch.randn(vocabulary, dims) * dims**-0.5)

    def forward(self, model: StepModel, texts: TextBatch, *, of_next: bool) -> Tensor:
        """As `StepModel.read`, shape ``(U, text units)``."""
        reader = model.reader(model.text.next if of_next else model.text.history)
        if isinstance(reader, AveragedWords):
            read = reader.of_means(self._means(texts), texts.lengths)
        elif isinstance(reader, AttendedWords):
            read = reader(self._padded(texts, reader.dims), texts.lengths)
        else:
            read = reader(texts.means, texts.lengths)
        return model.with_length(read, texts.lengths, of_next=of_next)

    def _padded(self, texts: TextBatch, dims: int) -> Tensor:
        vectors = texts.words if self.vectors is None else self.vectors[texts.words]
        padded = pad_sequence(list(torch.split(vectors, texts.lengths.tolist())), batch_first=True)
        return padded if padded.shape[1] else padded.new_zeros(len(padded), 1, dims)

    def _means(self, texts: TextBatch) -> Tensor:
        if self.vectors is None:
            return texts.means
        offsets = texts.lengths.cumsum(0) - texts.lengths
        return embedding_bag(texts.words, self.vectors, offsets, mode="mean")
