"""Which earlier turns a model attended to, in conversations that somebody wants to look at."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.evaluation.judged import Floats
from antiphon_entrain_neural.predictor import Predictor


@frozen(eq=False)
class AttentionMap:
    """Attention in one conversation, free-running.

    Attributes:
        conversation, us: of which conversation, from whose point of view.
        asked: which turns were predicted, numbers from 0.
        weights: of all turns before each of these, summed over heads, shape ``(asked, turns)``.
    """

    conversation: str
    us: str
    asked: tuple[int, ...]
    weights: Floats


def attention_of(predictor: Predictor, conversation: Conversation) -> AttentionMap | None:
    """The attention of a predictor; None where it has none.

    What it says of a turn is taken as that of a ring of the latest turns: turn t lies in slot t modulo its size.
    """
    session = predictor.session()
    asked, rows = [], []
    for index in range(len(conversation)):
        turn = conversation.turn(index)
        if turn.is_us:
            said = session.predict(turn.text)
            slots = said.extras.get("attention")
            if slots is None or not np.size(slots):
                return None
            rows.append(_unrolled(np.asarray(slots, np.float64).sum(axis=0), index, len(conversation)))
            asked.append(index)
            turn = turn.with_z(said.z)
        session.observe(turn)
    return AttentionMap(conversation.name, conversation.us, tuple(asked), np.array(rows))


def _unrolled(slots: Floats, turn: int, turns: int) -> Floats:
    row = np.zeros(turns)
    earlier = np.arange(max(0, turn - len(slots)), turn)
    row[earlier] = slots[earlier % len(slots)]
    return row
