"""Attention over the turns so far (Bahdanau, Cho and Bengio 2015)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class TurnAttention(nn.Module):
    """Additive attention over the history, with one head over all turns or one for each speaker's.

    ``e_t = v . tanh(W k_t + U q)``, softmax over the turns of the history that the head may see; the context is the
    weighted sum of their encodings, and zero where there are none.

    Args:
        keys: size of an encoding.
        query: size of the query.
        units: of the energies.
        dual: one head over the partner's turns and one over ours, rather than one over all.
    """

    def __init__(self, keys: int, query: int, units: int, *, dual: bool) -> None:
        super().__init__()
        self.heads = 2 if dual else 1
        self.units = units
        self.of_key = nn.Linear(keys, units * self.heads, bias=False)
        self.of_query = nn.Linear(query, units * self.heads, bias=False)
        self.energy = nn.Parameter(torch.empty(self.heads, units).uniform_(-(units**-0.5), units**-0.5))
        self.size = keys * self.heads

    def forward(
        self, keys: Tensor, values: Tensor, is_us: Tensor, real: Tensor, query: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What to remember.

        Args:
            keys: `of_key` of the encodings, shape ``(B, H, units * heads)``.
            values: the encodings, shape ``(B, H, size)``.
            is_us: shape ``(B, H)``, 1 where the turn is ours.
            real: shape ``(B, H)``, 1 where there is a turn.
            query: shape ``(B, query)``.

        Returns:
            The context, shape ``(B, size)``, and the weights, ``(B, heads, H)``.
        """
        batch, turns = real.shape
        hidden = torch.tanh(keys + self.of_query(query).unsqueeze(1)).view(batch, turns, self.heads, self.units)
        energies = torch.einsum("bthu,hu->bht", hidden, self.energy)
        seen = real.unsqueeze(1)
        if self.heads == 2:
            seen = torch.stack((real * (1 - is_us), real * is_us), dim=1)
        energies = energies.masked_fill(seen == 0, -1e4)
        weights = torch.softmax(energies, dim=-1) * seen  # without a turn the softmax is of nothing
        return torch.bmm(weights, values).flatten(1), weights
