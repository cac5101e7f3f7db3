"""Location-sensitive attention (Chorowski et al. 2015), with the causal prior of Battenberg et al. (2020).

The energy of text position j at decoder step i is

    e_ij = v' tanh(W q_i + V h_j + U f_ij) + ln max(p_ij, 1e-6)

where f are convolutions of the last alignment and of the sum of all, and p_i is the last alignment moved forward by a
beta-binomial distribution over 0 to 10 positions. What lies behind the last alignment has p = 0, so attention cannot go
back, and a leap of more than 10 positions is as good as impossible.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy import stats
from torch import Tensor, nn
from torch.nn import functional

from antiphon_tts_tacotron2.model.config import ModelConfig
from antiphon_tts_tacotron2.model.layers import Linear

PRIOR_LENGTH, PRIOR_ALPHA, PRIOR_BETA = 11, 0.1, 0.9
"""The values of Battenberg et al.: on average one position forward a step."""

PRIOR_FLOOR = 1e-6


def prior_taps() -> Tensor:
    """Probability of moving 0, 1, ... positions forward in a step."""
    distribution = stats.betabinom(PRIOR_LENGTH - 1, PRIOR_ALPHA, PRIOR_BETA)
    return torch.from_numpy(distribution.pmf(np.arange(PRIOR_LENGTH)).astype(np.float32))


class Attention(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.query = Linear(config.attention_lstm, config.attention, bias=False, gain="tanh")
        self.memory = Linear(config.embedding, config.attention, bias=False, gain="tanh")
        self.v = Linear(config.attention, 1, bias=False)
        kernel = config.location_kernel
        self.location_conv = nn.Conv1d(2, config.location_filters, kernel, padding=kernel // 2, bias=False)
        nn.init.xavier_uniform_(self.location_conv.weight)
        self.location = Linear(config.location_filters, config.attention, bias=False, gain="tanh")
        self.causal_prior = config.causal_prior
        self.register_buffer("taps", prior_taps().flip(0)[None, None], persistent=False)
        self.taps: Tensor

    def first(self, memory: Tensor) -> Tensor:
        """The alignment before the first step: at the first symbol with a causal prior, nowhere without."""
        alignment = memory.new_zeros(memory.shape[:2])
        if self.causal_prior:
            alignment[:, 0] = 1.0
        return alignment

    def forward(self, query: Tensor, keys: Tensor, last: Tensor, total: Tensor, padding: Tensor | None) -> Tensor:
        """The alignment ``(batch, text)``.

        Args:
            query: ``(batch, attention LSTM)``.
            keys: the memory through ``self.memory``, ``(batch, text, attention)``.
            last, total: the alignment of the last step, and the sum of all.
            padding: True where the text is padded, or None.
        """
        located = self.location(self.location_conv(torch.stack((last, total), 1)).transpose(1, 2))
        energies = self.v(torch.tanh(self.query(query)[:, None] + keys + located))[..., 0].float()
        if self.causal_prior:
            behind = functional.pad(last.detach().float()[:, None], (PRIOR_LENGTH - 1, 0))
            energies = energies + functional.conv1d(behind, self.taps)[:, 0].clamp_min(PRIOR_FLOOR).log()
        if padding is not None:
            energies = energies.masked_fill(padding, -1e9)
        return torch.softmax(energies, 1)
