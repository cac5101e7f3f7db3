"""Exports a checkpoint into a folder, and opens such folders."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

import torch

from antiphon_entrain_neural.checkpoint import (
    DISTRIBUTION,
    PRIOR,
    VOCABULARY,
    Checkpoint,
    add_files,
    load_checkpoint,
    read_file,
)
from antiphon_entrain_neural.export.formats import SCANNED, SUFFIXES, TorchRuntime, write
from antiphon_entrain_neural.export.functions import StepFunction, step_functions
from antiphon_entrain_neural.export.golden import EXCHANGES, golden_steps
from antiphon_entrain_neural.model.predictor import load_model
from antiphon_entrain_neural.serving.onnx import OnnxRuntime
from antiphon_entrain_neural.serving.predictor import read_sidecar
from antiphon_entrain_neural.serving.sidecar import OBSERVE, SIDECAR, STATE, Format, Function, Input, Sidecar, Words
from antiphon_entrain_neural.serving.steps import Runtime, verify


def export(checkpoint: Checkpoint, folder: Path, format: Format, *, exchanges: int = EXCHANGES) -> Sidecar:
    """Write a model's step functions and what a program needs to call them, and prove them by their golden steps.

    Args:
        checkpoint: the model.
        folder: gets the files; what was exported into it before is replaced.
        format: of the functions.
        exchanges: how many the golden steps are of.

    Raises:
        ModelError: the checkpoint is damaged, or the export does not give what PyTorch does.
    """
    files = export_files(checkpoint, format, exchanges)
    files |= {name: checkpoint.read(name) for name in (PRIOR, VOCABULARY) if checkpoint.has(name)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return open_export(folder)[1]


def export_onnx(folder: Path) -> Checkpoint:
    """Add the ONNX step functions to the folder of a checkpoint, which the strategy ``neural`` needs.

    Raises:
        ModelError: as `export`.
    """
    checkpoint = load_checkpoint(folder)
    complete = add_files(checkpoint, export_files(checkpoint, "onnx", EXCHANGES))
    open_export(complete.folder)
    return complete


def open_export(folder: Path) -> tuple[Runtime, Sidecar]:
    """The step functions of a folder, proved by their golden steps. Open .pt2 and TorchScript only if you trust them.

    Raises:
        ModelError: they are damaged, or give something else than when they were written.
    """
    where = folder / SIDECAR
    sidecar = read_sidecar(read_file(where), where)
    opening = OnnxRuntime if sidecar.format == "onnx" else TorchRuntime
    runtime = opening(sidecar, lambda name: read_file(folder / name), where)
    verify(runtime, sidecar, where)
    return runtime, sidecar


def export_files(checkpoint: Checkpoint, format: Format, exchanges: int) -> dict[str, bytes]:
    """The step functions and their sidecar, by file name."""
    card = checkpoint.card
    model, vectors = load_model(checkpoint)
    functions = step_functions(model, vectors, card.dims, scanned=SCANNED[format])
    files = {name + SUFFIXES[format]: write(function, format) for name, function in functions.items()}
    described = {}
    for name, function in functions.items():
        file = name + SUFFIXES[format]
        digest = hashlib.sha256(files[file]).hexdigest()
        described[name] = Function(file, digest, _inputs(function), function.outputs)
    words = None
    if any("words" in function.inputs for function in described.values()):
        words = Words("vectors", None, card.dims) if vectors is None else Words("rows", len(vectors), card.dims)
    examples = functions[OBSERVE].examples.items()
    sidecar = Sidecar(
        format=format,
        model=card.name,
        made_with={DISTRIBUTION: metadata.version(DISTRIBUTION), "torch": torch.__version__},
        features=card.features,
        words=words,
        history_turns=model.config.history_turns,
        functions=described,
        state={name.removeprefix(STATE): tuple(v.shape) for name, v in examples if name.startswith(STATE)},
        golden=golden_steps(step_functions(model, vectors, card.dims, scanned=False), exchanges),
    )
    return {**files, SIDECAR: sidecar.to_json()}


def _inputs(function: StepFunction) -> dict[str, Input]:
    described = {}
    for name, value in function.examples.items():
        shape = ("words", *value.shape[1:]) if name == "words" else tuple(value.shape)
        described[name] = Input("int64" if value.dtype == torch.int64 else "float32", shape)
    return described
