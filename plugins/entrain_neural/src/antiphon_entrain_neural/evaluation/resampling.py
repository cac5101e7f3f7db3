"""Uncertainty over conversations, which are the independent units; their turns are not.

Intervals are percentiles of the bootstrap over conversations (Efron and Tibshirani 1993). Paired differences are
tested by exchanging the two predictors' sums in a random half of the conversations, p = (1 + as extreme) / (1 + draws)
(Davison and Hinkley 1997), and corrected over features after Benjamini and Hochberg (1995).
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from scipy.stats import false_discovery_control

from antiphon_entrain_neural.evaluation.judged import Floats
from antiphon_entrain_neural.evaluation.metrics import Sums

LEVEL = 0.95


@frozen
class Resampling:
    """How much is drawn.

    Attributes:
        bootstrap: resamples of the conversations.
        permutations: of the paired test.
        seed: of both.
    """

    bootstrap: int = 2000
    permutations: int = 10_000
    seed: int = 0

    def weights(self, conversations: int) -> Floats:
        """How often each conversation is in each resample, shape ``(bootstrap, conversations)``."""
        if conversations < 2:  # there is nothing to resample, and no interval
            return np.full((1, conversations), np.nan)
        rng = np.random.default_rng(self.seed)
        draws = rng.multinomial(conversations, np.full(conversations, 1 / conversations), self.bootstrap)
        return draws.astype(np.float64)


def interval(resampled: Floats) -> tuple[Floats, Floats]:
    """Both ends of the central 95 % of B resamples, each of shape ``(F + 1,)``, NaN where there are none."""
    low, high = np.full((2, resampled.shape[1]), np.nan)
    known = ~np.isnan(resampled).any(axis=0)
    if known.any():
        tails = (1 - LEVEL) / 2
        low[known], high[known] = np.quantile(resampled[:, known], (tails, 1 - tails), axis=0)
    return low, high


@frozen(eq=False)
class Paired:
    """Mean smooth L1 of one predictor less that of another, per feature and of all; each of shape ``(F + 1,)``.

    Attributes:
        difference: below 0 where the first is better.
        low, high: its interval.
        p: two-sided; NaN for a single conversation.
        q: p corrected over the features; the last one, of all features, is p itself.
    """

    difference: Floats
    low: Floats
    high: Floats
    p: Floats
    q: Floats


def paired(one: Sums, other: Sums, resampling: Resampling) -> Paired:
    """Compare two predictors of the same turns."""
    count = one.n.sum(0)
    apart = one.smooth - other.smooth
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = apart.sum(0) / count
        weights = resampling.weights(len(apart))
        low, high = interval((weights @ apart) / (weights @ one.n))
    p = _exchanged(apart, resampling)
    p[count == 0] = np.nan
    q = p.copy()
    features = np.flatnonzero(~np.isnan(p[:-1]))
    if len(features):
        q[features] = false_discovery_control(p[features])
    return Paired(difference, low, high, p, q)


def _exchanged(apart: Floats, resampling: Resampling) -> Floats:
    """p of sums of differences, shape ``(C, F + 1)``, if the predictors' names meant nothing."""
    conversations = len(apart)
    if conversations < 2:
        return np.full(apart.shape[1], np.nan)
    rng = np.random.default_rng(resampling.seed)
    observed = np.abs(apart.sum(0))
    tolerance = 1e-12 * np.abs(apart).sum(0)
    extreme = np.zeros(apart.shape[1])
    left = resampling.permutations
    while left:
        block = min(left, max(1, 4_000_000 // conversations))
        signs = rng.integers(0, 2, (block, conversations)).astype(np.float64) * 2 - 1
        extreme += (np.abs(signs @ apart) >= observed - tolerance).sum(0)
        left -= block
    return (1 + extreme) / (1 + resampling.permutations)
