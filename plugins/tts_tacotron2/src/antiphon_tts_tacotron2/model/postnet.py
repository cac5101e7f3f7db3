"""Convolutions that sharpen the decoder's frames."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from antiphon_tts_tacotron2.model.config import ModelConfig
from antiphon_tts_tacotron2.model.layers import Convolution, Gain


class Postnet(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        sizes = [config.bands, *[config.postnet] * (config.postnet_layers - 1), config.bands]
        gains: list[Gain] = ["tanh"] * (config.postnet_layers - 1)
        gains.append("linear")
        self.convolutions = nn.ModuleList(
            Convolution(inputs, outputs, config.postnet_kernel, gain, bias=False)
            for inputs, outputs, gain in zip(sizes[:-1], sizes[1:], gains, strict=True)
        )
        self._dropout = config.dropout

    def forward(self, frames: Tensor, padding: Tensor | None) -> Tensor:
        """Frames ``(batch, frames, bands)`` to better ones; ``padding`` is True behind the end of each utterance."""
        hidden = frames.transpose(1, 2)
        outside = None if padding is None else padding[:, None]
        for number, convolution in enumerate(self.convolutions, 1):
            if outside is not None:
                hidden = hidden.masked_fill(outside, 0.0)
            hidden = convolution(hidden)
            if number < len(self.convolutions):
                hidden = torch.tanh(hidden)
            hidden = functional.dropout(hidden, self._dropout, self.training)
        return frames + hidden.transpose(1, 2)
