"""Options of the normalisers, and what each makes of the features that reach it; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen, validators

from antiphon.errors import ModelError, PipelineError
from antiphon.features import FeatureSpec
from antiphon.options import option


@frozen
class CausalOptions:
    """Of the causal running normaliser.

    Features without a prior are left out of the normalised features; what was measured stays in the recording. Name
    them in ``features`` to be told instead.
    """

    prior: Path = option(
        Path("builtin:default"), help='The prior: "builtin:default", or a JSON file made with antiphon.Prior.'
    )
    features: tuple[str, ...] = option(
        (), help="Features that must come out normalised, and the only ones; all that have a prior if empty."
    )
    memory_turns: float | None = option(
        None,
        help="How many turns are remembered of a speaker whose voice drifts; without it every turn counts the same.",
        unit="turns",
        validator=validators.optional(validators.gt(1)),
    )
    warm_start: tuple[Path, ...] = option(
        (), help="Session folders of the same user, whose turns count as ten turns at most.", exists=True
    )

    def convert(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        return {name: spec.on("z") for name, spec in self.accepted(specs).items()}

    def accepted(self, specs: Mapping[str, FeatureSpec]) -> dict[str, FeatureSpec]:
        """The features that are normalised, as they arrive.

        Raises:
            PipelineError: one that must come out is not measured or has no prior, none would come out, or one is of
                another unit or definition than the prior's.
        """
        from antiphon.normalization import Prior

        try:
            prior = Prior.load(self.prior)
            known = prior.accept({name: s for name, s in specs.items() if not self.features or name in self.features})
        except ModelError as error:
            raise PipelineError(f"normalizer causal: {error}") from error
        have, priors = ", ".join(specs) or "none", ", ".join(prior.features)
        for name in self.features:
            if name not in specs:
                raise PipelineError(f"normalizer causal: {name} is not measured; the features that arrive are {have}")
            if name not in known:
                raise PipelineError(f'normalizer causal: no prior of {name}; "{prior.name}" is of {priors}')
        if specs and not known:
            raise PipelineError(f'normalizer causal: no prior of {have}; "{prior.name}" is of {priors}')
        if self.warm_start and any(spec.scale != "raw" for spec in known.values()):
            raise PipelineError("normalizer causal: warm_start needs raw features; it takes logarithms by itself")
        return known


@frozen
class UserZOptions:
    """Of the z-score over the user's turns so far."""

    def convert(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        refuse_z("normalizer user-z", specs)
        return {name: spec.on("z") for name, spec in specs.items()}


@frozen
class Distribution:
    """Mean and standard deviation of a feature."""

    mean: float = option(help="Mean, in the unit of the feature.")
    sd: float = option(help="Standard deviation, in the unit of the feature.", validator=validators.gt(0))


@frozen
class FixedOptions:
    """Of the z-score with given moments; features that are not named are left out."""

    features: Mapping[str, Distribution] = option(
        help="Mean and standard deviation by feature, on the scale in which the feature arrives.",
        validator=validators.min_len(1),
    )

    def convert(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        refuse_absent("normalizer fixed", self.features, specs)
        chosen = {name: specs[name] for name in self.features}
        refuse_z("normalizer fixed", chosen)
        return {name: spec.on("z") for name, spec in chosen.items()}


@frozen
class NoneOptions:
    """Of no normalisation at all."""

    def convert(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        return dict(specs)


def refuse_z(who: str, specs: Mapping[str, FeatureSpec]) -> None:
    """Raise PipelineError if a feature is a z-score."""
    for name, spec in specs.items():
        if spec.scale == "z":
            raise PipelineError(f"{who}: {name} is a z-score already; it needs raw or log values")


def refuse_absent(who: str, names: Mapping[str, object] | tuple[str, ...], specs: Mapping[str, FeatureSpec]) -> None:
    """Raise PipelineError if one of `names` does not arrive."""
    for name in names:
        if name not in specs:
            arriving = ", ".join(specs) or "none"
            raise PipelineError(f"{who}: there is no {name}; the features that arrive are {arriving}")
