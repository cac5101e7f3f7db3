"""Where the agent stands: strategies are formulas over deviations from the agent's own default.

On the z scale the default is 0 and a deviation is the value itself. Raw values are first put in the log domain of
their feature, so that a deviation is a ratio (a difference for dB), and the default is that of the voice. So one
formula serves both: y = λu is λ of the user's z-score, or D (U / D)^λ in raw units.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from attrs import frozen

from antiphon.errors import PipelineError
from antiphon.features import PITCH_MEAN, FeatureSpec, Measurements, present
from antiphon.stages import Setup

OCTAVE = math.log(2)


@frozen
class Reference:
    """The agent's own default for one feature.

    Attributes:
        spec: the scale on which values come and go; None for values that are deviations already.
        default: in the log domain of the feature.
        sd: one standard deviation of the agent's speech, as a deviation.
    """

    spec: FeatureSpec | None = None
    default: float = 0.0
    sd: float = 1.0

    def deviation(self, value: float) -> float:
        """How far a value lies from the default."""
        return (self.spec.to_log(value) if self.spec and self.spec.scale == "raw" else value) - self.default

    def value(self, deviation: float) -> float:
        """The inverse of `deviation`."""
        value = self.default + deviation
        return self.spec.from_log(value) if self.spec and self.spec.scale == "raw" else value


AS_IT_IS = Reference()
"""For z-scores."""


class Frame:
    """The references of all features that the agent can be told.

    Args:
        references: by feature; where there are none at all, every feature is taken for a z-score.
        octave_rule: move the user's pitch, where it is no z-score, by at most an octave towards the agent's default,
            so that a man's pitch is not asked of a woman's voice, nor the other way round.
    """

    def __init__(self, references: Mapping[str, Reference], *, octave_rule: bool = False) -> None:
        self._references = references
        self._octave_rule = octave_rule

    @classmethod
    def of(cls, setup: Setup, *, octave_rule: bool = False) -> Frame:
        """The frame of a pipeline.

        Raises:
            PipelineError: features arrive that are not z-scores, and the voice has no default for any of them.
        """
        found = {name: _reference(spec, setup) for name, spec in setup.specs.items()}
        references = {name: reference for name, reference in found.items() if reference is not None}
        if found and not references:
            raise PipelineError(
                f"this strategy measures from the agent's own default, and the voice has none for {', '.join(found)}; "
                "choose a normalizer, or a voice that can be told these features"
            )
        return cls(references, octave_rule=octave_rule)

    @classmethod
    def as_it_is(cls, setup: Setup) -> Frame:
        """A frame in which every value counts as its own deviation."""
        return cls(dict.fromkeys(setup.specs, AS_IT_IS))

    @property
    def features(self) -> tuple[str, ...]:
        """What the agent can be told, in alphabetical order."""
        return tuple(sorted(self._references))

    def sd(self, feature: str) -> float:
        """One standard deviation of the agent's speech, as a deviation."""
        return self._references.get(feature, AS_IT_IS).sd

    def deviations(self, measurements: Measurements) -> dict[str, float]:
        """Of the features that were measured and have a reference."""
        known = present(measurements)
        return {name: self._deviation(name, known[name]) for name in known if self._knows(name)}

    def values(self, deviations: Mapping[str, float]) -> dict[str, float]:
        """The inverse of `deviations`."""
        return {name: self._references.get(name, AS_IT_IS).value(d) for name, d in deviations.items()}

    def _knows(self, feature: str) -> bool:
        return feature in self._references or not self._references

    def _deviation(self, feature: str, value: float) -> float:
        reference = self._references.get(feature, AS_IT_IS)
        deviation = reference.deviation(value)
        if self._octave_rule and feature == PITCH_MEAN.name and reference.spec:
            return nearest_octave(deviation)
        return deviation


def _reference(spec: FeatureSpec, setup: Setup) -> Reference | None:
    if spec.scale == "z":
        return AS_IT_IS
    control = setup.voice.control(spec.name) if setup.voice else None
    return Reference(spec, control.mean, control.sd) if control else None


def nearest_octave(deviation: float) -> float:
    """A deviation of pitch, in the log domain, moved by at most one octave towards 0."""
    return min((deviation + shift * OCTAVE for shift in (0, -1, 1)), key=abs)
