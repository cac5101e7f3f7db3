"""The strategy ``neural``: the agent's voice is asked for what a trained model predicts of our next turn."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
from antiphon.errors import PipelineError
from antiphon.features import Measurements
from antiphon.normalization import CausalNormalizer
from antiphon.payloads import Observation, Reply, Target, VoiceCard
from antiphon.stages import Component, Setup
from attrs import frozen

from antiphon_entrain_neural.checkpoint import Checkpoint
from antiphon_entrain_neural.conversation import Array, Perspective, Turn
from antiphon_entrain_neural.predictor import Session
from antiphon_entrain_neural.scales import FixedScale
from antiphon_entrain_neural.serving.check import live_checkpoint, not_in_z
from antiphon_entrain_neural.serving.options import NeuralOptions
from antiphon_entrain_neural.serving.predictor import OnnxPredictor, in_order

DIGITS = 4
"""Of attention weights in the record."""

Told = Literal["realised", "predicted"]


class Neural(Component[NeuralOptions]):
    """Opens the checkpoint once.

    Raises:
        ModelError: the checkpoint cannot be used, or means something else by a feature than the voice.
        PipelineError: targets would not be z-scores.
    """

    def __init__(self, options: NeuralOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self._checkpoint = live_checkpoint(options.checkpoint)
        self._heard = frozenset(spec.name for spec in options.heard(self._checkpoint))
        if problem := not_in_z(self._checkpoint.feature_names, setup.specs):
            raise PipelineError(f"strategy neural: {problem}")
        self._voice = FixedScale.of_voice(setup.voice or VoiceCard("none", 0), self._checkpoint.card.features)
        self.predictor = OnnxPredictor(self._checkpoint)

    def session(self, seed: int) -> NeuralSession:
        return NeuralSession(
            live_perspective(self._checkpoint, self._voice),
            self.predictor.session(),
            self._checkpoint.feature_names,
            heard=self._heard,
            settable=self.setup.specs.keys(),
            own_turns=self.options.own_turns,
        )


def live_perspective(checkpoint: Checkpoint, voice: FixedScale) -> Perspective:
    """A dialogue as the model was trained to see conversations: our voice is known, the partner a stranger."""
    memory = checkpoint.card.config.data.memory_turns
    return Perspective(checkpoint.card.features, voice, lambda: CausalNormalizer(checkpoint.prior, memory_turns=memory))


@frozen
class _Proposed:
    """A turn of ours that is about to be spoken."""

    text: str
    z: Array


class NeuralSession:
    """One conversation.

    Args:
        perspective: makes turns of what was measured.
        model: in this conversation.
        features: what the model predicts, in order.
        heard: features that the model is told.
        settable: features that may be asked for.
        own_turns: what the model is told of our turns; one of which nothing could be measured is told as predicted.
    """

    def __init__(
        self,
        perspective: Perspective,
        model: Session,
        features: Collection[str],
        *,
        heard: Collection[str],
        settable: Collection[str],
        own_turns: Told,
    ) -> None:
        self._perspective = perspective
        self._model = model
        self._features = features
        self._heard = heard
        self._settable = settable
        self._own_turns = own_turns
        self._proposed: _Proposed | None = None
        self._turns = 0
        self._told: dict[Told, int] = {"realised": 0, "predicted": 0}

    def observe(self, observation: Observation) -> None:
        self._end_proposed()
        measured = self._limited(observation.features)
        self._turns += 1
        self._model.observe(self._perspective.partner(measured, observation.text, observation.duration_s))

    def propose(self, reply: Reply) -> Target:
        self._end_proposed()
        predicted = self._model.predict(reply.text)
        self._proposed = _Proposed(reply.text, predicted.z)
        z = dict(zip(self._features, predicted.z.tolist(), strict=True))
        extras = {
            "attention": np.round(in_order(predicted.extras["attention"], self._turns).astype(float), DIGITS).tolist(),
            "predicted": z,
            "own_turns": dict(self._told),
        }
        return Target({name: value for name, value in z.items() if name in self._settable}, extras)

    def realised(self, observation: Observation) -> None:
        measured = self._limited(observation.features)
        self._tell(self._perspective.us(measured, observation.text, observation.duration_s))

    def _end_proposed(self) -> None:
        """A turn of ours of which nobody said how it was: it was as predicted."""
        if self._proposed is not None:
            self._tell(self._perspective.us({}, self._proposed.text))

    def _tell(self, turn: Turn) -> None:
        """Tell the model of our turn."""
        told: Told = "realised"
        if self._proposed is not None and (self._own_turns == "predicted" or not turn.valid.any()):
            turn, told = turn.with_z(self._proposed.z), "predicted"
        self._proposed = None
        self._told[told] += 1
        self._turns += 1
        self._model.observe(turn)

    def _limited(self, features: Measurements) -> Measurements:
        return {name: measured for name, measured in features.items() if name in self._heard}
