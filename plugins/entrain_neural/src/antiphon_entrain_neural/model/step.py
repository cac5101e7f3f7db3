"""The model of entrainment, a step at a time: told of a turn, asked for the next.

The dynamics follow McNeill and Levitan (Interspeech 2023): an encoder of turns, attention over the turns so far,
a decoder of our turns. All of the state is an argument (`State`), so that the same functions serve training, export and
any number of conversations at once.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from antiphon_entrain_neural.config import ModelConfig, TextConfig, WordUse
from antiphon_entrain_neural.model.attention import TurnAttention
from antiphon_entrain_neural.model.cells import RecurrentStack
from antiphon_entrain_neural.model.decoder import OneDecoder, PerFeatureDecoder
from antiphon_entrain_neural.model.state import Prediction, Spoken, State
from antiphon_entrain_neural.model.text import AttendedWords, AveragedWords, NoWords, told_length


class StepModel(nn.Module):
    """Predicts the z-scores of the next turn from those of the turns so far and its text.

    Args:
        features: how many.
        dims: of a word vector; 0 where no words are read.
        model: the layers.
        text: what is read.
    """

    def __init__(self, features: int, dims: int, model: ModelConfig, text: TextConfig) -> None:
        super().__init__()
        self.features, self.config, self.text = features, model, text
        kinds: set[WordUse] = {text.history, text.next} - {"none"}
        self.readers = nn.ModuleDict({kind: _reader(kind, dims, text.size, model.dropout) for kind in sorted(kinds)})
        self.readers["none"] = NoWords()
        told = int(text.length)
        self.history_text = self.reader(text.history).size + (told if text.history != "none" else 0)
        self.next_text = self.reader(text.next).size + (told if text.next != "none" else 0)
        inputs = 2 * features + 3 + self.history_text
        self.prenet = nn.Sequential(nn.Linear(inputs, model.prenet), nn.ReLU())
        self.encoder = RecurrentStack(model.cell, model.prenet, model.encoder, model.encoder_layers, model.dropout)
        self.attention: TurnAttention | None = None
        if model.attention != "none":
            self.attention = TurnAttention(
                model.encoder, model.encoder + self.next_text, model.attention_size, dual=model.attention == "dual"
            )
        context = self.attention.size if self.attention else model.encoder
        kind = OneDecoder if model.decoder == "one" else PerFeatureDecoder
        self.decoder = kind(features, context + self.next_text + 1, model)
        self.linear = nn.Linear(4 * features + 2 + self.next_text, features) if model.linear else None
        if self.linear is not None:
            nn.init.zeros_(self.linear.weight)

    def reader(self, kind: str) -> AveragedWords | AttendedWords | NoWords:
        """The encoder of a turn's words; history and next turn share it where they are read the same way."""
        return cast("AveragedWords | AttendedWords | NoWords", self.readers[kind])

    def read(self, words: Tensor, lengths: Tensor, *, of_next: bool) -> Tensor:
        """Texts as `observe` and `predict` take them.

        Args:
            words: word vectors of N texts, padded, shape ``(N, W, dims)``.
            lengths: how many words each has, shape ``(N,)``.
            of_next: for `predict`, else for `observe`.
        """
        kind = self.text.next if of_next else self.text.history
        return self.with_length(self.reader(kind)(words, lengths), lengths, of_next=of_next)

    def with_length(self, read: Tensor, lengths: Tensor, *, of_next: bool) -> Tensor:
        """What was read of N texts, and how long they are, where the model is told that."""
        if (self.text.next if of_next else self.text.history) == "none" or not self.text.length:
            return read
        return torch.cat((read, told_length(lengths)), dim=1)

    def start(self, batch: int) -> State:
        """The state before the first turn."""
        like = next(self.parameters())
        turns, units = self.config.history_turns, self.config.encoder
        keys = self.attention.units * self.attention.heads if self.attention else 0
        return State(
            self.encoder.start(batch, like),
            self.decoder.start(batch, like),
            like.new_zeros(batch, turns, keys),
            like.new_zeros(batch, turns, units if self.attention else 0),
            like.new_zeros(batch, turns),
            like.new_zeros(batch, 2),
            like.new_zeros(batch, 2, 2 * self.features),
        )

    def observe(self, turn: Spoken, state: State) -> State:
        """The state after a turn, whoever spoke it."""
        turn = self.heard(turn)
        encoded, encoder = self.encode(turn, state.turns, state.encoder)
        turns, latest = self.count(turn, state.turns, state.latest)
        if self.attention is None:
            return State(encoder, state.decoder, state.keys, state.values, state.is_us, turns, latest)
        size = state.is_us.shape[1]
        slot = (
            torch.arange(size, device=encoded.device) == state.turns.sum(1, keepdim=True) % size
        )  # the oldest is lost
        keys = torch.where(slot.unsqueeze(2), self.attention.of_key(encoded).unsqueeze(1), state.keys)
        values = torch.where(slot.unsqueeze(2), encoded.unsqueeze(1), state.values)
        is_us = torch.where(slot, turn.is_us.unsqueeze(1), state.is_us)
        return State(encoder, state.decoder, keys, values, is_us, turns, latest)

    def predict(self, is_us: Tensor, text: Tensor, state: State) -> tuple[Prediction, State]:
        """What the next turn will be like, and the state in which the decoder knows that it was asked.

        Args:
            is_us: whether that turn is ours, shape ``(B,)``, 0 or 1.
            text: its words, as `read` makes them, shape ``(B, text units)``.
            state: after the turns so far.
        """
        size = state.is_us.shape[1]
        seen = (torch.arange(size, device=text.device) < state.turns.sum(1, keepdim=True)).to(text.dtype)
        context, weights = self.attend(
            state.keys,
            state.values,
            state.is_us,
            seen.unsqueeze(1),
            state.encoder[0, -1].unsqueeze(1),
            text.unsqueeze(1),
        )
        decoded, decoder = self.decoder(self.decoder_inputs(context.squeeze(1), text, is_us), state.decoder)
        z = decoded + self.direct(state.turns, state.latest, text)
        return Prediction(z, weights.squeeze(1)), state._replace(decoder=decoder)

    # -- the parts, which training runs over many turns at once where it can ----------------------------------------

    def heard(self, turn: Spoken) -> Spoken:
        """A turn as far as the model hears it: the partner's prosody may be kept from it."""
        if self.config.partner:
            return turn
        ours = turn.is_us.unsqueeze(-1)
        return turn._replace(z=turn.z * ours, valid=turn.valid * ours)

    def encode(self, turn: Spoken, turns: Tensor, encoder: Tensor) -> tuple[Tensor, Tensor]:
        """The encoding of a turn, shape ``(B, encoder units)``, and the encoder's state behind it."""
        return cast("tuple[Tensor, Tensor]", self.encoder(self.prenet(self.encoder_inputs(turn, turns)), encoder))

    def encoder_inputs(self, turn: Spoken, turns: Tensor) -> Tensor:
        """What the encoder is told: prosody, what of it is valid, who spoke, how well we know them, and the words."""
        role = torch.stack((1 - turn.is_us, turn.is_us), dim=-1)
        known = (role / (1 + turns)).sum(-1, keepdim=True)
        return torch.cat((turn.z, turn.valid, role, known, turn.text), dim=-1)

    def count(self, turn: Spoken, turns: Tensor, latest: Tensor) -> tuple[Tensor, Tensor]:
        """`State.turns` and `State.latest` after a turn."""
        role = torch.stack((1 - turn.is_us, turn.is_us), dim=1)
        said = torch.cat((turn.z, turn.valid), dim=1).unsqueeze(1)
        return turns + role, torch.where(role.unsqueeze(2) > 0, said, latest)

    def attend(
        self, keys: Tensor, values: Tensor, is_us: Tensor, seen: Tensor, tops: Tensor, texts: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The contexts of Q turns and the attention's weights; without attention the encoder's states are they.

        Args:
            keys, values, is_us: of the history, as in `State`.
            seen: which of it each turn may see, shape ``(B, Q, H)``.
            tops: the encoder's state before each turn, ``(B, Q, encoder units)``.
            texts: the words of each turn, ``(B, Q, text units)``.
        """
        if self.attention is None:
            return tops, seen.new_zeros(*seen.shape[:2], 0, seen.shape[2])
        queries = torch.cat((tops, texts), dim=-1)
        return cast("tuple[Tensor, Tensor]", self.attention(keys, values, is_us, seen, queries))

    def decoder_inputs(self, context: Tensor, text: Tensor, is_us: Tensor) -> Tensor:
        """What the decoder is told before a turn."""
        return torch.cat((context, text, is_us.unsqueeze(-1)), dim=-1)

    def direct(self, turns: Tensor, latest: Tensor, text: Tensor) -> Tensor | float:
        """What the latest turns and the words say linearly of the next turn."""
        if self.linear is None:
            return 0.0
        return cast(Tensor, self.linear(torch.cat((latest.flatten(-2), 1 / (1 + turns), text), dim=-1)))


def _reader(kind: WordUse, dims: int, size: int, dropout: float) -> nn.Module:
    return AveragedWords(dims, size) if kind == "averaged" else AttendedWords(dims, size, dropout)
