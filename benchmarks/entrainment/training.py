"""Trains and judges a model of a simulated corpus, for the benchmarks; goes on where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from antiphon_entrain_neural.checkpoint import CARD, Checkpoint, load_checkpoint
from antiphon_entrain_neural.config import Config, load_config
from antiphon_entrain_neural.model.predictor import NeuralPredictor
from antiphon_entrain_neural.training.fit import Hardware, fit
from antiphon_entrain_neural.training.prepare import Prepared
from attrs import frozen

FINISHED = "finished"


def settings(*overrides: str) -> Config:
    """The default configuration for simulated corpora, whose second speaker is the one who follows, but for this."""
    return load_config("default", ("data.us=second-speaker", *overrides))


@frozen(eq=False)
class Trained:
    """A checkpoint and its model."""

    checkpoint: Checkpoint
    predictor: NeuralPredictor


def trained(prepare: Callable[[], Prepared], config: Config, folder: Path) -> None:
    """Train the model of a folder, unless that is done."""
    torch.set_num_threads(1)
    if not ((folder / FINISHED).exists() and (folder / CARD).exists()):
        fit(prepare(), config, folder, name=folder.name, hardware=Hardware("cpu"))
        (folder / FINISHED).touch()


def load_trained(folder: Path) -> Trained:
    """The model of a folder."""
    checkpoint = load_checkpoint(folder)
    return Trained(checkpoint, NeuralPredictor(checkpoint))


def kept(path: Path, make: Callable[[], Any]) -> Any:
    """What a JSON file holds; made and written unless it is there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(make(), indent=1), "utf-8")
        draft.replace(path)
    return json.loads(path.read_text("utf-8"))
