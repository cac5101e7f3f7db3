"""The transform ``pitch-range``: forms the pitch range from its quantiles, before or after the logarithm."""

from __future__ import annotations

from antiphon.builtin.transforms.options import PitchRangeOptions
from antiphon.features import PITCH_05, PITCH_95, PITCH_RANGE, Measurement, Measurements
from antiphon.stages import Component

LOWEST_HZ = 1.0
NOT_MEASURED = Measurement(None, "not measured")


class PitchRange(Component[PitchRangeOptions]):
    """The ratio of raw quantiles, the difference of logarithmic ones; both orders of ``log`` and this are equal."""

    def session(self, seed: int) -> PitchRangeSession:
        scale = self.setup.specs[PITCH_95.name].scale if PITCH_95.name in self.setup.specs else "raw"
        return PitchRangeSession(log=scale == "log")


class PitchRangeSession:
    """Keeps no state."""

    def __init__(self, *, log: bool) -> None:
        self._log = log

    def apply(self, features: Measurements) -> dict[str, Measurement]:
        high, low = (features.get(spec.name, NOT_MEASURED) for spec in (PITCH_95, PITCH_05))
        return {**features, PITCH_RANGE.name: self._range(high, low)}

    def _range(self, high: Measurement, low: Measurement) -> Measurement:
        if high.value is None or low.value is None:
            return high if high.value is None else low
        if high.value < low.value or (low.value < LOWEST_HZ and not self._log):
            return Measurement(None, f"the pitch quantiles {low.value:.4g} and {high.value:.4g} span no range")
        return Measurement(high.value - low.value if self._log else high.value / low.value)
