"""From the words of a turn to a vector: their mean, or attention over a bidirectional LSTM."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

LOG_WORDS = (1.8, 0.9)
"""Roughly mean and standard deviation of log(1 + words) of a turn; they only bring the length near 0."""


def told_length(lengths: Tensor) -> Tensor:
    """The number of words as the model is told it, shape ``(N, 1)``."""
    return ((torch.log1p(lengths.float()) - LOG_WORDS[0]) / LOG_WORDS[1]).unsqueeze(1)


class AveragedWords(nn.Module):
    """The mean of the word vectors, through a linear layer; zero where there are no words."""

    def __init__(self, dims: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.project = nn.Linear(dims, size)

    def forward(self, words: Tensor, lengths: Tensor) -> Tensor:
        """Words of N texts, padded, shape ``(N, W, dims)``, and their numbers ``(N,)``; returns ``(N, size)``."""
        mean = (words * _there(words, lengths).unsqueeze(2)).sum(1) / lengths.clamp(min=1).unsqueeze(1)
        return self.of_means(mean, lengths)

    def of_means(self, means: Tensor, lengths: Tensor) -> Tensor:
        """The same of means that are known already, shape ``(N, dims)``."""
        return cast(Tensor, self.project(means) * (lengths > 0).unsqueeze(1))


class AttendedWords(nn.Module):
    """Additive attention over two layers of a bidirectional LSTM, asked by its last states; zero without words."""

    def __init__(self, dims: int, size: int, dropout: float) -> None:
        super().__init__()
        self.size, self.dims = size, dims
        half = (size + 1) // 2
        self.lstm = nn.LSTM(dims, half, num_layers=2, bidirectional=True, batch_first=True, dropout=dropout)
        self.of_key = nn.Linear(2 * half, half, bias=False)
        self.of_query = nn.Linear(2 * half, half, bias=False)
        self.energy = nn.Linear(half, 1, bias=False)
        self.project = nn.Linear(2 * half, size) if 2 * half != size else nn.Identity()

    def forward(self, words: Tensor, lengths: Tensor) -> Tensor:
        """As `AveragedWords.forward`."""
        outputs, (hidden, _) = self._read(words, lengths.clamp(min=1))
        query = torch.cat((hidden[-2], hidden[-1]), dim=1)
        energies = self.energy(torch.tanh(self.of_key(outputs) + self.of_query(query).unsqueeze(1))).squeeze(2)
        weights = torch.softmax(energies.masked_fill(_there(words, lengths) == 0, -1e4), dim=1)
        read = self.project(torch.bmm(weights.unsqueeze(1), outputs).squeeze(1))
        return cast(Tensor, read * (lengths > 0).unsqueeze(1))

    def _read(self, words: Tensor, lengths: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        if len(words) == 1:  # as in a dialogue: nothing is padded, nothing needs packing
            return cast(tuple[Tensor, tuple[Tensor, Tensor]], self.lstm(words))
        packed = pack_padded_sequence(words, lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, states = self.lstm(packed)
        return pad_packed_sequence(outputs, batch_first=True, total_length=words.shape[1])[0], states


class NoWords(nn.Module):
    """Nothing is read."""

    size = 0

    def forward(self, words: Tensor, lengths: Tensor) -> Tensor:
        """Shape ``(N, 0)``."""
        return words.new_zeros(len(lengths), 0)


def _there(words: Tensor, lengths: Tensor) -> Tensor:
    """1 where there is a word, shape ``(N, W)``."""
    return (torch.arange(words.shape[1], device=words.device) < lengths.unsqueeze(1)).to(words.dtype)
