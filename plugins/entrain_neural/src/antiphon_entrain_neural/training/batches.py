"""Conversations in batches: padded tensors, those of like length and like order of speakers together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.training.texts import TextBatch, Texts


class Batch(NamedTuple):
    """B conversations, padded to T turns.

    Attributes:
        z: shape ``(B, T, features)``, 0 where missing.
        valid: shape ``(B, T, features)``, 1 where measured.
        is_us: shape ``(B, T)``, 1 where the turn is ours.
        real: shape ``(B, T)``, 1 where there is a turn.
        texts: the different texts.
        text: which of them is spoken in a turn, shape ``(B, T)``.
    """

    z: Tensor
    valid: Tensor
    is_us: Tensor
    real: Tensor
    texts: TextBatch
    text: Tensor


class Conversations(Dataset[int]):
    """Conversations as tensors; an item is its own index, for `collate` makes the batch."""

    def __init__(self, conversations: Sequence[Conversation], texts: Texts) -> None:
        self.conversations = conversations
        self._texts = texts
        self._z = [torch.from_numpy(c.z) for c in conversations]
        self._valid = [torch.from_numpy(c.valid).float() for c in conversations]
        self._is_us = [torch.from_numpy(c.is_us).float() for c in conversations]
        self._text = [torch.from_numpy(texts.numbers(c.texts)) for c in conversations]

    def __len__(self) -> int:
        return len(self.conversations)

    def __getitem__(self, index: int) -> int:
        return index

    def collate(self, indices: Sequence[int]) -> Batch:
        """The batch of these conversations."""
        lengths = torch.tensor([len(self._text[index]) for index in indices])
        real = (torch.arange(int(lengths.max())) < lengths.unsqueeze(1)).float()
        z, valid, is_us, numbers = (
            torch.nn.utils.rnn.pad_sequence([values[index] for index in indices], batch_first=True)
            for values in (self._z, self._valid, self._is_us, self._text)
        )
        texts, text = self._texts.batch(numbers)
        return Batch(z, valid, is_us, real, texts, text)


class LikeTogether(Sampler[list[int]]):
    """Batches of conversations that begin with the same speaker and are about as long, in a new order every epoch.

    The order depends on the seed and the epoch alone. With several processes each gets its share, all the same number
    of batches.

    Args:
        conversations: to be divided.
        size: of a batch.
        seed: of the order; None for always the same order, the shortest first.
        epoch: whose order comes first; every pass over the batches is an epoch.
        rank, processes: which of how many processes this one is.
    """

    POOL = 20
    """Batches among which conversations are sorted by length; a larger pool pads less and mixes less."""

    def __init__(
        self,
        conversations: Sequence[Conversation],
        size: int,
        *,
        seed: int | None = None,
        epoch: int = 0,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        self._lengths = np.array([len(c) for c in conversations])
        self._starts = [bool(c.is_us[0]) if len(c) else False for c in conversations]
        self._size, self._seed, self._epoch = size, seed, epoch
        self._rank, self._processes = rank, processes

    def __len__(self) -> int:
        batches = sum(-(-self._starts.count(starts) // self._size) for starts in (False, True))
        return -(-batches // self._processes)

    def __iter__(self) -> Iterator[list[int]]:
        batches = self._batches()
        self._epoch += 1
        batches += batches[: -len(batches) % self._processes]
        return iter(batches[self._rank :: self._processes])

    def _batches(self) -> list[list[int]]:
        shuffle = random.Random(f"{self._seed} {self._epoch}")
        batches: list[list[int]] = []
        for starts in (False, True):
            group = [index for index, value in enumerate(self._starts) if value == starts]
            if self._seed is not None:
                shuffle.shuffle(group)
            pool = self._size * (self.POOL if self._seed is not None else max(len(group), 1))
            for begin in range(0, len(group), pool):
                alike = sorted(group[begin : begin + pool], key=lambda index: int(self._lengths[index]))
                batches += [alike[first : first + self._size] for first in range(0, len(alike), self._size)]
        if self._seed is not None:
            shuffle.shuffle(batches)
        return batches
