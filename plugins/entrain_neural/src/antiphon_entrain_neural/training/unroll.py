"""The model over whole conversations.

What is known in advance is computed for all turns at once: texts, roles, counts of turns. What depends on a prediction
that is fed back goes turn by turn. Labels are read, never written.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from antiphon_entrain_neural.config import Whose
from antiphon_entrain_neural.model.state import Spoken
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.training.batches import Batch
from antiphon_entrain_neural.training.texts import TextReader


class Known(NamedTuple):
    """What is known of a batch before anything is predicted; ``(B, T, ...)``.

    Attributes:
        turn: all turns as they were, as the model hears them.
        next_text: the words of each turn, as `StepModel.predict` takes them.
        turns: how many turns the partner and we had before each turn, ``(B, T, 2)``.
        asked: 1 where the turn is to be predicted.
        fed: 1 where the model may be told its prediction instead of what was really done.
    """

    turn: Spoken
    next_text: Tensor
    turns: Tensor
    asked: Tensor
    fed: Tensor


def know(model: StepModel, reader: TextReader, batch: Batch, predict: Whose, feed_back: Whose) -> Known:
    """Everything that can be computed for all turns at once."""
    history, following = (reader(model, batch.texts, of_next=of_next)[batch.text] for of_next in (False, True))
    turn = model.heard(Spoken(batch.z, batch.valid, batch.is_us, history))
    role = torch.stack((batch.real - batch.is_us, batch.is_us), dim=2)
    asked = batch.real if predict == "both" else batch.is_us
    fed = asked if feed_back == "both" else asked * batch.is_us
    return Known(turn, following, role.cumsum(1) - role, asked, fed)


def unroll(
    model: StepModel,
    reader: TextReader,
    batch: Batch,
    *,
    truth: float,
    predict: Whose = "us",
    feed_back: Whose = "us",
) -> Tensor:
    """Predictions of all turns that are asked for, shape ``(B, T, features)``; 0 elsewhere.

    Args:
        model: the model.
        reader: reads the texts.
        batch: the conversations.
        truth: probability with which the model is told what a speaker really did in a turn that it predicted, rather
            than its prediction: 1 is teacher forcing, 0 is free-running.
        predict: whose turns are predicted.
        feed_back: whose predicted turns may be fed back; the others are always told as they were.
    """
    known = know(model, reader, batch, predict, feed_back)
    if truth >= 1:
        return _teacher_forced(model, known)
    replaced = known.fed
    if truth > 0:
        replaced = replaced * (torch.rand_like(replaced) >= truth)
    return _step_by_step(model, known, replaced)


def _step_by_step(model: StepModel, known: Known, replaced: Tensor) -> Tensor:
    batch = len(known.turn.z)
    start = model.start(batch)
    encoder, decoder, latest = start.encoder, start.decoder, start.latest
    top, unasked = encoder[0, -1], known.turn.z.new_zeros(batch, model.features)
    keys: list[Tensor] = []
    values: list[Tensor] = []
    asked = known.asked.any(0).tolist()
    told = replaced.any(0).tolist()
    steps = zip(*(part.unbind(1) for part in known.turn), strict=True)
    predictions = []
    for t, step in enumerate(steps):
        turn = Spoken(*step)
        predicted = unasked
        if asked[t]:
            first = max(0, t - model.config.history_turns)
            context, _ = model.attend(
                torch.stack(keys[first:], 1) if keys else start.keys[:, :1],
                torch.stack(values[first:], 1) if values else start.values[:, :1],
                known.turn.is_us[:, first:t] if t else start.is_us[:, :1],
                known.turn.is_us.new_ones(batch, t - first) if t else start.is_us[:, :1],
                top,
                known.next_text[:, t],
            )
            z, after = model.decode(context, known.next_text[:, t], turn.is_us, known.turns[:, t], latest, decoder)
            rows = known.asked[:, t] > 0
            predicted = torch.where(rows.unsqueeze(1), z, unasked)
            decoder = torch.where(rows.view(1, 1, -1, *(1,) * (decoder.dim() - 3)), after, decoder)
        predictions.append(predicted)
        if told[t]:
            instead = replaced[:, t].unsqueeze(1) > 0
            turn = turn._replace(z=torch.where(instead, predicted, turn.z), valid=turn.valid.masked_fill(instead, 1.0))
        encoded, encoder = model.encode(turn, known.turns[:, t], encoder)
        top = encoder[0, -1]
        _, latest = model.count(turn, known.turns[:, t], latest)
        if model.attention is not None:
            keys.append(model.attention.of_key(encoded))
            values.append(encoded)
    return torch.stack(predictions, 1)


def _teacher_forced(model: StepModel, known: Known) -> Tensor:
    return _step_by_step(model, known, torch.zeros_like(known.fed))
