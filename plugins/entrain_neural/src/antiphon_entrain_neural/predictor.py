"""How anything that predicts our turns is asked, model and baseline alike.

A predictor is asked for a turn before it is told of it, so that it is causal whatever it does inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from attrs import field, frozen

from antiphon_entrain_neural.conversation import Array, Conversation, Turn


@frozen(eq=False)
class Predicted:
    """What is predicted of a turn.

    Attributes:
        z: shape ``(features,)``.
        extras: whatever else the predictor has to say, for people (attention weights, ...).
    """

    z: Array
    extras: Mapping[str, Any] = field(factory=dict)


class Session(Protocol):
    """A predictor in one conversation; it holds all of that conversation's state."""

    def predict(self, text: str) -> Predicted:
        """Our next turn, whose text is known; called before each of our turns."""

    def observe(self, turn: Turn) -> None:
        """A turn of either speaker is over. Free-running, ours are what was predicted of them."""


class Predictor(Protocol):
    """A model or baseline, ready to predict.

    Attributes:
        name: for tables.
        features: the names of what it predicts, in order.
    """

    @property
    def name(self) -> str: ...

    @property
    def features(self) -> tuple[str, ...]: ...

    def session(self) -> Session:
        """A new conversation."""


@runtime_checkable
class BatchPredictor(Predictor, Protocol):
    """A predictor that is faster with many conversations at once; it must give what its sessions give."""

    def predict_all(self, conversations: Sequence[Conversation], *, free_running: bool) -> list[Array]:
        """As `predict`, of each conversation."""


def predict(predictor: Predictor, conversation: Conversation, *, free_running: bool) -> Array:
    """Our turns of a conversation, as a predictor sees them coming.

    Args:
        predictor: told of the partner's turns as they were.
        conversation: with our true turns, which are told only after they were predicted.
        free_running: of our own turns the predictor is told only what it predicted; else what we really did
            (teacher forcing).

    Returns:
        Shape ``(turns, features)``; NaN in the partner's turns.
    """
    session = predictor.session()
    predicted = np.full_like(conversation.z, np.nan)
    for index in range(len(conversation)):
        turn = conversation.turn(index)
        if turn.is_us:
            predicted[index] = session.predict(turn.text).z
            if free_running:
                turn = turn.with_z(predicted[index])
        session.observe(turn)
    return predicted


def predict_all(predictor: Predictor, conversations: Sequence[Conversation], *, free_running: bool) -> list[Array]:
    """`predict` of each conversation, many at once where the predictor can."""
    if isinstance(predictor, BatchPredictor):
        return predictor.predict_all(conversations, free_running=free_running)
    return [predict(predictor, conversation, free_running=free_running) for conversation in conversations]
