"""Predictors that repeat: what we did so far, what we did last, what the partner did last.

Free-running, "what we did" is what they predicted. Whoever starts at 0 and repeats itself then stays there; the first
and the second of them have something to say under teacher forcing alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from attrs import field, frozen

from antiphon_entrain_neural.conversation import Array, Conversation, Turn
from antiphon_entrain_neural.predictor import Predicted


class RunningMean:
    """The mean of our turns so far, 0 before the first."""

    def __init__(self, features: int) -> None:
        self._sum, self._count = np.zeros(features), np.zeros(features)

    def predict(self, text: str) -> Predicted:
        return Predicted((self._sum / np.maximum(self._count, 1)).astype(np.float32))

    def observe(self, turn: Turn) -> None:
        if turn.is_us:
            self._sum += np.where(turn.valid, turn.z, 0)
            self._count += turn.valid


class Latest:
    """A share of the latest measured value of one speaker, 0 before the first.

    Args:
        is_us: whose, ours or the partner's.
        share: of each feature, shape ``(features,)``.
    """

    def __init__(self, is_us: bool, share: Array) -> None:
        self._is_us, self._share = is_us, share
        self._latest = np.zeros_like(share)

    def predict(self, text: str) -> Predicted:
        return Predicted(self._share * self._latest)

    def observe(self, turn: Turn) -> None:
        if turn.is_us == self._is_us:
            self._latest = np.where(turn.valid, turn.z, self._latest)


@frozen(eq=False)
class Echo:
    """A predictor with one of these sessions."""

    name: str
    features: tuple[str, ...]
    start: Callable[[], RunningMean | Latest] = field()

    @classmethod
    def running_mean(cls, name: str, features: tuple[str, ...]) -> Echo:
        return cls(name, features, lambda: RunningMean(len(features)))

    @classmethod
    def of_own(cls, name: str, features: tuple[str, ...]) -> Echo:
        """Our last turn again."""
        whole = np.ones(len(features), np.float32)
        return cls(name, features, lambda: Latest(True, whole))

    @classmethod
    def of_partner(cls, name: str, features: tuple[str, ...]) -> Echo:
        """The partner's last turn."""
        whole = np.ones(len(features), np.float32)
        return cls(name, features, lambda: Latest(False, whole))

    @classmethod
    def share_of_partner(cls, name: str, train: Sequence[Conversation]) -> Echo:
        """The share of the partner's last turn, per feature, that is best in training by least squares."""
        features = train[0].features
        whole = np.ones(len(features), np.float32)
        product, square = np.zeros((2, len(features)))
        for conversation in train:
            heard = Latest(False, whole)
            for index in range(len(conversation)):
                turn = conversation.turn(index)
                if turn.is_us:
                    partner = heard.predict(turn.text).z
                    product += np.where(turn.valid, partner * turn.z, 0)
                    square += np.where(turn.valid, partner**2, 0)
                heard.observe(turn)
        share = (product / np.maximum(square, 1e-12)).astype(np.float32)
        return cls(name, features, lambda: Latest(False, share))

    def session(self) -> RunningMean | Latest:
        return self.start()
