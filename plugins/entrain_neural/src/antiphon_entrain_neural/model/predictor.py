"""A trained model as a `Predictor`, in PyTorch; the strategy's counterpart runs without."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from antiphon.errors import ModelError
from antiphon.options import Selection
from torch import Tensor

from antiphon_entrain_neural.checkpoint import WEIGHTS, Checkpoint
from antiphon_entrain_neural.conversation import Turn
from antiphon_entrain_neural.embeddings.opening import CachedEmbedding, open_embedding
from antiphon_entrain_neural.model.state import Spoken
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.predictor import Predicted
from antiphon_entrain_neural.words import Vocabulary

VECTORS = "vectors"
"""The name, among the weights, of the table of learned word vectors, shape ``(words, dims)``."""


def load_model(checkpoint: Checkpoint) -> tuple[StepModel, Tensor | None]:
    """The model of a checkpoint, ready to predict, and its table of learned word vectors, if it has one.

    Raises:
        ModelError: the weights are not those of the model that the card describes.
    """
    card = checkpoint.card
    weights = {name: torch.from_numpy(value) for name, value in checkpoint.weights().items()}
    vectors = weights.pop(VECTORS, None)
    model = StepModel(len(card.features), card.dims, card.config.model, card.config.text)
    try:
        model.load_state_dict(weights)
        if checkpoint.vocabulary is not None and (
            vectors is None or vectors.shape != (len(checkpoint.vocabulary), card.dims)
        ):
            raise RuntimeError("the table of word vectors does not fit the vocabulary")
    except RuntimeError as error:
        message = " ".join(str(error).split())
        raise ModelError(
            f"{checkpoint.folder / WEIGHTS}: it does not fit the configuration in the card: {message}"
        ) from error
    return model.eval(), vectors


class TextVectors:
    """Word vectors of texts, as the model reads them: learned ones of the vocabulary, or an embedding's."""

    def __init__(self, checkpoint: Checkpoint, learned: np.ndarray[Any, Any] | None) -> None:
        self._vocabulary: Vocabulary | None = checkpoint.vocabulary
        self._learned = learned
        self._embedding: CachedEmbedding | None = None
        embedding = checkpoint.card.config.text.embedding
        if isinstance(embedding, Selection) and checkpoint.card.dims:
            self._embedding = open_embedding(embedding)
            if self._embedding.dims != checkpoint.card.dims:
                raise ModelError(
                    f'the embedding "{embedding.name}" has {self._embedding.dims} numbers a word, '
                    f"the model was trained with {checkpoint.card.dims}; install the same one"
                )

    def of(self, text: str) -> np.ndarray[Any, Any]:
        """Shape ``(words, dims)``, float32."""
        if self._embedding is not None:
            return self._embedding.embed(text)
        if self._learned is None or self._vocabulary is None:
            return np.zeros((0, 0), np.float32)
        vectors: np.ndarray[Any, Any] = self._learned[self._vocabulary.rows(text)]
        return vectors


class NeuralPredictor:
    """A trained model, turn by turn."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.name = checkpoint.card.name
        self.features = checkpoint.feature_names
        self.model, vectors = load_model(checkpoint)
        self.texts = TextVectors(checkpoint, None if vectors is None else vectors.numpy())

    def session(self) -> NeuralSession:
        return NeuralSession(self.model, self.texts)


class NeuralSession:
    """One conversation."""

    def __init__(self, model: StepModel, texts: TextVectors) -> None:
        self._model = model
        self._texts = texts
        self._state = model.start(1)

    @torch.inference_mode()
    def predict(self, text: str) -> Predicted:
        prediction, self._state = self._model.predict(torch.ones(1), self._read(text, of_next=True), self._state)
        return Predicted(prediction.z[0].numpy(), {"attention": prediction.attention[0].numpy()})

    @torch.inference_mode()
    def observe(self, turn: Turn) -> None:
        z, valid = torch.from_numpy(turn.z).unsqueeze(0), torch.from_numpy(turn.valid).float().unsqueeze(0)
        text = self._read(turn.text, of_next=False)
        self._state = self._model.observe(Spoken(z, valid, torch.tensor([float(turn.is_us)]), text), self._state)

    def _read(self, text: str, *, of_next: bool) -> Tensor:
        vectors = torch.from_numpy(self._texts.of(text))
        padded = vectors if len(vectors) else vectors.new_zeros(1, vectors.shape[1])
        return self._model.read(padded.unsqueeze(0), torch.tensor([len(vectors)]), of_next=of_next)
