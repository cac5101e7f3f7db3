"""Scales: what makes comparable numbers of one speaker's raw measurements, in standard deviations of somebody.

The partner is a stranger whose statistics are learned while the conversation goes on; that is core's
`antiphon.normalization.CausalNormalizer`. Our own voice is known before the conversation begins; its scale is fixed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from antiphon.errors import ModelError
from antiphon.features import FeatureSpec, Measurement, Measurements
from antiphon.normalization import FeaturePrior, Moments, Prior
from antiphon.normalization.causal import CLIP
from antiphon.normalization.trackers import shrink
from antiphon.payloads import VoiceCard
from attrs import field, frozen


class Scale(Protocol):
    """The scale of one speaker in one conversation."""

    def step(self, turn: Measurements) -> Measurements:
        """The z-scores of the speaker's next turn; what is missing stays missing, with its reason."""


@frozen
class Level:
    """Mean and standard deviation of a feature, in its log domain (`FeatureSpec.to_log`)."""

    mean: float
    sd: float = field()

    @sd.validator
    def _positive(self, _: object, value: float) -> None:
        if not value > 0:
            raise ModelError(f"a standard deviation is positive, not {value}")

    @classmethod
    def shrunk(cls, moments: Moments, prior: FeaturePrior) -> Level:
        """Of a speaker: between the prior's and that of the speaker's turns (`antiphon.normalization`)."""
        mean, variance = shrink(moments, prior)
        return cls(mean, math.sqrt(variance))

    def z(self, value: float) -> float:
        """A value of the log domain in standard deviations from the mean, at most 4 either way."""
        return min(max((value - self.mean) / self.sd, -CLIP), CLIP)


@frozen
class FixedScale:
    """A speaker whose statistics are known before the conversation, such as a synthetic voice.

    Attributes:
        levels: by feature; features without one are missing.
        specs: how the measurements arrive, raw.
    """

    levels: Mapping[str, Level]
    specs: Mapping[str, FeatureSpec]

    @classmethod
    def of_voice(cls, voice: VoiceCard, features: Sequence[FeatureSpec]) -> FixedScale:
        """The scale on which a voice's controls are z-scores.

        Raises:
            ModelError: the voice and the model mean different things by the name of a feature.
        """
        controls = {f.name: voice.control(f.name) for f in features}
        levels = {}
        for spec in features:
            control = controls[spec.name]
            if control is None:
                continue
            if not control.feature.fits(spec.on("raw")):
                raise ModelError(f'the voice "{voice.name}" has {control.feature}, the model {spec.on("raw")}')
            levels[spec.name] = Level(control.mean, control.sd)
        return cls(levels, {f.name: f.on("raw") for f in features})

    def step(self, turn: Measurements) -> dict[str, Measurement]:
        return {name: self._step(name, turn) for name in self.specs}

    def _step(self, name: str, turn: Measurements) -> Measurement:
        measured = turn.get(name) or Measurement(None, "not measured")
        if measured.value is None:
            return measured
        if name not in self.levels:
            return Measurement(None, "the voice's own level is not known")
        return Measurement(self.levels[name].z(self.specs[name].to_log(measured.value)))


class LeaveOneOutScale:
    """A speaker heard in one conversation only: each turn against all the others, with the prior where they are few.

    Stands for the fixed scale of a speaker of whom nothing else is known. A target must not set its own scale.

    Args:
        turns: all turns of the speaker in the conversation; `step` takes the same ones in the same order.
        prior: of speakers in general.
    """

    def __init__(self, turns: Sequence[Measurements], prior: Prior) -> None:
        self._prior = prior
        self._moments = {name: Moments.of(log_values(turns, p.feature)) for name, p in prior.features.items()}

    def step(self, turn: Measurements) -> dict[str, Measurement]:
        return {name: self._step(prior, turn) for name, prior in self._prior.features.items()}

    def _step(self, prior: FeaturePrior, turn: Measurements) -> Measurement:
        measured = turn.get(prior.feature.name) or Measurement(None, "not measured")
        if measured.value is None:
            return measured
        value = prior.feature.to_log(measured.value)
        others = without(self._moments[prior.feature.name], value)
        return Measurement(Level.shrunk(others, prior).z(value))


def log_values(turns: Sequence[Measurements], feature: FeatureSpec) -> list[float]:
    """What was measured of a feature, in its log domain."""
    measured = (turn[feature.name].value for turn in turns if feature.name in turn)
    return [feature.to_log(value) for value in measured if value is not None]


def without(moments: Moments, value: float) -> Moments:
    """The moments of the same numbers but one (the inverse of `Moments.add`)."""
    n = moments.n - 1
    if n == 0:
        return Moments()
    mean = moments.mean - (value - moments.mean) / n
    return Moments(n, mean, max(moments.m2 - (value - moments.mean) * (value - mean), 0.0))


def known_scale(elsewhere: Mapping[str, Moments], prior: Prior) -> FixedScale:
    """The scale of a speaker known from other conversations; the prior's where they are few."""
    levels = {name: Level.shrunk(elsewhere.get(name, Moments()), p) for name, p in prior.features.items()}
    return FixedScale(levels, {name: p.feature.on("raw") for name, p in prior.features.items()})


def conversation_scale(turns: Sequence[Measurements], prior: Prior) -> FixedScale:
    """The scale of the speaker's own turns in the whole conversation, later ones included (ddof 1).

    For comparison with studies that normalised so; it is not to be had in a dialogue. A feature whose turns are all
    alike, or that was measured once, has no level.
    """
    moments = {name: Moments.of(log_values(turns, p.feature)) for name, p in prior.features.items()}
    levels = {name: Level(m.mean, math.sqrt(m.variance())) for name, m in moments.items() if m.variance() > 0}
    return FixedScale(levels, {name: p.feature.on("raw") for name, p in prior.features.items()})
