"""Linear models of our next turn: our own latest turns, the partner's, and texts, by ridge regression.

With our own and the partner's turns this is linear entrainment, an autoregression with an outside input.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from antiphon.errors import InputError
from attrs import frozen

from antiphon_entrain_neural.conversation import Array, Conversation, Turn
from antiphon_entrain_neural.evaluation.baselines.texts import TextNumbers
from antiphon_entrain_neural.evaluation.judged import Floats
from antiphon_entrain_neural.predictor import Predicted

STRENGTHS = tuple(float(10.0**power) for power in range(-1, 6))
"""Ridge penalties that are tried, for inputs of variance 1."""

FOLDS = 5


@frozen
class Inputs:
    """What a linear model is told before our turn.

    Attributes:
        own: how many of our latest turns.
        partner: how many of the partner's latest turns; the first is the one just over.
        text: numbers of the turn that is to be spoken; None for none.
        history: numbers of the partner's latest text and of our own; None for none.
    """

    own: int = 0
    partner: int = 0
    text: TextNumbers | None = None
    history: TextNumbers | None = None


class Memory:
    """What is known in a conversation, as a row of numbers; the only code that makes one, in training and after."""

    def __init__(self, inputs: Inputs, features: int) -> None:
        self._inputs = inputs
        nothing = np.zeros(2 * features, np.float32)
        self._turns = {
            True: deque([nothing] * inputs.own, maxlen=inputs.own),
            False: deque([nothing] * inputs.partner, maxlen=inputs.partner),
        }
        self._said = dict.fromkeys(
            (True, False), np.zeros(0, np.float32) if inputs.history is None else inputs.history("")
        )

    def row(self, text: str) -> Array:
        """Latest turns (z-scores and what of them is valid), then texts."""
        said = np.zeros(0, np.float32) if self._inputs.text is None else self._inputs.text(text)
        return np.concatenate(
            [*self._turns[True], *self._turns[False], said, self._said[False], self._said[True], [np.float32(1)]]
        )

    def observe(self, turn: Turn) -> None:
        """A turn is over."""
        self._turns[turn.is_us].appendleft(np.concatenate((turn.z, turn.valid.astype(np.float32))))
        if self._inputs.history is not None:
            self._said[turn.is_us] = self._inputs.history(turn.text)


@frozen(eq=False)
class LinearModel:
    """A fitted linear model.

    Attributes:
        weights: shape ``(inputs + 1, features)``, the last row the intercepts.
        strengths: the ridge penalty of each feature.
        sd: standard deviation of what it got wrong in training, shape ``(features,)``.
    """

    name: str
    features: tuple[str, ...]
    inputs: Inputs
    weights: Floats
    strengths: tuple[float, ...]
    sd: Floats

    @classmethod
    def fit(cls, name: str, inputs: Inputs, train: Sequence[Conversation]) -> LinearModel:
        """Fit one step ahead, told our true turns; penalties are chosen by cross-validation over conversations.

        Raises:
            InputError: there are too few conversations.
        """
        features = train[0].features
        rows, truth, group = _design(inputs, train)
        if len(np.unique(group)) < 2:
            raise InputError("the linear baselines need at least two training conversations; add conversations")
        weights = np.zeros((rows.shape[1], len(features)))
        strengths, sd = np.full(len(features), np.inf), np.ones(len(features))
        known = ~np.isnan(truth)
        for measured in np.unique(known, axis=1).T:  # features that are missing in the same turns are fitted together
            columns = np.flatnonzero((known == measured[:, None]).all(axis=0))
            if len(np.unique(group[measured])) >= 2:
                fitted = _ridge(rows[measured], truth[np.ix_(measured, columns)], group[measured])
                weights[:, columns], strengths[columns], sd[columns] = fitted
        return cls(name, features, inputs, weights, tuple(strengths.tolist()), sd)

    def session(self) -> LinearSession:
        return LinearSession(self)


class LinearSession:
    """One conversation."""

    def __init__(self, model: LinearModel) -> None:
        self._weights = model.weights
        self._memory = Memory(model.inputs, len(model.features))

    def predict(self, text: str) -> Predicted:
        return Predicted((self._memory.row(text) @ self._weights).astype(np.float32))

    def observe(self, turn: Turn) -> None:
        self._memory.observe(turn)


def _design(inputs: Inputs, train: Sequence[Conversation]) -> tuple[Floats, Floats, Floats]:
    """Rows before each of our turns, what we did (NaN where missing), and the number of the conversation."""
    rows, truth, group = [], [], []
    numbers: dict[str, int] = {}
    for conversation in train:
        memory = Memory(inputs, len(conversation.features))
        for index in range(len(conversation)):
            turn = conversation.turn(index)
            if turn.is_us:
                rows.append(memory.row(turn.text))
                truth.append(np.where(turn.valid, turn.z, np.nan))
                group.append(numbers.setdefault(conversation.name, len(numbers)))
            memory.observe(turn)
    return np.array(rows, np.float64), np.array(truth, np.float64), np.array(group, np.float64)


def _ridge(rows: Floats, truth: Floats, group: Floats) -> tuple[Floats, Floats, Floats]:
    """Weights with the intercept last ``(inputs + 1, F)``; penalties and standard deviations of the residuals ``(F,)``.

    The penalty of each column of ``truth`` is that with the least squared error in left-out conversations.
    """
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GroupKFold
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(rows[:, :-1])
    inputs = scaler.transform(rows[:, :-1])
    errors = np.zeros((len(STRENGTHS), truth.shape[1]))
    for learned, left_out in GroupKFold(min(FOLDS, len(np.unique(group)))).split(inputs, groups=group):
        for number, strength in enumerate(STRENGTHS):
            model = Ridge(strength).fit(inputs[learned], truth[learned])
            errors[number] += (
                (truth[left_out] - model.predict(inputs[left_out]).reshape(-1, truth.shape[1])) ** 2
            ).sum(0)
    strengths = np.array(STRENGTHS)[errors.argmin(axis=0)]
    model = Ridge(strengths).fit(inputs, truth)
    slopes = model.coef_.reshape(truth.shape[1], -1).T / scaler.scale_[:, None]
    weights = np.vstack((slopes, model.intercept_ - scaler.mean_ @ slopes))
    return weights, strengths, (truth - rows @ weights).std(axis=0)
