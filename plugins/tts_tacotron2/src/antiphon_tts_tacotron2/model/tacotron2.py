"""Tacotron 2 (Shen et al. 2018) with a control vector.

Mel spectrograms are normalised band by band on the way in and out, so all that lies between sees values around 0.
"""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor, nn

from antiphon_tts_tacotron2.model.config import ModelConfig
from antiphon_tts_tacotron2.model.decoder import Decoded, Decoder
from antiphon_tts_tacotron2.model.encoder import Encoder
from antiphon_tts_tacotron2.model.layers import lengths_to_mask
from antiphon_tts_tacotron2.model.postnet import Postnet


@frozen
class Output:
    """All of a teacher-forced pass; frames are normalised."""

    decoded: Decoded
    sharpened: Tensor


@frozen
class Speech:
    """What the model says by itself.

    Attributes:
        mel: natural-log mel spectrogram, ``(frames, bands)``.
        alignment: ``(steps, text)``.
        stopped: whether the model ended by itself and not by the limit.
    """

    mel: Tensor
    alignment: Tensor
    stopped: bool


class Tacotron2(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.postnet = Postnet(config)
        self.register_buffer("mel_mean", torch.zeros(config.bands))
        self.register_buffer("mel_sd", torch.ones(config.bands))
        self.mel_mean: Tensor
        self.mel_sd: Tensor

    def normalise(self, mel: Tensor) -> Tensor:
        """A natural-log mel spectrogram as the model sees it."""
        return (mel - self.mel_mean) / self.mel_sd

    def denormalise(self, frames: Tensor) -> Tensor:
        """The inverse of `normalise`."""
        return frames * self.mel_sd + self.mel_mean

    def prenet_masks(self, *shape: int, generator: torch.Generator | None = None) -> Tensor:
        """Random masks of the prenet's dropout, ``(2, *shape, prenet)``."""
        keep = 1.0 - self.config.prenet_dropout
        full = (2, *shape, self.config.prenet)
        return (torch.rand(full, generator=generator) < keep).to(self.mel_mean.device, torch.float32) / keep

    def forward(
        self,
        symbols: Tensor,
        text_lengths: Tensor,
        controls: Tensor,
        frames: Tensor,
        frame_lengths: Tensor,
        masks: Tensor,
    ) -> Output:
        """A teacher-forced pass.

        Args:
            symbols: ``(batch, text)``, padded with 0.
            controls: ``(batch, controls)``, scaled.
            frames: normalised, ``(batch, frames, bands)``; the number of frames is a multiple of the reduction.
            masks: the prenet's, ``(2, batch, steps, prenet)``.
        """
        memory = self.encoder(symbols, text_lengths, controls)
        padding = lengths_to_mask(text_lengths, symbols.shape[1])
        before = frames[:, self.config.reduction - 1 :: self.config.reduction][:, :-1]
        inputs = torch.cat((self.go_frame(len(frames)), before), 1)
        decoded = self.decoder(memory, padding, inputs, controls, masks)
        outside = lengths_to_mask(frame_lengths, frames.shape[1])
        return Output(decoded, self.postnet(decoded.frames, outside))

    def go_frame(self, batch: int) -> Tensor:
        """What stands before the first frame, ``(batch, 1, bands)``."""
        return self.mel_mean.new_zeros(batch, 1, self.config.bands)

    @torch.inference_mode()
    def speak(self, symbols: Tensor, controls: Tensor, masks: Tensor) -> Speech:
        """The speech of one text ``(text,)`` with controls ``(controls,)``, in at most as many steps as masks.

        ``masks`` are the prenet's, ``(2, steps, prenet)``. The model should be in evaluation mode.
        """
        controls = controls[None]
        memory = self.encoder(symbols[None], None, controls)
        keys = self.decoder.attention.memory(memory)
        state, frame = self.decoder.start(memory), self.go_frame(1)[:, 0]
        pieces, alignments, stopped = [], [], False
        for step in range(masks.shape[1]):
            piece, stop, state = self.decoder.step(memory, keys, frame, controls, masks[:, step, None], state)
            pieces.append(piece)
            alignments.append(state.alignment)
            frame = piece[:, -1]
            stopped = bool(stop[0] > 0.0)
            if stopped:
                break
        frames = self.postnet(torch.cat(pieces, 1), None)
        return Speech(self.denormalise(frames[0]), torch.cat(alignments), stopped)
