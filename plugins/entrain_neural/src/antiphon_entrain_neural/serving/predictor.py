"""A trained model as a `antiphon_entrain_neural.predictor.Predictor`, on ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from antiphon.errors import ModelError

from antiphon_entrain_neural.checkpoint import Checkpoint, parse_json
from antiphon_entrain_neural.conversation import Array, Turn
from antiphon_entrain_neural.embeddings.opening import CachedEmbedding, text_source
from antiphon_entrain_neural.predictor import Predicted
from antiphon_entrain_neural.serving.onnx import OnnxRuntime
from antiphon_entrain_neural.serving.sidecar import (
    OBSERVE,
    PREDICT,
    SIDECAR,
    Sidecar,
    Values,
    Words,
    sidecar_from_tables,
)
from antiphon_entrain_neural.serving.steps import Runtime, Steps, verify
from antiphon_entrain_neural.words import Vocabulary

TextSource = Vocabulary | CachedEmbedding | None


class OnnxPredictor:
    """The step functions that lie in a checkpoint; opening it replays their golden steps.

    Raises:
        ModelError: the checkpoint has none, or they are damaged.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        where = checkpoint.folder / SIDECAR
        if not checkpoint.has(SIDECAR):
            raise ModelError(
                f"{checkpoint.folder}: the checkpoint has no ONNX step functions; add them with "
                "antiphon entrain export (it needs pip install 'antiphon-entrain-neural[train]')"
            )
        self.name = checkpoint.card.name
        self.features = checkpoint.feature_names
        self.sidecar = read_sidecar(checkpoint.read(SIDECAR), where)
        if self.sidecar.features != checkpoint.card.features:
            raise ModelError(f"{where}: it is of other features than the card; export the model again")
        self._source = text_source(checkpoint)
        if not _readable(self.sidecar.words, self._source):
            raise ModelError(f"{where}: it reads other words than the checkpoint has; export the model again")
        self.runtime: Runtime = OnnxRuntime(self.sidecar, checkpoint.read, where)
        verify(self.runtime, self.sidecar, where)

    def session(self) -> OnnxSession:
        return OnnxSession(self.runtime, self.sidecar, self._source)


class OnnxSession:
    """One conversation."""

    def __init__(self, runtime: Runtime, sidecar: Sidecar, source: TextSource) -> None:
        self._steps = Steps(runtime, sidecar)
        self._sidecar = sidecar
        self._source = source

    def predict(self, text: str) -> Predicted:
        """Our next turn; ``extras["attention"]`` are the weights of the history's slots (`in_order` sorts them)."""
        inputs = {"is_us": np.ones(1, np.float32), **self._words(PREDICT, text)}
        made = self._steps(PREDICT, inputs)
        weights = made.get("attention", np.zeros((1, 0, self._sidecar.history_turns), np.float32))
        return Predicted(made["z"][0], {"attention": weights[0]})

    def observe(self, turn: Turn) -> None:
        inputs = {
            "z": turn.z[None],
            "valid": turn.valid[None].astype(np.float32),
            "is_us": np.array([turn.is_us], np.float32),
            **self._words(OBSERVE, turn.text),
        }
        self._steps(OBSERVE, inputs)

    def _words(self, function: str, text: str) -> dict[str, Values]:
        """A text as the step function reads it: never empty, for the length says how much of it counts."""
        if self._source is None or "words" not in self._sidecar.functions[function].inputs:
            return {}
        if isinstance(self._source, Vocabulary):
            words: Values = self._source.rows(text)
            padding: Values = np.zeros(1, np.int64)
        else:
            words = self._source.embed(text)
            padding = np.zeros((1, self._source.dims), np.float32)
        return {"words": words if len(words) else padding, "length": np.array([len(words)], np.int64)}


def _readable(words: Words | None, source: TextSource) -> bool:
    """Whether what a text is made of is what the step functions read."""
    if words is None:
        return True
    if isinstance(source, Vocabulary):
        return words.kind == "rows" and words.count == len(source)
    return source is not None and words.kind == "vectors" and words.dims == source.dims


def read_sidecar(data: bytes, where: Path) -> Sidecar:
    """A sidecar from its file.

    Raises:
        ModelError: it is none.
    """
    return parse_json(where, data, sidecar_from_tables)


def in_order(weights: Array, turns: int) -> Array:
    """Attention weights of a ring buffer, shape ``(heads, H)``, from the oldest turn to the latest.

    Args:
        weights: the turn number n, from 0, is in column n modulo H.
        turns: how many there were.
    """
    size = weights.shape[-1]
    if turns <= size:
        return weights[:, :turns]
    return np.roll(weights, -(turns % size), axis=-1)
