"""Options of the transforms, and what each makes of the features that reach it; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen, validators

from antiphon.builtin.normalizers.options import Distribution, refuse_absent, refuse_z
from antiphon.errors import PipelineError
from antiphon.features import PITCH_05, PITCH_95, PITCH_RANGE, FeatureSpec
from antiphon.options import option

Specs = Mapping[str, FeatureSpec]


@frozen
class LogOptions:
    """Of ``log``."""

    features: tuple[str, ...] = option((), help="Raw features to take the logarithm of; all raw ones if empty.")

    def convert(self, specs: Specs) -> Specs:
        refuse_absent("transform log", self.features, specs)
        refuse_z("transform log", {name: s for name, s in specs.items() if not self.features or name in self.features})
        for name in self.features:
            if specs[name].scale == "log":
                raise PipelineError(f"transform log: {name} is a logarithm already; leave it out of features")
        return {name: spec.on("log") if self.takes(spec) else spec for name, spec in specs.items()}

    def takes(self, spec: FeatureSpec) -> bool:
        """Whether this feature is one to take the logarithm of."""
        return spec.scale == "raw" and (not self.features or spec.name in self.features)


@frozen
class PitchRangeOptions:
    """Of ``pitch-range``."""

    def convert(self, specs: Specs) -> Specs:
        quantiles = (PITCH_95.name, PITCH_05.name)
        refuse_absent("transform pitch-range", quantiles, specs)
        refuse_z("transform pitch-range", {name: specs[name] for name in quantiles})
        high, low = (specs[name] for name in quantiles)
        if high.scale != low.scale:
            raise PipelineError(f"transform pitch-range: {high} and {low} are not on the same scale")
        return {**specs, PITCH_RANGE.name: PITCH_RANGE.on(high.scale)}


@frozen
class MapOptions:
    """Of ``map``."""

    target: Mapping[str, Distribution] = option(
        factory=dict,
        help="Mean and standard deviation to map to, on the feature's scale; those of the voice where not given.",
    )
    speaker: Mapping[str, Distribution] = option(
        factory=dict, help="The user's mean and standard deviation, for as long as too few turns are known."
    )
    min_turns: int = option(
        2, help="How many turns are needed for the user's own moments.", unit="turns", validator=validators.ge(2)
    )

    def convert(self, specs: Specs) -> Specs:
        for given in (self.target, self.speaker):
            refuse_absent("transform map", given, specs)
        refuse_z("transform map", specs)
        return dict(specs)


@frozen
class ExpandOptions:
    """Of ``expand``; features that are not named stay as they are."""

    features: Mapping[str, Distribution] = option(
        help="Mean and standard deviation by feature.", validator=validators.min_len(1)
    )
    domain: Literal["raw", "log"] = option(
        "raw", help='What they are of: raw values, or (dB apart) natural logarithms, of which "log" takes the inverse.'
    )

    def convert(self, specs: Specs) -> Specs:
        refuse_absent("transform expand", self.features, specs)
        require_z("transform expand", {name: specs[name] for name in self.features})
        return {name: spec.on("raw") if name in self.features else spec for name, spec in specs.items()}


@frozen
class ToVoiceOptions:
    """Of ``to-voice``; features that the voice cannot be told are missing behind it."""

    spread: Mapping[str, float] = option(
        factory=dict,
        help="By feature, how many standard deviations of the voice a z-score of 1 is; 1 where not given.",
        validator=validators.deep_mapping(key_validator=validators.instance_of(str), value_validator=validators.ge(0)),
    )

    def convert(self, specs: Specs) -> Specs:
        refuse_absent("transform to-voice", self.spread, specs)
        require_z("transform to-voice", specs)
        return {name: spec.on("raw") for name, spec in specs.items()}


@frozen
class ClipOptions:
    """Of ``clip``; features that are no z-scores stay as they are."""

    limit: float = option(2.5, help="Largest magnitude of a z-score.", unit="SD", validator=validators.gt(0))

    def convert(self, specs: Specs) -> Specs:
        require_some_z("transform clip", specs)
        return dict(specs)


@frozen
class SlewOptions:
    """Of ``slew``; features that are no z-scores stay as they are."""

    limit: float = option(
        1.5, help="Largest change of a z-score from one turn to the next.", unit="SD", validator=validators.gt(0)
    )

    def convert(self, specs: Specs) -> Specs:
        require_some_z("transform slew", specs)
        return dict(specs)


def require_z(who: str, specs: Specs) -> None:
    """Raise PipelineError if a feature is no z-score."""
    for name, spec in specs.items():
        if spec.scale != "z":
            raise PipelineError(f"{who}: {name} is {spec.scale}, not a z-score; choose a normalizer, or leave this out")


def require_some_z(who: str, specs: Specs) -> None:
    """Raise PipelineError if there are features, and none is a z-score."""
    if specs and all(spec.scale != "z" for spec in specs.values()):
        raise PipelineError(f"{who}: none of {', '.join(specs)} is a z-score; choose a normalizer, or leave this out")
