"""Calls step functions: keeps their state between the calls of one conversation, and proves them by golden steps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from antiphon.errors import ModelError

from antiphon_entrain_neural.serving.sidecar import NEXT, STATE, Function, Sidecar, Values

TOLERANCE = 1e-4
"""How far an output may be from its golden value: far above rounding, far below another model."""


class Runtime(Protocol):
    """Step functions, ready to be called."""

    def __call__(self, function: str, inputs: Mapping[str, Values]) -> Mapping[str, Values]:
        """The outputs of one call; the inputs are not changed.

        Raises:
            ModelError: the function failed.
        """


class Steps:
    """The step functions in one conversation."""

    def __init__(self, runtime: Runtime, sidecar: Sidecar) -> None:
        self._runtime = runtime
        self._sidecar = sidecar
        self._state = sidecar.start()

    def __call__(self, function: str, inputs: Mapping[str, Values]) -> dict[str, Values]:
        """The outputs of the next call but the state, which is kept."""
        given = {**inputs, **{STATE + name: value for name, value in self._state.items()}}
        named = {name: given[name] for name in self._sidecar.functions[function].inputs}
        made = dict(self._runtime(function, named))
        for name in self._state:
            self._state[name] = made.pop(NEXT + name, self._state[name])
        return made


def verify(runtime: Runtime, sidecar: Sidecar, where: Path) -> None:
    """Replay the golden steps.

    Raises:
        ModelError: there are none, or the functions give something else.
    """
    steps = Steps(runtime, sidecar)
    compared = 0
    for number, golden in enumerate(sidecar.golden):
        try:
            made = steps(golden.function, golden.inputs)
            for name, expected in golden.outputs.items():
                apart = float(np.abs(made[name] - expected).max(initial=0.0))
                if made[name].shape != expected.shape or not apart <= TOLERANCE:
                    raise ValueError(f"{name} is {apart:.2g} from what it was when the model was exported")
                compared += expected.size
        except (KeyError, ValueError) as error:
            raise ModelError(
                f"{where}: step {number} ({golden.function}) does not give its golden values: {error}; export the "
                "checkpoint again, or report it with your version of the runtime"
            ) from error
    if not compared:
        raise ModelError(f"{where}: it has no golden steps; export the checkpoint again")


def read_function(function: Function, read: Callable[[str], bytes], where: Path) -> bytes:
    """The file of a function, as it was when the sidecar was written.

    Raises:
        ModelError: it is another.
    """
    data = read(function.file)
    if hashlib.sha256(data).hexdigest() != function.sha256:
        raise ModelError(f"{where}: {function.file} is not the file that it was written for; copy the folder again")
    return data
