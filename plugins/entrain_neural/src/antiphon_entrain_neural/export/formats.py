"""Writes step functions in the formats of other runtimes, and opens them again."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from antiphon.errors import ModelError
from torch.export import Dim, ExportedProgram

from antiphon_entrain_neural.export.functions import StepFunction
from antiphon_entrain_neural.serving.sidecar import Format, Sidecar, Values
from antiphon_entrain_neural.serving.steps import read_function

MOST_WORDS = 100_000
"""Of a turn."""

SUFFIXES: Mapping[Format, str] = {"onnx": ".onnx", "pt2": ".pt2", "torchscript": ".pt"}
SCANNED: Mapping[Format, bool] = {"onnx": True, "pt2": True, "torchscript": False}
"""Which formats need LSTMs over words as a scan; TorchScript has loops of its own."""


def write(function: StepFunction, format: Format) -> bytes:
    """A step function as a file of this format."""
    with _quiet(), torch.no_grad():
        if format == "torchscript":
            return _torchscript(function)
        program = _program(function)
        if format == "onnx":
            return _onnx(function, program)
        buffer = io.BytesIO()
        torch.export.save(program, buffer)
        return buffer.getvalue()


def _program(function: StepFunction) -> ExportedProgram:
    sizes: tuple[Any, ...] = tuple(
        {0: Dim("words", min=1, max=MOST_WORDS)} if name == "words" else {} for name in function.examples
    )
    values = tuple(function.examples.values())
    return torch.export.export(function, values, dynamic_shapes=(sizes,), strict=False)


def _onnx(function: StepFunction, program: ExportedProgram) -> bytes:
    made = torch.onnx.export(
        program,
        dynamo=True,
        verbose=False,
        input_names=list(function.examples),
        output_names=list(function.outputs),
    )
    assert made is not None
    model = made.model_proto
    forget_origins(model)
    return bytes(model.SerializeToString())


def forget_origins(model: Any) -> None:
    """Take out which lines of which files, on whose machine, an ONNX model was made from."""
    for graph in (model.graph, *model.functions):
        _forget(graph)


def _forget(graph: Any) -> None:
    for part in (graph, *graph.node, *graph.value_info):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs) if attribute.HasField("g") else attribute.graphs:
                _forget(inner)


def _torchscript(function: StepFunction) -> bytes:
    examples = tuple(function.examples.values())
    traced = torch.jit.trace(function, examples, check_trace=False)  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    torch.jit.save(traced, buffer)
    return buffer.getvalue()


class TorchRuntime:
    """Step functions as .pt2 or TorchScript, in PyTorch.

    Only open what you trust: PyTorch promises nothing for hostile files of these formats.

    Raises:
        ModelError: they cannot be opened.
    """

    def __init__(self, sidecar: Sidecar, read: Callable[[str], bytes], where: Path) -> None:
        self._where = where
        self._outputs = {name: function.outputs for name, function in sidecar.functions.items()}
        self._functions = {}
        for name, function in sidecar.functions.items():
            data = io.BytesIO(read_function(function, read, where))
            try:
                with _quiet():
                    self._functions[name] = _open(data, sidecar.format)
            except Exception as error:  # whatever PyTorch raises of a damaged file
                raise ModelError(f"{where.parent / function.file}: PyTorch cannot open it: {error}") from error

    def __call__(self, function: str, inputs: Mapping[str, Values]) -> dict[str, Values]:
        try:
            with torch.inference_mode():
                made = self._functions[function](*(torch.from_numpy(value) for value in inputs.values()))
        except (RuntimeError, ValueError, TypeError) as error:
            raise ModelError(f"{self._where}: {function} failed: {error}") from error
        return {name: value.numpy() for name, value in zip(self._outputs[function], made, strict=True)}


def _open(data: io.BytesIO, format: Format) -> Callable[..., Sequence[torch.Tensor]]:
    if format == "pt2":
        return torch.export.load(data).module()
    return torch.jit.load(data)  # type: ignore[no-untyped-call,no-any-return]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporters' remarks on themselves."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "torch.export", "torch.jit")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
