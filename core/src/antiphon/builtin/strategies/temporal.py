"""Strategies that look at how the user changes over turns: ``synchrony``, ``disentrain``, ``lagged``."""

from __future__ import annotations

from collections import deque

from antiphon.builtin.strategies.follower import Deviations, Formula, FormulaStrategy, Heard, scaled
from antiphon.builtin.strategies.options import DisentrainOptions, LaggedOptions, SynchronyOptions


class MoveWith:
    """y_t = ρ y_{t-1} + β (u_t - u_{t-1}), from y = 0 at the first turn of a feature."""

    def __init__(self, gain: float, retention: float) -> None:
        self._gain = gain
        self._retention = retention
        self._last: Deviations = {}
        self._target: dict[str, float] = {}

    def __call__(self, heard: Heard) -> Deviations:
        for name, user in heard.user.items():
            change = user - self._last.get(name, user)
            self._target[name] = self._retention * self._target.get(name, 0.0) + self._gain * change
        self._last = heard.user
        return self._target


class Synchrony(FormulaStrategy[SynchronyOptions]):
    """Moves with the user, from wherever the voice is, and not to the user."""

    def formula(self, seed: int) -> Formula:
        return MoveWith(self.options.gain, self.options.retention)


class Disentrain(FormulaStrategy[DisentrainOptions]):
    """y = -λu, or synchrony with the sign of the gain turned round."""

    def formula(self, seed: int) -> Formula:
        if self.options.kind == "anti-synchrony":
            return MoveWith(-self.options.strength, self.options.retention)
        return lambda heard: scaled(-self.options.strength, heard.user)


class Lagged(FormulaStrategy[LaggedOptions]):
    """y_t = Σ w_k u_{t-k}; turns before the first count as the voice's own default."""

    def formula(self, seed: int) -> Formula:
        turns: deque[Deviations] = deque(maxlen=len(self.options.weights))

        def target(heard: Heard) -> Deviations:
            turns.appendleft(heard.user)
            return {
                name: sum(w * turn.get(name, 0.0) for w, turn in zip(self.options.weights, turns, strict=False))
                for name in heard.user
            }

        return target
