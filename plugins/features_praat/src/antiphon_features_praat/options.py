"""Options of the feature extractor ``praat``."""

from __future__ import annotations

from typing import Literal

from antiphon.features import FeatureSpec
from antiphon.options import option
from attrs import Attribute, frozen, validators

from antiphon_features_praat.specs import ALL, BY_NAME

FeatureName = Literal[
    "duration",
    "duration_voiced",
    "pitch_mean",
    "pitch_05",
    "pitch_95",
    "pitch_range",
    "pitch_sd",
    "intensity_mean",
    "intensity_mean_voiced",
    "jitter",
    "shimmer",
    "nhr",
    "nhr_voiced",
]

POSITIVE = validators.gt(0.0)


def above_floor(options: PraatOptions, attribute: Attribute[float], ceiling: float) -> None:
    """An attrs validator: ValueError unless the pitch ceiling lies above the floor."""
    if ceiling <= options.pitch_floor:
        raise ValueError(f"pitch_ceiling ({ceiling:g} Hz) must be above pitch_floor ({options.pitch_floor:g} Hz)")


@frozen
class PraatOptions:
    """How Praat analyses; the defaults are Praat's own and those of the literature on entrainment."""

    features: tuple[FeatureName, ...] = option(
        tuple(BY_NAME), help="What to measure; only what these need is computed."
    )
    pitch_floor: float = option(75.0, help="Lowest F0 that is looked for.", unit="Hz", validator=validators.ge(20.0))
    pitch_ceiling: float = option(600.0, help="Highest F0 that is looked for.", unit="Hz", validator=above_floor)
    silence_threshold: float = option(
        0.03, help="Frames below this share of the greatest amplitude are unvoiced.", validator=validators.ge(0.0)
    )
    voicing_threshold: float = option(
        0.45, help="Strength that a pitch candidate needs to count as voiced.", validator=validators.ge(0.0)
    )
    octave_cost: float = option(0.01, help="How much high candidates are favoured, per octave.")
    octave_jump_cost: float = option(0.35, help="How much jumps of F0 are disfavoured, per octave.")
    voicing_cost: float = option(0.14, help="How much changes between voiced and unvoiced are disfavoured.")
    intensity_floor: float = option(
        100.0, help="Lowest F0 whose periods the intensity smooths away.", unit="Hz", validator=POSITIVE
    )
    longest_period: float = option(
        0.02, help="Longest period in jitter and shimmer, and longest gap in voicing.", unit="s", validator=POSITIVE
    )
    longest_s: float = option(
        300.0, help="Of an utterance longer than this only the duration is measured.", unit="s", validator=POSITIVE
    )

    def writes(self) -> tuple[FeatureSpec, ...]:
        """The features that were asked for."""
        return tuple(spec for spec in ALL if spec.name in self.features)
