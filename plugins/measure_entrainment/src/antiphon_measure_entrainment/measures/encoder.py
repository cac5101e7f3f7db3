"""The encoder of turns: a network that predicts the partner's next turn, through a narrow code. Needs PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from antiphon_measure_entrainment.statistics.inference import Floats

HIDDEN, CODE = 128, 30
BATCH = 128
LEARNING_RATE = 1e-3


def _layers(*widths: int) -> list[nn.Module]:
    """Linear layers with batch normalisation and ReLU after each."""
    layers: list[nn.Module] = []
    for width, following in pairwise(widths):
        layers += [nn.Linear(width, following), nn.BatchNorm1d(following), nn.ReLU()]
    return layers


@contextmanager
def _one_thread() -> Iterator[None]:
    """PyTorch without threads: networks this small lose more by waiting for them than they gain."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train(first: Floats, second: Floats, *, updates: int, seed: int) -> nn.Module:
    """The encoder half of D → 128 → 30 → 128 → D, trained by Adam on smooth L1 to make `second` of `first`.

    Args:
        first, second: [E, D] turns and the partner's next, standardised. NaN is a missing measurement: 0, the mean,
            where it is read; without a part in the loss where it is to be predicted.
        updates: batches of 128 pairs (all pairs, if they are fewer), drawn anew in each pass over them.
    """
    known = torch.from_numpy(~np.isnan(second))
    inputs, targets = (torch.from_numpy(np.nan_to_num(each)).float() for each in (first, second))
    with _one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = nn.Sequential(*_layers(inputs.shape[1], HIDDEN, CODE))
        decoder = nn.Sequential(*_layers(CODE, HIDDEN), nn.Linear(HIDDEN, inputs.shape[1]))
        optimiser = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=LEARNING_RATE, fused=True)
        size = min(BATCH, len(inputs))
        # The rest that is no whole batch waits for the next pass: batch normalisation needs company.
        passes = len(inputs) // size
        for done in range(updates):
            if done % passes == 0:
                order = torch.randperm(len(inputs))
            batch = order[done % passes * size :][:size]
            error = nn.functional.smooth_l1_loss(decoder(encoder(inputs[batch])), targets[batch], reduction="none")
            loss = (error * known[batch]).sum() / size
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return encoder.eval()


def codes(encoder: nn.Module, turns: Floats) -> Floats:
    """[T, 30] codes of [T, D] turns."""
    with torch.no_grad():
        found: Floats = encoder(torch.from_numpy(np.nan_to_num(turns)).float()).numpy().astype(np.float64)
    return found
