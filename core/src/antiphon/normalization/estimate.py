"""Estimates a prior from a corpus. Which split to take it from is the caller's business: the training split alone."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from statistics import fmean, harmonic_mean, variance

from antiphon.errors import ModelError
from antiphon.features import FeatureSpec, Measurements
from antiphon.normalization.prior import VARIANCE_DOF, FeaturePrior, Prior

MIN_VARIANCE = 1e-6
DOF_RANGE = (2.0, 50.0)


def estimate_prior(
    speakers: Iterable[Sequence[Measurements]],
    specs: Iterable[FeatureSpec],
    *,
    name: str = "unnamed",
    provenance: str = "",
) -> Prior:
    """The prior of a corpus, by the method of moments.

    Args:
        speakers: for every speaker in every conversation, the measurements of that speaker's turns; missing ones are
            left out.
        specs: the features to estimate, on the scale (raw or log) of the measurements.
        name, provenance: written into the prior.

    Raises:
        ModelError: fewer than two speakers have two measured turns of a feature.
    """
    turns = [list(speaker) for speaker in speakers]
    features = {}
    for spec in specs:
        groups = [_values(speaker, spec) for speaker in turns]
        features[spec.name] = estimate_feature(groups, spec.on("log"), source=provenance)
    return Prior(features, name, provenance)


def _values(turns: Iterable[Measurements], spec: FeatureSpec) -> list[float]:
    measured = (turn[spec.name].value for turn in turns if spec.name in turn)
    return [spec.to_log(value) if spec.scale == "raw" else value for value in measured if value is not None]


def estimate_feature(groups: Iterable[Sequence[float]], feature: FeatureSpec, *, source: str = "") -> FeaturePrior:
    """The prior of one feature from its values in the log domain, one group per speaker in a conversation.

    The sampling variance that the means carry, and that the variances carry, is taken off with the exact expectation
    for groups of unequal size: the harmonic means of the sizes, and of the sizes less one.

    Raises:
        ModelError: fewer than two groups have two values.
    """
    useful = [list(group) for group in groups if len(group) >= 2]
    if len(useful) < 2:
        raise ModelError(f"a prior of {feature.name} needs two speakers with two measured turns, not {len(useful)}")
    means = [fmean(group) for group in useful]
    variances = [variance(group) for group in useful]
    within = max(fmean(variances), MIN_VARIANCE)
    between = max(variance(means) - within / harmonic_mean([len(group) for group in useful]), MIN_VARIANCE)
    return FeaturePrior(
        feature,
        mean=fmean(means),
        within_variance=within,
        between_variance=between,
        variance_dof=_variance_dof(variances, within, harmonic_mean([len(group) - 1 for group in useful])),
        source=source,
        corpus_sha256=corpus_sha256(useful),
    )


def _variance_dof(variances: Sequence[float], within: float, dof: float) -> float:
    """How much the true variances of speakers differ, as the degrees of freedom of a scaled inverse chi square."""
    if len(variances) < 3:
        return VARIANCE_DOF
    excess = variance(variances) - 2 * within**2 / dof
    low, high = DOF_RANGE
    return min(max(2 * within**2 / max(excess, math.ulp(1.0) * within**2), low), high)


def corpus_sha256(groups: Iterable[Sequence[float]]) -> str:
    """A digest of the exact numbers, which does not depend on the order of the groups."""
    lines = sorted(" ".join(value.hex() for value in group) for group in groups)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
