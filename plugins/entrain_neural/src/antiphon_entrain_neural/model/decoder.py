"""Decoders: from what was remembered to the z-scores of the next turn."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn

from antiphon_entrain_neural.config import ModelConfig
from antiphon_entrain_neural.model.cells import ParallelStack, RecurrentStack


class OneDecoder(nn.Module):
    """One recurrent decoder and one head for all features."""

    def __init__(self, features: int, inputs: int, config: ModelConfig) -> None:
        super().__init__()
        units = config.decoder_units
        self.stack = RecurrentStack(config.cell, inputs, units, config.decoder_layers, config.dropout)
        hidden = [nn.Linear(units, config.head), nn.ReLU()] if config.head else []
        self.head = nn.Sequential(*hidden, nn.Linear(config.head or units, features))

    def start(self, batch: int, like: Tensor) -> Tensor:
        return self.stack.start(batch, like)

    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs of shape ``(B, inputs)``; returns ``(B, features)`` and the new state."""
        outputs, state = self.stack(inputs, state)
        return self.head(outputs), state

    def sequence(self, inputs: Tensor) -> Tensor:
        """All steps of sequences that are known in advance: from ``(B, T, inputs)`` to ``(B, T, features)``."""
        return cast(Tensor, self.head(self.stack.sequence(inputs)[0]))


class PerFeatureDecoder(nn.Module):
    """A recurrent decoder and a head for each feature."""

    def __init__(self, features: int, inputs: int, config: ModelConfig) -> None:
        super().__init__()
        self.features = features
        units = config.decoder_units
        self.stack = ParallelStack(config.cell, features, inputs, units, config.decoder_layers, config.dropout)
        sizes = [units, *([config.head] if config.head else []), 1]
        shapes = list(pairwise(sizes))
        self.weights = nn.ParameterList(
            torch.empty(features, into, out).uniform_(-(into**-0.5), into**-0.5) for into, out in shapes
        )
        self.biases = nn.ParameterList(torch.zeros(features, out) for _, out in shapes)

    def start(self, batch: int, like: Tensor) -> Tensor:
        return self.stack.start(batch, like)

    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """As `OneDecoder.forward`; the state has a dimension more."""
        outputs, state = self.stack(inputs.unsqueeze(1).expand(-1, self.features, -1), state)
        return self._head(outputs), state

    def sequence(self, inputs: Tensor) -> Tensor:
        """As `OneDecoder.sequence`."""
        return self._head(self.stack.sequence(inputs.unsqueeze(2).expand(-1, -1, self.features, -1))[0])

    def _head(self, outputs: Tensor) -> Tensor:
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            outputs = torch.einsum("...fu,fuo->...fo", torch.relu(outputs) if number else outputs, weight) + bias
        return outputs.squeeze(-1)
