"""Transforms from one scale to another that keep no state: ``log``, ``expand``, ``to-voice``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from antiphon.builtin.normalizers.options import Distribution
from antiphon.builtin.transforms.options import ExpandOptions, LogOptions, ToVoiceOptions
from antiphon.features import FeatureSpec, Measurement, Measurements
from antiphon.payloads import Control
from antiphon.stages import Component

Function = Callable[[float], Measurement]


class Mapped:
    """A session that applies a function to each value; missing ones stay missing.

    Args:
        functions: by feature.
        otherwise: what becomes of features without a function; None leaves them as they are.
    """

    def __init__(self, functions: Mapping[str, Function], otherwise: Measurement | None = None) -> None:
        self._functions = functions
        self._otherwise = otherwise

    def apply(self, features: Measurements) -> dict[str, Measurement]:
        return {name: self._apply(name, measured) for name, measured in features.items()}

    def _apply(self, name: str, measured: Measurement) -> Measurement:
        if measured.value is None:
            return measured
        if name not in self._functions:
            return self._otherwise or measured
        return self._functions[name](measured.value)


class Log(Component[LogOptions]):
    """Raw to natural logarithm, with each feature's floor; dB stay dB."""

    def session(self, seed: int) -> Mapped:
        chosen = {name: spec for name, spec in self.setup.specs.items() if self.options.takes(spec)}
        return Mapped({name: _logarithm(spec) for name, spec in chosen.items()})


class Expand(Component[ExpandOptions]):
    """z to raw: zσ + μ, with σ and μ from the options."""

    def session(self, seed: int) -> Mapped:
        log, specs = self.options.domain == "log", self.setup.specs
        chosen = {name: moments for name, moments in self.options.features.items() if name in specs}
        return Mapped({name: _expansion(specs[name], m, log) for name, m in chosen.items()})


class ToVoice(Component[ToVoiceOptions]):
    """z to raw on the scale of the voice that will speak, within what it can do."""

    def session(self, seed: int) -> Mapped:
        controls = self.setup.voice.controls if self.setup.voice else ()
        spread = self.options.spread
        functions = {c.feature.name: _control(c, spread.get(c.feature.name, 1.0)) for c in controls}
        return Mapped(functions, otherwise=Measurement(None, "the voice cannot be told this feature"))


def _logarithm(spec: FeatureSpec) -> Function:
    return lambda raw: Measurement(spec.to_log(raw))


def _expansion(spec: FeatureSpec, moments: Distribution, log: bool) -> Function:
    def expand(z: float) -> Measurement:
        value = moments.mean + moments.sd * z
        try:
            raw = spec.from_log(value) if log else value
        except OverflowError:
            return Measurement(None, f"a z-score of {z:.3g} is beyond all numbers")
        if spec.floor is not None and raw <= 0:
            return Measurement(None, f"the target would be {raw:.3g} {spec.unit}")
        return Measurement(raw)

    return expand


def _control(control: Control, spread: float) -> Function:
    return lambda z: Measurement(reach(control, spread * z))


def reach(control: Control, z: float) -> float:
    """The raw value, within what the voice can do, that lies z standard deviations from the voice's mean."""
    if z >= control.to_z(control.high):  # before the inverse of the logarithm, which overflows for large z
        return control.high
    return control.clip(control.from_z(z))
