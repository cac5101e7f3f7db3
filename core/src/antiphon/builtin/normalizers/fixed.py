"""The normaliser ``fixed``: z-scores with a mean and a standard deviation that are given."""

from __future__ import annotations

from antiphon.builtin.normalizers.options import FixedOptions
from antiphon.features import Measurement, Measurements
from antiphon.stages import Component


class Fixed(Component[FixedOptions]):
    """Keeps no state, so every session is the component itself."""

    def session(self, seed: int) -> Fixed:
        return self

    def normalize(self, features: Measurements) -> dict[str, Measurement]:
        z = {}
        for name, moments in self.options.features.items():
            measured = features.get(name) or Measurement(None, "not measured")
            z[name] = measured if measured.value is None else Measurement((measured.value - moments.mean) / moments.sd)
        return z
