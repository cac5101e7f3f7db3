"""A small simulator of conversations: autoregressive speakers who follow each other by a known amount."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

Simulate = Callable[..., pd.DataFrame]


def _simulate(
    *,
    conversations: int = 12,
    turns: int = 40,
    features: int = 1,
    coupling: float = 0.0,
    shared: float = 0.0,
    seed: int,
) -> pd.DataFrame:
    """x_{t+1} = speaker + d_{t+1}, d_{t+1} = 0.4 · own last d + coupling · partner's last d + noise (SD 1).

    Speakers' means are normal (SD 1.5) around 100, with correlation `shared` between partners.
    """
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(conversations, 1, features)) * np.sqrt(shared)
    own = rng.normal(size=(conversations, 2, features)) * np.sqrt(1 - shared)
    speakers, deviation = 100 + 1.5 * (common + own), np.zeros((conversations, 2, features))
    start, tables = np.zeros(conversations), []
    for turn in range(turns):
        side = turn % 2
        noise = rng.normal(size=(conversations, features))
        deviation[:, side] = 0.4 * deviation[:, side] + coupling * deviation[:, 1 - side] + noise
        end = start + rng.gamma(2.0, 1.5, conversations) + 0.1
        table = pd.DataFrame(speakers[:, side] + deviation[:, side], columns=[f"f{i}" for i in range(features)])
        names = [f"{c}{'ab'[side]}" for c in range(conversations)]
        tables.append(
            table.assign(conversation=range(conversations), turn=turn, speaker=names, start_s=start, end_s=end)
        )
        start = end + 0.3
    return pd.concat(tables, ignore_index=True)


@pytest.fixture
def simulate() -> Simulate:
    return _simulate


@pytest.fixture
def dialogue() -> Callable[..., pd.DataFrame]:
    """A conversation of speakers A and B in turn with the given values, one second a turn."""

    def make(values: list[float], conversation: str = "c", speakers: str = "AB") -> pd.DataFrame:
        count = len(values)
        return pd.DataFrame(
            {
                "conversation": conversation,
                "turn": range(count),
                "speaker": [conversation + speakers[i % len(speakers)] for i in range(count)],
                "start_s": np.arange(count, dtype=float),
                "end_s": np.arange(count) + 0.9,
                "f": values,
            }
        )

    return make
