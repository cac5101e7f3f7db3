"""The transform ``map``: moves the user's values into the voice's range, where no normaliser is wanted.

A value becomes a z-score with the user's running moments (ddof 0, this turn included), and that becomes a value with
the mean and standard deviation of the target.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from antiphon.builtin.normalizers.options import Distribution
from antiphon.builtin.transforms.options import MapOptions
from antiphon.builtin.transforms.scales import reach
from antiphon.features import FeatureSpec, Measurement, Measurements
from antiphon.normalization import Moments
from antiphon.stages import Component, Setup


class Map(Component[MapOptions]):
    """User's range to voice's range."""

    def session(self, seed: int) -> MapSession:
        return MapSession(self.options, self.setup)


class MapSession:
    """One conversation."""

    def __init__(self, options: MapOptions, setup: Setup) -> None:
        self._options = options
        self._specs = setup.specs
        self._targets = {name: _to_target(spec, options, setup) for name, spec in setup.specs.items()}
        self._moments: dict[str, Moments] = {}

    def apply(self, features: Measurements) -> dict[str, Measurement]:
        return {name: self._map(name, measured) for name, measured in features.items()}

    def _map(self, name: str, measured: Measurement) -> Measurement:
        to_target = self._targets.get(name)
        if measured.value is None:
            return measured
        if to_target is None:
            return Measurement(None, "the voice has no range of it, and none is given in target")
        value = float(measured.value)
        moments = self._moments[name] = self._moments.get(name, Moments()).add(value)
        for speaker in (self._running(moments), self._options.speaker.get(name)):
            if speaker is not None:
                mapped = to_target((value - speaker.mean) / speaker.sd)
                if self._possible(name, mapped):
                    return Measurement(mapped)
        return Measurement(None, f"cannot be mapped to the voice with {moments.n} turns of the user known")

    def _running(self, moments: Moments) -> Distribution | None:
        sd = math.sqrt(moments.variance(ddof=0))
        return Distribution(moments.mean, sd) if moments.n >= self._options.min_turns and sd > 0 else None

    def _possible(self, name: str, value: float) -> bool:
        spec = self._specs[name]
        return math.isfinite(value) and (value > 0 or spec.scale == "log" or spec.floor is None)


def _to_target(spec: FeatureSpec, options: MapOptions, setup: Setup) -> Callable[[float], float] | None:
    """From a z-score to the target's scale; None where the target's range is not known."""
    if (given := options.target.get(spec.name)) is not None:
        return lambda z: given.mean + given.sd * z
    control = setup.voice.control(spec.name) if setup.voice else None
    if control is None:
        return None
    if spec.scale == "log":
        return lambda z: control.mean + control.sd * z
    return lambda z: reach(control, z)
