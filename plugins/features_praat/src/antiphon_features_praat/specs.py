"""The features that Praat measures: those of `antiphon.features`, and three more of its own."""

from __future__ import annotations

from antiphon.features import (
    DURATION,
    DURATION_VOICED,
    INTENSITY_MEAN,
    JITTER,
    NHR,
    PITCH_05,
    PITCH_95,
    PITCH_MEAN,
    PITCH_RANGE,
    SHIMMER,
    FeatureSpec,
)

PITCH_SD = FeatureSpec("pitch_sd", "st", "standard deviation of F0 over voiced frames, in semitones", floor=1e-2)
INTENSITY_MEAN_VOICED = FeatureSpec(
    "intensity_mean_voiced", "dB", "energy mean of the intensity, concatenated voiced intervals"
)
NHR_VOICED = FeatureSpec(
    "nhr_voiced", "ratio", "mean noise-to-harmonics ratio, concatenated voiced intervals", floor=1e-3
)

ALL: tuple[FeatureSpec, ...] = (
    DURATION,
    DURATION_VOICED,
    PITCH_MEAN,
    PITCH_05,
    PITCH_95,
    PITCH_RANGE,
    PITCH_SD,
    INTENSITY_MEAN,
    INTENSITY_MEAN_VOICED,
    JITTER,
    SHIMMER,
    NHR,
    NHR_VOICED,
)
"""Everything that the extractor can measure."""

BY_NAME = {spec.name: spec for spec in ALL}
