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
        self, keys: Tensor, values: Tensor, is_us: Tensor, seen: Tensor, queries: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What to remember.

        Args:
            keys: `of_key` of the encodings, shape ``(B, H, units * heads)``.
            values: the encodings, shape ``(B, H, size)``.
            is_us: shape ``(B, H)``, 1 where the turn is ours.
            seen: 1 where a query may see a turn, shape ``(B, Q, H)``.
            queries: shape ``(B, Q, query)``.

        Returns:
            The contexts, shape ``(B, Q, size * heads)``, and the weights, ``(B, Q, heads, H)``.
        """
        hidden = torch.tanh(keys.unsqueeze(1) + self.of_query(queries).unsqueeze(2))
        by_head = zip(hidden.chunk(self.heads, dim=3), self.energy, strict=True)
        energies = torch.stack([torch.matmul(part, energy) for part, energy in by_head], dim=2)
        allowed = seen.unsqueeze(2)
        if self.heads == 2:
            allowed = allowed * torch.stack((1 - is_us, is_us), dim=1).unsqueeze(1)
        energies = energies.masked_fill(allowed == 0, -1e4)
        weights = torch.softmax(energies, dim=-1) * allowed  # without a turn the softmax is of nothing
        contexts = torch.bmm(weights.flatten(1, 2), values)
        return contexts.view(len(values), -1, self.size), weights
