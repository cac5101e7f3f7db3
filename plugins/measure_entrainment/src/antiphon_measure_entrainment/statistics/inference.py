"""Confidence intervals over conversations and p-values from a null: shared by all measures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

import numpy as np
import numpy.typing as npt
from attrs import frozen
from scipy import stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Alternative = Literal["two-sided", "greater"]


@frozen(eq=False)
class Null:
    """One use of `permutation_p`: the observed statistic, its [N] draws under the null, and the p they gave."""

    observed: float
    draws: Floats
    p: float


_nulls: ContextVar[list[Null] | None] = ContextVar("nulls", default=None)


@contextmanager
def nulls_of() -> Iterator[list[Null]]:
    """Collects the nulls of what is measured inside, in order; for pictures of them."""
    collected: list[Null] = []
    token = _nulls.set(collected)
    try:
        yield collected
    finally:
        _nulls.reset(token)


def permutation_p(observed: float, null: Floats, alternative: Alternative = "two-sided") -> float:
    """p = (1 + #{T* ≥ T}) / (1 + N) (Davison & Hinkley 1997, section 4.2.1).

    ``two-sided`` compares distances from the mean of all arrangements, the observed one included.
    Differences in the last digits do not count as larger or smaller.
    """
    centre = (observed + null.sum()) / (1 + null.size)
    two_sided = alternative == "two-sided"
    statistic, drawn = (abs(observed - centre), np.abs(null - centre)) if two_sided else (observed, null)
    tolerance = 1e-12 * max(abs(statistic), float(np.abs(drawn).max()))
    p = float((1 + np.count_nonzero(drawn >= statistic - tolerance)) / (1 + null.size))
    collected = _nulls.get()
    if collected is not None:
        collected.append(Null(observed, null, p))
    return p


def weighted_mean(values: Floats, weights: Floats) -> tuple[float, float | None, float | None]:
    """Mean of conversations' values and its 95 % confidence interval, None for a single conversation.

    The standard error is the sandwich of the weighted mean, √(Σw²(v−v̄)²·C/(C−1)) / Σw, and the quantile is
    Student's with C−1 degrees of freedom: conversations are the independent units, never their turns.
    """
    total = weights.sum()
    mean = float(weights @ values / total)
    count = values.size
    if count < 2:
        return mean, None, None
    error = float(np.sqrt(np.sum((weights * (values - mean)) ** 2) * count / (count - 1)) / total)
    half = float(stats.t.ppf(0.975, count - 1)) * error
    return mean, mean - half, mean + half


def mean_correlation(r: Floats, n: Floats) -> tuple[float, float | None, float | None]:
    """Fisher's mean of correlations with weights n−3, and its 95 % confidence interval.

    Over conversations as in `weighted_mean`; for one conversation ±1.96/√(n−3), which takes its pairs for independent.
    """
    z, weights = fisher(r), n - 3.0
    mean, low, high = weighted_mean(z, weights)
    if low is None or high is None:
        half = 1.959964 / float(np.sqrt(weights.sum()))
        low, high = mean - half, mean + half
    return float(np.tanh(mean)), float(np.tanh(low)), float(np.tanh(high))


def fisher(r: Floats) -> Floats:
    """arctanh, bounded for perfect correlations."""
    return np.asarray(np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)), dtype=np.float64)


def paired_effect(differences: Floats) -> float | None:
    """Cohen's d_z: mean of paired differences over their standard deviation (ddof 1); None if they do not vary."""
    if differences.size < 2:
        return None
    spread = float(differences.std(ddof=1))
    return None if spread <= 1e-12 * max(1.0, float(np.abs(differences).max())) else float(differences.mean()) / spread


def constant(values: Floats) -> bool:
    """Whether values do not vary beyond rounding."""
    return values.size == 0 or bool(np.ptp(values) <= 1e-9 * max(float(np.abs(values).max()), 1e-300))
