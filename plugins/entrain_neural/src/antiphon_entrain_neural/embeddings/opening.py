"""Opens the embedding that a configuration names, and remembers the vectors of texts it has seen."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import numpy.typing as npt
from antiphon.errors import ModelError
from antiphon.options import Selection
from antiphon.stages import Embedding, Setup

from antiphon_entrain_neural.checkpoint import Checkpoint
from antiphon_entrain_neural.words import Vocabulary

Vectors = npt.NDArray[np.float32]


class CachedEmbedding:
    """An embedding that computes the vectors of a text once, as long as it is among the latest ``size`` texts."""

    def __init__(self, session: Embedding, size: int = 100_000) -> None:
        self._session = session
        self._size = size
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self.dims = session.embed("").shape[1]

    def embed(self, text: str) -> Vectors:
        """Word vectors of a text, shape ``(words, dims)``, float32.

        Raises:
            ModelError: the embedding gives something else.
        """
        if text in self._known:
            self._known.move_to_end(text)
            return self._known[text]
        vectors = self._session.embed(text)
        if vectors.ndim != 2 or vectors.shape[1] != self.dims or vectors.dtype != np.float32:
            raise ModelError(f"the embedding gives {vectors.dtype} of shape {vectors.shape}, not (words, {self.dims})")
        self._known[text] = vectors
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        return vectors


def open_embedding(selection: Selection) -> CachedEmbedding:
    """The embedding that was chosen, opened for one user."""
    component = selection.provider.open(selection.options, Setup())
    return CachedEmbedding(component.session(0))


def text_source(checkpoint: Checkpoint) -> Vocabulary | CachedEmbedding | None:
    """Where a model's word vectors come from: its own vocabulary, an embedding, or nowhere.

    Raises:
        ModelError: the embedding is another than it was trained with.
    """
    card = checkpoint.card
    embedding = card.config.text.embedding
    if not card.dims or not isinstance(embedding, Selection):
        return checkpoint.vocabulary
    opened = open_embedding(embedding)
    if opened.dims != card.dims:
        raise ModelError(
            f'the embedding "{embedding.name}" has {opened.dims} numbers a word, the model was trained with '
            f"{card.dims}; install the same one"
        )
    return opened
