"""A trained model as a `Predictor`, in PyTorch; the strategy's counterpart runs without."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from antiphon.errors import ModelError
from torch import Tensor

from antiphon_entrain_neural.checkpoint import WEIGHTS, Checkpoint
from antiphon_entrain_neural.conversation import Array, Conversation, Turn
from antiphon_entrain_neural.embeddings.opening import CachedEmbedding, text_source
from antiphon_entrain_neural.model.state import Spoken
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.predictor import Predicted
from antiphon_entrain_neural.words import Vocabulary

VECTORS = "vectors"
"""The name, among the weights, of the table of learned word vectors, shape ``(words, dims)``."""

BATCH = 64
"""Conversations that are predicted at once."""


def load_model(checkpoint: Checkpoint) -> tuple[StepModel, Tensor | None]:
    """The model of a checkpoint, ready to predict, and its table of learned word vectors, if it has one.

    Raises:
        ModelError: the weights are not those of the model that the card describes.
    """
    card = checkpoint.card
    weights = {name: torch.from_numpy(value) for name, value in checkpoint.weights().items()}
    vectors = weights.pop(VECTORS, None)
    with torch.device("meta"):  # no memory for what a card may claim
        model = StepModel(len(card.features), card.dims, card.config.model, card.config.text)
    try:
        model.load_state_dict(weights, assign=True)
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
    """Word vectors of texts, as the model reads them.

    Args:
        source: as `text_source`.
        learned: the table of vectors that belongs to a vocabulary, shape ``(words, dims)``.
    """

    def __init__(self, source: Vocabulary | CachedEmbedding | None, learned: Array | None) -> None:
        self._source, self._learned = source, learned

    def of(self, text: str) -> Array:
        """Shape ``(words, dims)``, float32."""
        if isinstance(self._source, CachedEmbedding):
            return self._source.embed(text)
        if self._source is None or self._learned is None:
            return np.zeros((0, 0), np.float32)
        vectors: Array = self._learned[self._source.rows(text)]
        return vectors


class NeuralPredictor:
    """A trained model, turn by turn."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.name = checkpoint.card.name
        self.features = checkpoint.feature_names
        self.model, self._vectors = load_model(checkpoint)
        self._source = text_source(checkpoint)
        self.words = TextVectors(self._source, None if self._vectors is None else self._vectors.numpy())

    def session(self) -> NeuralSession:
        return NeuralSession(self.model, self.words)

    @torch.inference_mode()
    def predict_all(self, conversations: Sequence[Conversation], *, free_running: bool) -> list[Array]:
        """As `antiphon_entrain_neural.predictor.predict`, of many conversations at once."""
        from antiphon_entrain_neural.training.batches import Conversations, LikeTogether
        from antiphon_entrain_neural.training.texts import TextReader, Texts
        from antiphon_entrain_neural.training.unroll import unroll

        data = Conversations(conversations, Texts((t for c in conversations for t in c.texts), self._source))
        reader = TextReader(self._vectors)
        found: dict[int, Array] = {}
        for indices in LikeTogether(conversations, BATCH):
            batch = data.collate(indices)
            predicted = unroll(self.model, reader, batch, truth=0.0 if free_running else 1.0).numpy()
            for row, index in enumerate(indices):
                conversation = conversations[index]
                ours = conversation.is_us[:, None]
                found[index] = np.where(ours, predicted[row, : len(conversation)], np.float32(np.nan))
        return [found[index] for index in range(len(conversations))]


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
