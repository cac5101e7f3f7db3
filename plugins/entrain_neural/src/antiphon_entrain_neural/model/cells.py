"""Recurrent layers whose state is an argument."""

from __future__ import annotations

from typing import Literal, cast

import torch
from torch import Tensor, nn

Cell = Literal["gru", "lstm"]


class RecurrentStack(nn.Module):
    """Layers of GRU or LSTM cells, dropout after each; the states themselves are never dropped.

    The state has the shape ``(kinds, layers, B, units)``: the hidden states, and of an LSTM the cells' as well.
    """

    def __init__(self, cell: Cell, inputs: int, units: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.kinds = 1 if cell == "gru" else 2
        self.units = units
        kind = nn.GRU if cell == "gru" else nn.LSTM
        between = dropout if layers > 1 else 0.0  # after the last layer it is our own
        self.layers = kind(inputs, units, num_layers=layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(dropout)

    def start(self, batch: int, like: Tensor) -> Tensor:
        """The state before the first turn."""
        return like.new_zeros(self.kinds, self.layers.num_layers, batch, self.units)

    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step: inputs of shape ``(B, inputs)``; returns outputs ``(B, units)`` and the new state."""
        states = []
        for number, (w_ih, w_hh, b_ih, b_hh) in enumerate(self.layers.all_weights):
            if number:
                inputs = self.dropout(inputs)
            if self.kinds == 1:
                inputs = torch.gru_cell(inputs, state[0, number], w_ih, w_hh, b_ih, b_hh)
                states.append(inputs.unsqueeze(0))
            else:
                hidden = (state[0, number], state[1, number])
                inputs, cell = torch.lstm_cell(inputs, hidden, w_ih, w_hh, b_ih, b_hh)
                states.append(torch.stack((inputs, cell)))
        return self.dropout(inputs), torch.stack(states, dim=1)

    def sequence(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """All steps of sequences that are known in advance, from the start, shape ``(B, T, inputs)``.

        Returns the outputs and the undropped states of the last layer, both of shape ``(B, T, units)``.
        """
        outputs, _ = self.layers(inputs)
        return self.dropout(outputs), outputs


class ParallelStack(nn.Module):
    """Equal stacks of GRU or LSTM cells side by side, one a feature, each with weights of its own.

    One multiplication serves them all; the state has the shape ``(kinds, layers, B, features, units)``.
    """

    def __init__(self, cell: Cell, features: int, inputs: int, units: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.cell = cell
        self.kinds = 1 if cell == "gru" else 2
        self.features, self.units = features, units
        self.layers = nn.ModuleList(
            _ParallelCell(cell, features, units if layer else inputs, units) for layer in range(layers)
        )
        self.dropout = nn.Dropout(dropout)

    def start(self, batch: int, like: Tensor) -> Tensor:
        """The state before the first turn."""
        return like.new_zeros(self.kinds, len(self.layers), batch, self.features, self.units)

    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs of shape ``(B, features, inputs)``; returns outputs ``(B, features, units)`` and the new state."""
        states = []
        for number, layer in enumerate(self.layers):
            new = cast(Tensor, layer(inputs, state[:, number]))
            states.append(new)
            inputs = self.dropout(new[0])
        return inputs, torch.stack(states, dim=1)

    def sequence(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """As `RecurrentStack.sequence`, of inputs of shape ``(B, T, features, inputs)``."""
        state, outputs, tops = self.start(len(inputs), inputs), [], []
        for step in inputs.unbind(1):
            output, state = self(step, state)
            outputs.append(output)
            tops.append(state[0, -1])
        return torch.stack(outputs, dim=1), torch.stack(tops, dim=1)


class _ParallelCell(nn.Module):
    def __init__(self, cell: Cell, features: int, inputs: int, units: int) -> None:
        super().__init__()
        self.cell = cell
        gates = 3 if cell == "gru" else 4
        bound = units**-0.5
        self.input = nn.Parameter(torch.empty(features, inputs, gates * units).uniform_(-bound, bound))
        self.hidden = nn.Parameter(torch.empty(features, units, gates * units).uniform_(-bound, bound))
        self.input_bias = nn.Parameter(torch.empty(features, gates * units).uniform_(-bound, bound))
        self.hidden_bias = nn.Parameter(torch.empty(features, gates * units).uniform_(-bound, bound))

    def forward(self, inputs: Tensor, state: Tensor) -> Tensor:
        """State of shape ``(kinds, B, features, units)``, and back."""
        hidden = state[0]
        of_inputs = torch.einsum("bfi,fig->bfg", inputs, self.input) + self.input_bias
        of_hidden = torch.einsum("bfu,fug->bfg", hidden, self.hidden) + self.hidden_bias
        if self.cell == "gru":
            reset, update, new = of_inputs.chunk(3, dim=-1)
            h_reset, h_update, h_new = of_hidden.chunk(3, dim=-1)
            update = torch.sigmoid(update + h_update)
            candidate = torch.tanh(new + torch.sigmoid(reset + h_reset) * h_new)
            return (candidate + update * (hidden - candidate)).unsqueeze(0)
        open_, forget, candidate, output = (of_inputs + of_hidden).chunk(4, dim=-1)
        cell = torch.sigmoid(forget) * state[1] + torch.sigmoid(open_) * torch.tanh(candidate)
        return torch.stack((torch.sigmoid(output) * torch.tanh(cell), cell))
