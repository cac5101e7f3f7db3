"""Memory to mel frames, step by step.

The decoder LSTM hears the attention LSTM and never the other way round. So with the true frames as inputs only the
attention runs step by step, and the decoder LSTM runs over all its outputs at once.
"""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional

from antiphon_tts_tacotron2.model.attention import Attention
from antiphon_tts_tacotron2.model.config import ModelConfig
from antiphon_tts_tacotron2.model.layers import Linear, Prenet, lstm_step


@frozen
class DecoderState:
    """Everything that a step leaves to the next one; all ``(batch, ...)``."""

    attention_hidden: Tensor
    attention_cell: Tensor
    decoder_hidden: Tensor
    decoder_cell: Tensor
    context: Tensor
    alignment: Tensor
    total: Tensor


@frozen
class Decoded:
    """What the decoder makes: frames ``(batch, frames, bands)``, and by step stop logits and alignments."""

    frames: Tensor
    stop: Tensor
    alignments: Tensor


class Decoder(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.prenet = Prenet(config.bands, config.prenet)
        self.attention_lstm = nn.LSTMCell(
            config.prenet + config.embedding + config.controls_at("attention"), config.attention_lstm
        )
        self.attention = Attention(config)
        self.decoder_lstm = nn.LSTM(
            config.attention_lstm + config.embedding + config.controls_at("decoder"),
            config.decoder_lstm,
            batch_first=True,
        )
        out = config.decoder_lstm + config.embedding
        self.frames = Linear(out, config.bands * config.reduction)
        self.stop = Linear(out, 1, gain="sigmoid")

    def start(self, memory: Tensor) -> DecoderState:
        """The state before the first step."""
        batch, config = len(memory), self.config
        first = self.attention.first(memory)
        attention, decoder = (
            memory.new_zeros(batch, config.attention_lstm),
            memory.new_zeros(batch, config.decoder_lstm),
        )
        return DecoderState(
            attention,
            attention,
            decoder,
            decoder,
            memory.new_zeros(batch, config.embedding),
            first,
            torch.zeros_like(first),
        )

    def forward(
        self, memory: Tensor, padding: Tensor | None, inputs: Tensor, controls: Tensor, masks: Tensor
    ) -> Decoded:
        """All steps with known inputs: the frame before each step, ``(batch, steps, bands)``.

        ``masks`` are the prenet's, ``(2, batch, steps, prenet)``.
        """
        config, state = self.config, self.start(memory)
        keys = self.attention.memory(memory)
        known = self._attention_inputs(self.prenet(inputs, masks), controls)
        weight = self._recurrent_weight()
        hidden, cell, context = state.attention_hidden, state.attention_cell, state.context
        last, total = state.alignment, state.total
        hiddens, contexts, alignments = [], [], []
        for step in known.unbind(1):
            hidden, cell = lstm_step(step + functional.linear(torch.cat((context, hidden), 1), weight), cell)
            hidden = functional.dropout(hidden, config.lstm_dropout, self.training)
            last = self.attention(hidden, keys, last, total, padding)
            total = total + last
            context = torch.bmm(last[:, None].to(memory.dtype), memory)[:, 0]
            hiddens.append(hidden)
            contexts.append(context)
            alignments.append(last)
        context_all = torch.stack(contexts, 1)
        decoded, _ = self.decoder_lstm(self._decoder_inputs(torch.stack(hiddens, 1), context_all, controls))
        decoded = functional.dropout(decoded, config.lstm_dropout, self.training)
        frames, stop = self._project(decoded, context_all)
        return Decoded(frames, stop, torch.stack(alignments, 1))

    def step(
        self, memory: Tensor, keys: Tensor, frame: Tensor, controls: Tensor, masks: Tensor, state: DecoderState
    ) -> tuple[Tensor, Tensor, DecoderState]:
        """One step: frames ``(batch, reduction, bands)``, stop logit ``(batch,)``, and the state behind it.

        Args:
            keys: ``attention.memory(memory)``.
            frame: the last frame before the step, ``(batch, bands)``.
            masks: the prenet's, ``(2, batch, prenet)``.
        """
        known = self._attention_inputs(self.prenet(frame, masks)[:, None], controls)[:, 0]
        recurrent = functional.linear(torch.cat((state.context, state.attention_hidden), 1), self._recurrent_weight())
        hidden, cell = lstm_step(known + recurrent, state.attention_cell)
        alignment = self.attention(hidden, keys, state.alignment, state.total, None)
        context = torch.bmm(alignment[:, None], memory)[:, 0]
        inputs = self._decoder_inputs(hidden[:, None], context[:, None], controls)[:, 0]
        from_inputs, from_past, *biases = self.decoder_lstm.all_weights[0]
        gates = functional.linear(inputs, from_inputs, biases[0])
        gates = gates + functional.linear(state.decoder_hidden, from_past, biases[1])
        decoded, decoder_cell = lstm_step(gates, state.decoder_cell)
        frames, stop = self._project(decoded[:, None], context[:, None])
        after = DecoderState(hidden, cell, decoded, decoder_cell, context, alignment, state.total + alignment)
        return frames, stop[:, 0], after

    def _attention_inputs(self, prenet: Tensor, controls: Tensor) -> Tensor:
        """The part of the attention LSTM's gates that its own past does not decide, ``(batch, steps, gates)``."""
        cell, first = self.attention_lstm, self.config.prenet
        gates = functional.linear(prenet, cell.weight_ih[:, :first], cell.bias_ih + cell.bias_hh)
        if self.config.controls_at("attention"):
            gates = gates + functional.linear(controls, cell.weight_ih[:, first + self.config.embedding :])[:, None]
        return gates

    def _recurrent_weight(self) -> Tensor:
        """The attention LSTM's weights of context and hidden state, side by side."""
        cell, first = self.attention_lstm, self.config.prenet
        return torch.cat((cell.weight_ih[:, first : first + self.config.embedding], cell.weight_hh), 1)

    def _decoder_inputs(self, hidden: Tensor, context: Tensor, controls: Tensor) -> Tensor:
        parts = [hidden, context]
        if self.config.controls_at("decoder"):
            parts.append(controls[:, None].expand(-1, hidden.shape[1], -1))
        return torch.cat(parts, 2)

    def _project(self, decoded: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        joined = torch.cat((decoded, context), 2)
        batch, steps, _ = joined.shape
        frames = self.frames(joined).reshape(batch, steps * self.config.reduction, self.config.bands)
        return frames, self.stop(joined)[..., 0]
