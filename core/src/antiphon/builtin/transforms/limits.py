"""How far and how fast targets may go: the transforms ``clip`` and ``slew``, and the engine's limits of strategies."""

from __future__ import annotations

from collections.abc import Mapping

from antiphon.builtin.transforms.options import ClipOptions, SlewOptions
from antiphon.features import FeatureSpec, Measurement, Measurements, present
from antiphon.stages import Component


class Limits:
    """The limits of one session.

    First the magnitude is clipped, |y| ≤ clip, then the change from the last target is, |y_t - y_{t-1}| ≤ slew. The
    first target of a feature may be anywhere within the clip; a turn in which the feature is not asked for changes
    nothing.

    Args:
        clip: largest magnitude, in standard deviations; None for no limit.
        slew: largest change from turn to turn, likewise.
        specs: the scale of the targets; features that are no z-scores are not limited, since 2.5 of a hertz means
            nothing. Without specs everything is limited.
    """

    def __init__(self, clip: float | None, slew: float | None, specs: Mapping[str, FeatureSpec] | None = None) -> None:
        self._clip = clip
        self._slew = slew
        self._specs = specs or {}
        self._last: dict[str, float] = {}

    def apply(self, target: Mapping[str, float]) -> dict[str, float]:
        """The target within the limits."""
        return {name: self._limit(name, y) if self._limits(name) else y for name, y in target.items()}

    def _limits(self, feature: str) -> bool:
        return feature not in self._specs or self._specs[feature].scale == "z"

    def _limit(self, feature: str, y: float) -> float:
        if self._clip is not None:
            y = min(max(y, -self._clip), self._clip)
        last = self._last.get(feature)
        if self._slew is not None and last is not None:
            y = min(max(y, last - self._slew), last + self._slew)
        self._last[feature] = y
        return y


class LimitsSession:
    """Limits as a transform: missing measurements stay missing."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def apply(self, features: Measurements) -> dict[str, Measurement]:
        limited = self._limits.apply(present(features))
        return {name: Measurement(limited[name]) if name in limited else m for name, m in features.items()}


class Clip(Component[ClipOptions]):
    """|z| at most the limit."""

    def session(self, seed: int) -> LimitsSession:
        return LimitsSession(Limits(self.options.limit, None, self.setup.specs))


class Slew(Component[SlewOptions]):
    """|z_t - z_{t-1}| at most the limit."""

    def session(self, seed: int) -> LimitsSession:
        return LimitsSession(Limits(None, self.options.limit, self.setup.specs))
