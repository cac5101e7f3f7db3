"""Checkpoints: folders of safetensors and JSON, written whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from antiphon.errors import ModelError
from attrs import asdict, frozen
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

KEPT = 2


@frozen
class Position:
    """Where a training is.

    Attributes:
        step: steps done.
        epoch, batch: the next batch.
        elapsed_s: time spent in training, over all runs.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    elapsed_s: float = 0.0


def save(
    folder: Path,
    position: Position,
    model: Mapping[str, Tensor],
    average: Mapping[str, Tensor],
    optimizer: torch.optim.Optimizer,
) -> Path:
    """Write a checkpoint; older ones but the last `KEPT` are deleted."""
    path = folder / f"step-{position.step:07d}"
    temporary = folder / f".{path.name}.part"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    save_file({name: tensor.contiguous() for name, tensor in model.items()}, temporary / "model.safetensors")
    save_file({name: tensor.contiguous() for name, tensor in average.items()}, temporary / "average.safetensors")
    save_file(_moments(optimizer), temporary / "optimizer.safetensors")
    (temporary / "position.json").write_text(json.dumps(asdict(position)) + "\n", "utf-8")
    shutil.rmtree(path, ignore_errors=True)
    temporary.replace(path)
    for old in find(folder)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return path


def find(folder: Path) -> list[Path]:
    """The checkpoints of a folder, oldest first."""
    return sorted(folder.glob("step-*"))


def load(path: Path, optimizer: torch.optim.Optimizer) -> tuple[Position, dict[str, Tensor], dict[str, Tensor]]:
    """Position, model and average of a checkpoint; the optimizer gets its moments back.

    Raises:
        ModelError: it is damaged or of another model.
    """
    try:
        position = Position(**json.loads((path / "position.json").read_text("utf-8")))
        model, average = load_file(path / "model.safetensors"), load_file(path / "average.safetensors")
        _restore(optimizer, load_file(path / "optimizer.safetensors"))
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
        raise ModelError(f"{path}: damaged ({error}); delete it, and training goes on from the one before") from error
    return position, model, average


def _moments(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    return {
        f"{index}.{name}": tensor.contiguous()
        for index, state in optimizer.state_dict()["state"].items()
        for name, tensor in state.items()
    }


def _restore(optimizer: torch.optim.Optimizer, moments: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Any]] = {}
    for key, tensor in moments.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
