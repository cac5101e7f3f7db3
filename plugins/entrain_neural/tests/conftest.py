"""Small corpora, conversations and models that the tests share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from antiphon_entrain_neural.conversation import Conversation

torch.set_num_threads(1)  # tests of small models are faster so, most of all beside others

FEATURES = ("pitch_mean", "intensity_mean", "rate")


@pytest.fixture(scope="session")
def draw_conversation() -> Callable[..., Conversation]:
    """Makes a random conversation of so many turns; speakers, validity and texts without any order in them."""

    def draw(turns: int, seed: int = 0, *, alternating: bool = False) -> Conversation:
        rng = np.random.default_rng(seed)
        valid = rng.random((turns, len(FEATURES))) < 0.8
        texts = (" ".join(rng.choice(["yes", "no", "well", "Brno"], rng.integers(0, 5))) for _ in range(turns))
        is_us = np.arange(turns) % 2 == 1 if alternating else rng.random(turns) < 0.5
        return Conversation(
            f"c{seed}",
            "us",
            FEATURES,
            is_us,
            np.where(valid, rng.normal(size=valid.shape), 0).astype(np.float32),
            valid,
            tuple(texts),
            np.ones(turns, np.float32),
        )

    return draw
