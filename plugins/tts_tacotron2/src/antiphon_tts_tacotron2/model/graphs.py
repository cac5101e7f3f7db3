"""A model cut into three graphs for one text at a time, with nothing but tensors going in and out.

The loop over the steps is the caller's, in whatever language: encode once, step until the stop logit is above 0 or a
limit is reached, then sharpen all frames. All randomness is in the masks, all memory in the state.
"""

from __future__ import annotations

from torch import Tensor, nn

from antiphon_tts_tacotron2.model.decoder import DecoderState
from antiphon_tts_tacotron2.model.tacotron2 import Tacotron2

STATE = (
    "attention_hidden",
    "attention_cell",
    "decoder_hidden",
    "decoder_cell",
    "context",
    "alignment",
    "total",
)
"""The parts of the decoder's state, in the order of the step's inputs and outputs; `first_state` makes the first."""


class EncoderGraph(nn.Module):
    """Symbols ``(1, text)`` int64 and controls ``(1, controls)`` to memory and attention keys ``(1, text, ...)``."""

    def __init__(self, model: Tacotron2) -> None:
        super().__init__()
        self._encoder = model.encoder
        self._keys = model.decoder.attention.memory

    def forward(self, symbols: Tensor, controls: Tensor) -> tuple[Tensor, Tensor]:
        memory = self._encoder(symbols, None, controls)
        return memory, self._keys(memory)


class StepGraph(nn.Module):
    """One step of the decoder: frames ``(1, reduction, bands)``, normalised; the stop logit ``(1,)``; the new state.

    ``frame`` is the last frame of the step before, 0 at first; ``masks`` are the prenet's, ``(2, 1, prenet)``.
    """

    def __init__(self, model: Tacotron2) -> None:
        super().__init__()
        self._decoder = model.decoder

    def forward(
        self, memory: Tensor, keys: Tensor, controls: Tensor, frame: Tensor, masks: Tensor, *state: Tensor
    ) -> tuple[Tensor, ...]:
        frames, stop, after = self._decoder.step(memory, keys, frame, controls, masks, DecoderState(*state))
        return (frames, stop, *(getattr(after, name) for name in STATE))


class PostnetGraph(nn.Module):
    """Normalised frames ``(1, frames, bands)`` to a natural-log mel spectrogram of the same shape.

    What a frame becomes depends on the `reach` frames before and behind it, so long speech can be sharpened in pieces.
    """

    def __init__(self, model: Tacotron2) -> None:
        super().__init__()
        self._postnet = model.postnet
        self.register_buffer("mean", model.mel_mean.clone())
        self.register_buffer("sd", model.mel_sd.clone())
        self.mean: Tensor
        self.sd: Tensor

    def forward(self, frames: Tensor) -> Tensor:
        sharpened: Tensor = self._postnet(frames, None) * self.sd + self.mean
        return sharpened


def first_state(model: Tacotron2, memory: Tensor) -> tuple[Tensor, ...]:
    """The state before the first step: zeros, and with a causal prior an alignment that is 1 at the first symbol."""
    start = model.decoder.start(memory)
    return tuple(getattr(start, name) for name in STATE)


def reach(model: Tacotron2) -> int:
    """How many frames the postnet sees to either side of each."""
    return model.config.postnet_layers * (model.config.postnet_kernel // 2)
