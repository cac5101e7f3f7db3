"""Small corpora, conversations and models that the tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
import pytest
import torch
from antiphon.features import PROSODY
from antiphon.normalization import Prior
from antiphon_entrain_neural.checkpoint import Card, Checkpoint, TrainingData, save_checkpoint
from antiphon_entrain_neural.config import Config
from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.model.predictor import VECTORS
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.words import Vocabulary

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


@pytest.fixture(scope="session")
def random_checkpoint() -> Callable[..., Checkpoint]:
    """Writes the checkpoint of a model that was not trained: random weights, none of them zero."""

    def write(folder: Path, config: Config | None = None, *, seed: int = 0) -> Checkpoint:
        config = config or Config()
        words = Vocabulary(("yes", "no", "well")) if config.text.reads and config.text.embedding == "learned" else None
        dims = config.text.dims if config.text.reads else 0
        torch.manual_seed(seed)
        model = StepModel(len(PROSODY), dims, config.model, config.text)
        weights = {name: value.numpy().copy() for name, value in model.state_dict().items()}
        rng = np.random.default_rng(seed)
        for value in weights.values():
            value += rng.normal(0, 0.1, value.shape).astype(np.float32)
        if words is not None:
            weights[VECTORS] = rng.normal(size=(len(words), dims)).astype(np.float32)
        data = TrainingData("nothing", "CC0-1.0", "0", 0, 0, {})
        prior = attrs.evolve(Prior.load("builtin:default"), name="test")
        return save_checkpoint(folder, Card("random", PROSODY, dims, config, data, {}), prior, words, weights)

    return write
