"""Predictors that hear nobody."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from antiphon_entrain_neural.conversation import Array, Conversation, Turn
from antiphon_entrain_neural.evaluation.judged import Floats, our_turns
from antiphon_entrain_neural.predictor import Predicted

HALVINGS = 60
"""Steps of the search for a constant: from an interval of 8 standard deviations down to rounding."""


@frozen(eq=False)
class Constant:
    """Always the same; it is its own session, for there is nothing to remember."""

    name: str
    features: tuple[str, ...]
    z: Array

    @classmethod
    def zero(cls, name: str, features: tuple[str, ...]) -> Constant:
        """The speaker's own mean, as far as the scale knows it."""
        return cls(name, features, np.zeros(len(features), np.float32))

    @classmethod
    def best(cls, name: str, train: Sequence[Conversation]) -> Constant:
        """The constant with the least smooth L1 in training, per feature."""
        truth = our_turns(train, [np.where(c.valid, c.z, np.float32(np.nan)) for c in train])
        return cls(name, train[0].features, least_smooth_l1(truth).astype(np.float32))

    def session(self) -> Constant:
        return self

    def predict(self, text: str) -> Predicted:
        return Predicted(self.z)

    def observe(self, turn: Turn) -> None:
        pass


def least_smooth_l1(values: Floats) -> Floats:
    """The constant with the least mean smooth L1 to each column, NaN left out; 0 for a column of nothing else.

    It is where the sum of errors, each at most 1 either way, is 0; that sum falls with the constant.
    """
    low, high = np.full(values.shape[1], -4.0), np.full(values.shape[1], 4.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        rising = np.nansum(np.clip(values - middle, -1, 1), axis=0) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return np.where(np.isnan(values).all(axis=0), 0.0, (low + high) / 2)
