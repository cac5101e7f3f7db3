"""Step functions on ONNX Runtime, on one core of the CPU."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import onnxruntime
from antiphon.errors import ModelError

from antiphon_entrain_neural.serving.sidecar import Sidecar, Values
from antiphon_entrain_neural.serving.steps import read_function

ERRORS_ONLY = 3
"""ONNX Runtime's severity; it would otherwise warn of what is no trouble."""


class OnnxRuntime:
    """Both step functions of a model.

    Args:
        sidecar: says what they are.
        read: gives a file by name.
        where: the sidecar's file, for messages.

    Raises:
        ModelError: one of them is damaged.
    """

    def __init__(self, sidecar: Sidecar, read: Callable[[str], bytes], where: Path) -> None:
        if sidecar.format != "onnx":
            raise ModelError(f"{where}: the functions are {sidecar.format}, not onnx; export the model as onnx")
        self._where = where
        self._functions = {name: self._open(read_function(f, read, where), f.file) for name, f in _items(sidecar)}
        self._outputs = {name: list(function.outputs) for name, function in _items(sidecar)}

    def __call__(self, function: str, inputs: Mapping[str, Values]) -> dict[str, Values]:
        outputs = self._outputs[function]
        try:
            return dict(zip(outputs, self._functions[function].run(outputs, dict(inputs)), strict=True))
        except Exception as error:  # ONNX Runtime's errors have no base class
            raise ModelError(
                f"{self._where}: {function} failed: {_first_line(error)}; export the model again"
            ) from error

    def _open(self, data: bytes, file: str) -> Any:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = ERRORS_ONLY
        options.use_deterministic_compute = True
        try:
            return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # as above
            raise ModelError(
                f"{self._where.parent / file}: ONNX Runtime cannot open it: {_first_line(error)}; copy the folder "
                "again, or export the model again"
            ) from error


def _items(sidecar: Sidecar) -> Any:
    return sidecar.functions.items()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
