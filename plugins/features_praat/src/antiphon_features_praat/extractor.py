"""The feature extractor ``praat``: one analysis an utterance, shared by all its features."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from antiphon.features import Measurement, Measurements, missing
from antiphon.payloads import Utterance
from antiphon.stages import Component
from numpy.typing import NDArray

from antiphon_features_praat.analysis import Analysis
from antiphon_features_praat.commands import Unmeasurable
from antiphon_features_praat.options import PraatOptions

FEWEST_FRAMES = 10
"""Voiced frames that quantiles and a standard deviation need."""


class Praat(Component[PraatOptions]):
    """Measures with Praat; keeps nothing between utterances."""

    def session(self, seed: int) -> PraatSession:
        return PraatSession(self.options)


class PraatSession:
    """An `antiphon.stages.FeatureExtractor`."""

    def __init__(self, options: PraatOptions) -> None:
        self._options = options

    def extract(self, utterance: Utterance, known: Measurements) -> Measurements:
        """See `measure`; everything is missing from a typed turn."""
        if utterance.audio is None:
            return missing((spec.name for spec in self._options.writes()), "the turn was typed")
        return measure(Analysis(utterance.audio, self._options))


def measure(analysis: Analysis) -> Measurements:
    """The features that the analysis' options ask for, of any audio whatever: nothing is raised, only missing."""
    return {spec.name: _measurement(analysis, _FEATURES[spec.name]) for spec in analysis.options.writes()}


def _measurement(analysis: Analysis, feature: Callable[[Analysis], float]) -> Measurement:
    try:
        value = feature(analysis)
    except Unmeasurable as reason:
        return Measurement(None, str(reason))
    return Measurement(value) if math.isfinite(value) else Measurement(None, "undefined: too few periods")


def _duration(analysis: Analysis) -> float:
    if not len(analysis.audio.samples):
        raise Unmeasurable("the audio is empty")
    return analysis.audio.duration_s


def _quantile(analysis: Analysis, share: float) -> float:
    """Praat's quantile: the k-th of n sorted values lies at (k - 1/2)/n."""
    return float(np.quantile(_enough(analysis), share, method="hazen"))


def _pitch_range(analysis: Analysis) -> float:
    return _quantile(analysis, 0.95) / _quantile(analysis, 0.05)


def _pitch_sd(analysis: Analysis) -> float:
    return float(12.0 * np.log2(_enough(analysis)).std(ddof=1))


def _enough(analysis: Analysis) -> NDArray[np.float64]:
    if len(analysis.f0) < FEWEST_FRAMES:
        raise Unmeasurable(f"only {len(analysis.f0)} voiced frames, {FEWEST_FRAMES} needed")
    return analysis.f0


_FEATURES: Mapping[str, Callable[[Analysis], float]] = {
    "duration": _duration,
    "duration_voiced": lambda analysis: float(analysis.chain.duration),
    "pitch_mean": lambda analysis: float(analysis.f0.mean()),
    "pitch_05": lambda analysis: _quantile(analysis, 0.05),
    "pitch_95": lambda analysis: _quantile(analysis, 0.95),
    "pitch_range": _pitch_range,
    "pitch_sd": _pitch_sd,
    "intensity_mean": lambda analysis: analysis.intensity_mean,
    "intensity_mean_voiced": lambda analysis: analysis.chain_intensity_mean,
    "jitter": lambda analysis: analysis.jitter,
    "shimmer": lambda analysis: analysis.shimmer,
    "nhr": lambda analysis: analysis.nhr,
    "nhr_voiced": lambda analysis: analysis.chain_nhr,
}
