"""A model that is kept from its partner: told of a stranger's prosody instead, or of none.

The words and the order of turns stay those of the conversation.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count

import numpy as np
from antiphon.errors import InputError

from antiphon_entrain_neural.conversation import Array, Conversation, Mask, Turn
from antiphon_entrain_neural.predictor import Predicted, Predictor, Session, predict_all

Donor = tuple[Array, Mask]
"""z-scores and validity of the turns of a partner, each of shape ``(turns, features)``."""


class ShamPartner:
    """A predictor whose partner has the prosody of the partner of another conversation, at the same turn of theirs.

    Args:
        name: for tables.
        predictor: the model.
        others: conversations whose partners are borrowed; from the training split, so that nobody who is judged
            is among them. A partner who has fewer turns starts again.
        seed: of the draw.
    """

    def __init__(self, name: str, predictor: Predictor, others: Sequence[Conversation], *, seed: int = 0) -> None:
        self.name, self.features = name, predictor.features
        self._predictor = predictor
        self._donors = [(c.z[~c.is_us], c.valid[~c.is_us]) for c in others if not c.is_us.all()]
        if not self._donors:
            raise InputError("there is no other conversation to borrow a partner from; add conversations")
        self._seed = seed
        self._sessions = count()

    def session(self) -> Session:
        return _Instead(self._predictor.session(), self._donor(next(self._sessions)))

    def predict_all(self, conversations: Sequence[Conversation], *, free_running: bool) -> list[Array]:
        told = [_instead(c, self._donor(number)) for number, c in enumerate(conversations)]
        return predict_all(self._predictor, told, free_running=free_running)

    def _donor(self, number: int) -> Donor:
        return random.Random(f"{self._seed} {number}").choice(self._donors)


class WithoutPartner(ShamPartner):
    """A predictor to whom all of the partner's prosody is missing."""

    def __init__(self, name: str, predictor: Predictor) -> None:
        self.name, self.features = name, predictor.features
        self._predictor = predictor
        size = len(predictor.features)
        self._nothing = (np.zeros((1, size), np.float32), np.zeros((1, size), bool))
        self._sessions = count()

    def _donor(self, number: int) -> Donor:
        return self._nothing


class _Instead:
    """A session that is told of a donor's turns instead of the partner's."""

    def __init__(self, session: Session, donor: Donor) -> None:
        self._session, self._donor = session, donor
        self._turns = 0

    def predict(self, text: str) -> Predicted:
        return self._session.predict(text)

    def observe(self, turn: Turn) -> None:
        if not turn.is_us:
            z, valid = self._donor
            row = self._turns % len(z)
            self._turns += 1
            turn = Turn(False, z[row], valid[row], turn.text, turn.duration_s)
        self._session.observe(turn)


def _instead(conversation: Conversation, donor: Donor) -> Conversation:
    """As `_Instead` tells it."""
    partner = np.flatnonzero(~conversation.is_us)
    rows = np.arange(len(partner)) % len(donor[0])
    z, valid = conversation.z.copy(), conversation.valid.copy()
    z[partner], valid[partner] = donor[0][rows], donor[1][rows]
    c = conversation
    return Conversation(c.name, c.us, c.features, c.is_us, z, valid, c.texts, c.durations_s)
