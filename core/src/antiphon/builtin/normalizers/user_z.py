"""The normaliser ``user-z``: z-scores over the user's turns so far, this one included.

For comparison with systems that normalise so. It sees no prior: the first turn is always 0, the second always -1 or
+1, and the n-th never beyond the square root of n - 1, whatever the user does.
"""

from __future__ import annotations

import math

from antiphon.builtin.normalizers.options import UserZOptions
from antiphon.features import Measurement, Measurements
from antiphon.normalization import Moments
from antiphon.stages import Component

SMALLEST_SD = 1e-4
"""Stands in for a standard deviation of 0."""


class UserZ(Component[UserZOptions]):
    """Population moments (ddof 0) of one user."""

    def session(self, seed: int) -> UserZSession:
        return UserZSession()


class UserZSession:
    """One conversation."""

    def __init__(self) -> None:
        self._moments: dict[str, Moments] = {}

    def normalize(self, features: Measurements) -> dict[str, Measurement]:
        return {name: self._normalize(name, measured) for name, measured in features.items()}

    def _normalize(self, name: str, measured: Measurement) -> Measurement:
        if measured.value is None:
            return measured
        moments = self._moments[name] = self._moments.get(name, Moments()).add(float(measured.value))
        return Measurement((measured.value - moments.mean) / (math.sqrt(moments.variance(ddof=0)) or SMALLEST_SD))
