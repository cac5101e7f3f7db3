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
        real: 1 where there is a turn.
        asked: 1 where the turn is to be predicted.
        fed: 1 where the model may be told its prediction instead of what was really done.
    """

    turn: Spoken
    next_text: Tensor
    turns: Tensor
    real: Tensor
    asked: Tensor
    fed: Tensor


def know(model: StepModel, reader: TextReader, batch: Batch, predict: Whose, feed_back: Whose) -> Known:
    """Everything that can be computed for all turns at once."""
    history, following = (reader(model, batch.texts, of_next=of_next)[batch.text] for of_next in (False, True))
    turn = model.heard(Spoken(batch.z, batch.valid, batch.is_us, history))
    role = torch.stack((batch.real - batch.is_us, batch.is_us), dim=2)
    asked = batch.real if predict == "both" else batch.is_us
    fed = asked if feed_back == "both" else asked * batch.is_us
    return Known(turn, following, role.cumsum(1) - role, batch.real, asked, fed)


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
    """Turn by turn; ``replaced`` is 1 where the prediction is told instead of the truth."""
    start = model.start(len(known.turn.z))
    encoder, decoder, latest = start.encoder, start.decoder, start.latest
    unasked = known.turn.z.new_zeros(len(known.turn.z), model.features)
    keys: list[Tensor] = []
    values: list[Tensor] = []
    asked, told = known.asked.any(0).tolist(), replaced.any(0).tolist()
    everyone = (known.asked == known.real).all(0).tolist()  # where a conversation is over, nothing matters
    inputs = model.prenet(model.encoder_inputs(known.turn, known.turns)).unbind(1)
    said = torch.cat((known.turn.z, known.turn.valid), dim=2).unsqueeze(2).unbind(1)
    speaks = torch.stack((known.turn.is_us == 0, known.turn.is_us > 0), dim=2).unsqueeze(3).unbind(1)
    steps = zip(*(part.unbind(1) for part in known.turn), strict=True)
    predictions = []
    for t, step in enumerate(steps):
        turn, turns, text = Spoken(*step), known.turns[:, t], known.next_text[:, t]
        predicted = unasked
        if asked[t]:
            first = max(t - model.config.history_turns, 0)
            context, _ = model.attend(
                torch.stack(keys[first:], 1) if keys else start.keys[:, :1],
                torch.stack(values[first:], 1) if keys else start.values[:, :1],
                known.turn.is_us[:, first:t] if keys else start.is_us[:, :1],
                known.asked.new_full((len(unasked), 1, len(keys[first:]) or 1), float(t > 0)),
                encoder[0, -1].unsqueeze(1),
                text.unsqueeze(1),
            )
            asks = model.decoder_inputs(context.squeeze(1), text, turn.is_us)
            decoded, after = model.decoder(asks, decoder)
            predicted = decoded + model.direct(turns, latest, text)
            rows = known.asked[:, t].view(1, 1, -1, *(1,) * (decoder.dim() - 3)) > 0
            decoder = after if everyone[t] else torch.where(rows, after, decoder)
        predictions.append(predicted)
        heard, now = inputs[t], said[t]
        if told[t]:
            instead = replaced[:, t].unsqueeze(1) > 0
            valid = turn.valid.masked_fill(instead, 1.0)
            turn = turn._replace(z=torch.where(instead, predicted, turn.z), valid=valid)
            heard = model.prenet(model.encoder_inputs(turn, turns))
            now = torch.cat((turn.z, turn.valid), dim=1).unsqueeze(1)
        encoded, encoder = model.encoder(heard, encoder)
        latest = torch.where(speaks[t], now, latest)
        if model.attention is not None:
            keys.append(model.attention.of_key(encoded))
            values.append(encoded)
    return torch.stack(predictions, 1) * known.asked.unsqueeze(2)


def _teacher_forced(model: StepModel, known: Known) -> Tensor:
    """All turns at once, for nothing that is told depends on a prediction."""
    turn = known.turn
    asked = torch.argsort(known.asked, dim=1, descending=True, stable=True)[:, : int(known.asked.sum(1).max())]

    def of_asked(values: Tensor) -> Tensor:
        """Of ``(B, T, ...)`` the turns that are asked for, in order; in shorter rows others follow."""
        index = asked.view(*asked.shape, *(1,) * (values.dim() - 2)).expand(-1, -1, *values.shape[2:])
        return values.gather(1, index)

    encoded, tops = model.encoder.sequence(model.prenet(model.encoder_inputs(turn, known.turns)))
    before = torch.cat((torch.zeros_like(tops[:, :1]), tops[:, :-1]), dim=1)
    number = torch.arange(turn.z.shape[1], device=turn.z.device)
    ago = asked.unsqueeze(2) - number
    seen = ((ago > 0) & (ago <= model.config.history_turns)).to(turn.z.dtype)
    keys = encoded if model.attention is None else model.attention.of_key(encoded)
    text, turns = of_asked(known.next_text), of_asked(known.turns)
    context, _ = model.attend(keys, encoded, turn.is_us, seen, of_asked(before), text)
    decoded = model.decoder.sequence(model.decoder_inputs(context, text, of_asked(turn.is_us)))
    predicted = decoded + model.direct(turns, of_asked(_latest(turn)), text)
    index = asked.unsqueeze(2).expand_as(predicted)
    return torch.zeros_like(turn.z).scatter(1, index, predicted) * known.asked.unsqueeze(2)


def _latest(turn: Spoken) -> Tensor:
    """`State.latest` before each turn, shape ``(B, T, 2, 2 * features)``."""
    said = torch.cat((turn.z, turn.valid), dim=2)
    number = torch.arange(1, said.shape[1] + 1, device=said.device)
    padded = torch.cat((torch.zeros_like(said[:, :1]), said), dim=1)
    found = []
    for spoke in (1 - turn.is_us, turn.is_us):
        last = (spoke * number).cummax(1).values.long()  # 0 where there was none
        last = torch.cat((torch.zeros_like(last[:, :1]), last[:, :-1]), dim=1)
        found.append(padded.gather(1, last.unsqueeze(2).expand_as(said)))
    return torch.stack(found, dim=2)
