"""What goes with exported step functions: their inputs, outputs and state, and golden steps that prove a copy right.

A step function keeps nothing: its state goes in as inputs ``state_NAME`` and comes out as outputs ``next_NAME``, in
buffers of fixed shape that are zero before the first turn. An output ``next_NAME`` that a function lacks means that it
leaves that part as it was. There are two: ``observe`` is told of a turn of either speaker, ``predict`` is asked for the
next one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from antiphon.features import FeatureSpec
from attrs import asdict, field, frozen, validators

SCHEMA = 1
SIDECAR = "steps.json"
OBSERVE, PREDICT = "observe", "predict"
STATE, NEXT = "state_", "next_"

Format = Literal["onnx", "pt2", "torchscript"]
Dtype = Literal["float32", "int64"]
Values = npt.NDArray[Any]
Dimension = int | str
"""A size, or the name of one that varies."""

LARGEST = 10**8
"""No buffer has more numbers; who asks for more has no model."""


def _shape(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(values)


def _names(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _fits(_: object, __: object, shape: tuple[Any, ...]) -> None:
    sizes = [size for size in shape if not isinstance(size, str)]
    if not all(type(size) is int and size > 0 for size in sizes) or math.prod(sizes) > LARGEST:
        raise ValueError(f"{list(shape)} is no shape")


@frozen
class Input:
    """An input of a step function."""

    dtype: Dtype = field(validator=validators.in_(get_args(Dtype)))
    shape: tuple[Dimension, ...] = field(converter=_shape, validator=_fits)


@frozen
class Function:
    """One step function.

    Attributes:
        file: in the folder of the sidecar.
        sha256: of the file.
        inputs: by name, in order.
        outputs: their names, in order.
    """

    file: str
    sha256: str
    inputs: Mapping[str, Input]
    outputs: tuple[str, ...] = field(converter=_names)


@frozen
class Words:
    """How words come in: rows of the table of vectors that the function holds, or vectors."""

    kind: Literal["rows", "vectors"] = field(validator=validators.in_(("rows", "vectors")))
    count: int | None
    dims: int


@frozen(eq=False)
class Step:
    """A call of a step function: inputs and outputs other than state."""

    function: str
    inputs: Mapping[str, Values]
    outputs: Mapping[str, Values]


@frozen(eq=False)
class Sidecar:
    """All that a host program must know to call step functions.

    Attributes:
        format: of the files.
        model: name of the model.
        made_with: versions of the software.
        features: the columns of ``z`` and ``valid``.
        words: None where no words are read.
        history_turns: size of the ring buffers; the turn number n, from 0, is in the slot n modulo this.
        functions: by name.
        state: the shape of each part.
        golden: consecutive calls from the start of a conversation, with what PyTorch made of them.
    """

    format: Format = field(validator=validators.in_(get_args(Format)))
    model: str
    made_with: Mapping[str, str]
    features: tuple[FeatureSpec, ...]
    words: Words | None
    history_turns: int
    functions: Mapping[str, Function]
    state: Mapping[str, tuple[int, ...]]
    golden: tuple[Step, ...]

    def start(self) -> dict[str, Values]:
        """The state before the first turn."""
        return {name: np.zeros(shape, np.float32) for name, shape in self.state.items()}

    def to_json(self) -> bytes:
        """As `sidecar_from_tables` reads it; every float32 is exact."""
        tables = {
            "schema": SCHEMA,
            "format": self.format,
            "model": self.model,
            "made_with": dict(self.made_with),
            "features": [asdict(spec) for spec in self.features],
            "words": None if self.words is None else asdict(self.words),
            "history_turns": self.history_turns,
            "functions": {name: asdict(function) for name, function in self.functions.items()},
            "state": self.state,
            "golden": [
                {"function": step.function, "inputs": _lists(step.inputs), "outputs": _lists(step.outputs)}
                for step in self.golden
            ],
        }
        return (json.dumps(tables, allow_nan=False) + "\n").encode()


def sidecar_from_tables(tables: Any) -> Sidecar:
    """A sidecar from the tables of its JSON file.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it is none.
    """
    if tables["schema"] != SCHEMA:
        raise ValueError(f"it has schema {tables['schema']!r}; export the model again with this version")
    functions = {name: _function(tables["functions"][name]) for name in (OBSERVE, PREDICT)}
    state = {str(name): _fixed(shape) for name, shape in tables["state"].items()}
    return Sidecar(
        format=tables["format"],
        model=str(tables["model"]),
        made_with=dict(tables["made_with"]),
        features=tuple(FeatureSpec(**table) for table in tables["features"]),
        words=None if tables["words"] is None else Words(**tables["words"]),
        history_turns=int(tables["history_turns"]),
        functions=functions,
        state=state,
        golden=tuple(_step(table, functions) for table in tables["golden"]),
    )


def _function(table: Any) -> Function:
    inputs = {str(name): Input(**one) for name, one in table["inputs"].items()}
    return Function(str(table["file"]), str(table["sha256"]), inputs, table["outputs"])


def _fixed(shape: Any) -> tuple[int, ...]:
    sizes = Input("float32", shape).shape
    if any(isinstance(size, str) for size in sizes):
        raise ValueError(f"a part of the state has the shape {list(sizes)}, which is not fixed")
    return sizes  # type: ignore[return-value]  # as was just seen


def _step(table: Any, functions: Mapping[str, Function]) -> Step:
    inputs = functions[table["function"]].inputs
    given = {name: np.asarray(value, dtype=inputs[name].dtype) for name, value in table["inputs"].items()}
    made = {str(name): np.asarray(value, dtype=np.float32) for name, value in table["outputs"].items()}
    return Step(table["function"], given, made)


def _lists(values: Mapping[str, Values]) -> dict[str, Any]:
    return {name: _short(value.tolist()) for name, value in values.items()}


def _short(value: Any) -> Any:
    """Nested lists with no more digits than a float32 has."""
    if isinstance(value, list):
        return [_short(one) for one in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
