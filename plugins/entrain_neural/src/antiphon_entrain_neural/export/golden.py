"""Golden steps: a conversation of random turns, and what PyTorch makes of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from antiphon_entrain_neural.export.functions import StepFunction
from antiphon_entrain_neural.serving.sidecar import NEXT, OBSERVE, PREDICT, STATE, Step, Values

EXCHANGES = 6
"""Of golden steps that are replayed at every start."""

MISSING = 0.2
"""Share of the features that are missing."""

TEXTS = (5, 0, 1, 2, 12)
"""Numbers of words; no text is no exception."""


def golden_steps(functions: Mapping[str, StepFunction], exchanges: int, seed: int = 0) -> tuple[Step, ...]:
    """The steps of a free-running conversation: the partner's turn, our prediction, and that as our turn."""
    rng = np.random.default_rng(seed)
    torchly = _Eager(functions)
    features = functions[OBSERVE].examples["z"].shape[1]
    steps = []
    for exchange in range(exchanges):
        valid = (rng.random((1, features)) >= MISSING).astype(np.float32)
        z = (rng.normal(size=(1, features)) * valid).astype(np.float32)
        partner = {"z": z, "valid": valid, "is_us": np.zeros(1, np.float32)}
        steps.append(torchly.step(OBSERVE, {**partner, **_words(functions[OBSERVE], exchange, rng)}))
        words = _words(functions[PREDICT], exchange + 2, rng)
        steps.append(torchly.step(PREDICT, {"is_us": np.ones(1, np.float32), **words}))
        ours = {"z": steps[-1].outputs["z"], "valid": np.ones_like(valid), "is_us": np.ones(1, np.float32)}
        steps.append(torchly.step(OBSERVE, {**ours, **_words(functions[OBSERVE], exchange + 2, rng)}))
    return tuple(steps)


class _Eager:
    """The functions as PyTorch runs them, without any exporter, and their state."""

    def __init__(self, functions: Mapping[str, StepFunction]) -> None:
        self._functions = functions
        examples = functions[OBSERVE].examples.items()
        self._state = {name: value for name, value in examples if name.startswith(STATE)}

    @torch.inference_mode()
    def step(self, name: str, inputs: Mapping[str, Values]) -> Step:
        function = self._functions[name]
        given = {**{key: torch.from_numpy(value) for key, value in inputs.items()}, **self._state}
        made = dict(zip(function.outputs, function(*(given[key] for key in function.examples)), strict=True))
        for key in self._state:
            self._state[key] = made.pop(NEXT + key.removeprefix(STATE), self._state[key])
        return Step(name, inputs, {key: value.numpy() for key, value in made.items()})


def _words(function: StepFunction, turn: int, rng: np.random.Generator) -> dict[str, Values]:
    example = function.examples.get("words")
    if example is None:
        return {}
    length = TEXTS[turn % len(TEXTS)]
    shape = (max(length, 1), *example.shape[1:])
    if function.vectors is None:
        words: Values = rng.normal(size=shape).astype(np.float32)
    else:
        words = rng.integers(len(function.vectors), size=shape)
    return {"words": words, "length": np.array([length], np.int64)}
