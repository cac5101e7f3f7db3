"""The normaliser ``none``: features stay as they arrive."""

from __future__ import annotations

from antiphon.builtin.normalizers.options import NoneOptions
from antiphon.features import Measurements
from antiphon.stages import Component


class Unnormalized(Component[NoneOptions]):
    """Keeps no state, so every session is the component itself."""

    def session(self, seed: int) -> Unnormalized:
        return self

    def normalize(self, features: Measurements) -> Measurements:
        return features
