"""Pieces that encoder, decoder and postnet share."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Gain = Literal["linear", "relu", "sigmoid", "tanh"]
"""The nonlinearity behind a layer, for its first weights."""


class Convolution(nn.Module):
    """A convolution over time that keeps the length, with batch normalisation."""

    def __init__(self, inputs: int, outputs: int, kernel: int, gain: Gain, *, bias: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2, bias=bias)
        self.norm = nn.BatchNorm1d(outputs)
        nn.init.xavier_uniform_(self.conv.weight, nn.init.calculate_gain(gain))

    def forward(self, sequence: Tensor) -> Tensor:
        """``(batch, inputs, time)`` to ``(batch, outputs, time)``."""
        normalised: Tensor = self.norm(self.conv(sequence))
        return normalised


class Linear(nn.Linear):
    """A linear layer that starts as its nonlinearity wants it."""

    def __init__(self, inputs: int, outputs: int, *, bias: bool = True, gain: Gain = "linear") -> None:
        super().__init__(inputs, outputs, bias)
        nn.init.xavier_uniform_(self.weight, nn.init.calculate_gain(gain))


class Prenet(nn.Module):
    """Squeezes the last frame, with dropout that never ends: it is what makes the decoder listen to the text.

    The dropout's masks are inputs, so whoever calls decides on the randomness, and exporting does not lose it.
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.first = Linear(inputs, size, bias=False, gain="relu")
        self.second = Linear(size, size, bias=False, gain="relu")

    def forward(self, frame: Tensor, masks: Tensor) -> Tensor:
        """``(..., inputs)`` and masks ``(2, ..., size)`` of 0 and 1 / (1 - dropout), to ``(..., size)``."""
        hidden = functional.relu(self.first(frame)) * masks[0]
        return functional.relu(self.second(hidden)) * masks[1]


def lstm_step(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """Hidden state and cell of an LSTM from its gates before their nonlinearities, ``(batch, 4 size)``."""
    into, forget, candidate, out = gates.chunk(4, 1)
    cell = torch.sigmoid(forget) * cell + torch.sigmoid(into) * torch.tanh(candidate)
    return torch.sigmoid(out) * torch.tanh(cell), cell


def lengths_to_mask(lengths: Tensor, longest: int) -> Tensor:
    """True at padding, shape ``(batch, longest)``."""
    return torch.arange(longest, device=lengths.device)[None] >= lengths[:, None]
