"""Named prosodic features: what each one is, its unit, and values that may be missing.

Features travel by name, never by position. A `FeatureSpec` says what a number means; two stages fit
together only if they agree on it. A measurement that could not be made is a `Measurement` without a
value and with the reason, never a zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import evolve, field, frozen, validators

Scale = Literal["raw", "log", "z"]
"""``raw``: in the feature's unit. ``log``: natural logarithm of the floored raw value (dB stay dB).
``z``: standard deviations from somebody's mean, in the log domain where the feature has one."""


@frozen
class FeatureSpec:
    """What a feature is.

    ``floor`` is None for features that are already logarithmic (dB); for the others it is the smallest
    raw value that the logarithm is taken of.
    """

    name: str
    unit: str
    definition: str
    scale: Scale = field(default="raw", validator=validators.in_(("raw", "log", "z")))
    floor: float | None = None

    def on(self, scale: Scale) -> FeatureSpec:
        """The same feature on another scale."""
        return evolve(self, scale=scale)

    def fits(self, other: FeatureSpec) -> bool:
        """Whether values of `other` can be read where values of this feature are expected."""
        return (self.name, self.unit, self.definition, self.scale) == (
            other.name,
            other.unit,
            other.definition,
            other.scale,
        )

    def to_log(self, raw: float) -> float:
        """T_f: a raw value in the domain in which it is averaged (ln, or the value itself for dB)."""
        return raw if self.floor is None else math.log(max(raw, self.floor))

    def from_log(self, value: float) -> float:
        """The inverse of `to_log`."""
        return value if self.floor is None else math.exp(value)

    def __str__(self) -> str:
        return f"{self.name} [{self.unit}, {self.scale}]"


@frozen
class Measurement:
    """A number, or the reason why there is none."""

    value: float | None
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.value is None and not self.reason:
            raise ValueError("a missing measurement needs a reason")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"a measurement is finite or missing, not {self.value}")


Measurements = Mapping[str, Measurement]
"""Feature name to measurement."""


def missing(names: Iterable[str], reason: str) -> dict[str, Measurement]:
    """All of `names` missing for the same reason."""
    return {name: Measurement(None, reason) for name in names}


def present(measurements: Measurements) -> dict[str, float]:
    """The values that were measured, by name."""
    return {name: m.value for name, m in measurements.items() if m.value is not None}


DURATION = FeatureSpec("duration", "s", "total duration of the speech, from its first to its last sound", floor=1e-3)
DURATION_VOICED = FeatureSpec("duration_voiced", "s", "duration of the concatenated voiced intervals", floor=1e-3)
PITCH_MEAN = FeatureSpec("pitch_mean", "Hz", "mean F0 over voiced frames", floor=1.0)
PITCH_05 = FeatureSpec("pitch_05", "Hz", "5 % quantile of F0 over voiced frames", floor=1.0)
PITCH_95 = FeatureSpec("pitch_95", "Hz", "95 % quantile of F0 over voiced frames", floor=1.0)
PITCH_RANGE = FeatureSpec("pitch_range", "ratio", "95 % quantile of F0 divided by its 5 % quantile", floor=1.0)
INTENSITY_MEAN = FeatureSpec("intensity_mean", "dB", "energy mean of the intensity, whole utterance")
JITTER = FeatureSpec("jitter", "ratio", "local jitter of the voiced intervals", floor=1e-4)
SHIMMER = FeatureSpec("shimmer", "ratio", "local shimmer of the voiced intervals", floor=1e-3)
NHR = FeatureSpec("nhr", "ratio", "mean noise-to-harmonics ratio, whole utterance", floor=1e-3)
RATE = FeatureSpec("rate", "syll/s", "syllables per second of duration", floor=1e-2)

PROSODY: tuple[FeatureSpec, ...] = (PITCH_MEAN, PITCH_RANGE, INTENSITY_MEAN, JITTER, SHIMMER, NHR, RATE)
"""The seven features of the entrainment models, in the order of the literature's tables."""
