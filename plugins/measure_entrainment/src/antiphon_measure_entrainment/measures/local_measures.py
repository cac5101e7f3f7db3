"""Local proximity, convergence and synchrony of adjacent turns (Levitan & Hirschberg 2011).

Values are first brought to each speaker's own scale (`speaker_z`): otherwise the difference between two speakers'
means, which changes its sign with every exchange, would pass for asynchrony.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from antiphon_measure_entrainment.statistics.effect import Effect, not_computable
from antiphon_measure_entrainment.statistics.inference import (
    Floats,
    constant,
    fisher,
    mean_correlation,
    paired_effect,
    permutation_p,
    weighted_mean,
)
from antiphon_measure_entrainment.statistics.pairs import Null, Pairs, Terms
from antiphon_measure_entrainment.turns.exchanges import exchanges, speaker_z, why_no_dyads

LEAST = 4
"""Exchanges that a conversation needs: a correlation of three has no standard error."""


def local_proximity(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    others: int = 10,
    null: Null = "shift",
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """Whether adjacent turns are more alike than turns of the same speakers that are not adjacent.

    adj_t = −|x_t − x_{t+1}|, other_t = −mean_j |x_t − y_j| over `others` random turns y_j of the partner that are not
    adjacent to t (drawn with replacement). The estimate is the mean of adj_t − other_t in standard deviations of the
    speakers, weighted by exchanges; the effect size is d_z over conversations' means. p: T = mean of adj_t with the
    replies rearranged (`pairs.Null`), two-sided.
    """

    def measure(pairs: Pairs, feature: str) -> Effect:
        advantage = proximity_advantage(pairs, others, seed)
        usable = np.isfinite(advantage)
        per_conversation = pairs.sums(np.where(usable, advantage, 0.0))
        counts = pairs.sums(usable.astype(float))
        kept = counts > 0
        if not kept.any():
            why = "no speaker has three replies, so no partner's turn that is not adjacent"
            return not_computable("local_proximity", feature, why)
        means = per_conversation[kept] / counts[kept]
        estimate, low, high = weighted_mean(means, counts[kept])
        drawn = pairs.null(
            _closeness, lambda sums: sums[..., 0, :].sum(axis=-1) / pairs.x.size, permutations, null, seed
        )
        return Effect(
            measure="local_proximity",
            feature=feature,
            estimate=estimate,
            low=low,
            high=high,
            effect_size=paired_effect(means),
            p=permutation_p(float(_closeness(pairs.x, pairs.y, pairs.position)[0].mean()), drawn),
            n=int(counts.sum()),
            conversations=int(kept.sum()),
            null=null,
        )

    return _each(turns, features, "local_proximity", measure)


def local_convergence(
    turns: pd.DataFrame, features: Sequence[str], *, null: Null = "shift", permutations: int = 1000, seed: int = 0
) -> list[Effect]:
    """Whether adjacent turns become more alike: Pearson's r of −|x_t − x_{t+1}| and the exchange's position t.

    One r per conversation, averaged by Fisher's z with weights n − 3. Positive: convergence; negative: divergence.
    p: the same average with the replies rearranged, two-sided.
    """
    return _correlations(turns, features, "local_convergence", _closeness_and_position, null, permutations, seed)


def local_synchrony(
    turns: pd.DataFrame, features: Sequence[str], *, null: Null = "shift", permutations: int = 1000, seed: int = 0
) -> list[Effect]:
    """Whether adjacent turns move together: Pearson's r of x_t and x_{t+1} over the exchanges of a conversation.

    One r per conversation, averaged by Fisher's z with weights n − 3. p: the same average with the replies
    rearranged, two-sided.
    """
    return _correlations(turns, features, "local_synchrony", _both_turns, null, permutations, seed)


def proximity_advantage(pairs: Pairs, others: int, seed: int) -> Floats:
    """[E] adj_t − other_t; NaN where the partner has fewer than three replies in the conversation."""
    rng = np.random.default_rng(seed)
    place, size = pairs.within(), np.repeat(pairs.group_size, pairs.group_size)
    start = np.repeat(pairs.group_start, pairs.group_size)
    total = np.zeros(pairs.x.size)
    for _ in range(others):
        # Neither the reply itself (offset 0) nor the partner's turn just before it (offset size − 1).
        offset = 1 + (rng.random(place.size) * np.maximum(size - 2, 1)).astype(np.intp)
        total += np.abs(pairs.x - pairs.y[start + (place + offset) % size])
    advantage: Floats = np.where(size >= 3, total / others - np.abs(pairs.x - pairs.y), np.nan)
    return advantage


def convergence_r(pairs: Pairs, y: Floats) -> Floats:
    """[C] r of −|x − y| and position."""
    return _pearson(pairs.term_sums(_closeness_and_position, pairs.x, y), pairs.sizes)


def synchrony_r(pairs: Pairs, y: Floats) -> Floats:
    """[C] r of x and y."""
    return _pearson(pairs.term_sums(_both_turns, pairs.x, y), pairs.sizes)


def _closeness(x: Floats, y: Floats, position: Floats) -> Sequence[Floats]:
    return (-np.abs(x - y),)


def _both_turns(x: Floats, y: Floats, position: Floats) -> Sequence[Floats]:
    return x, y, x * x, y * y, x * y


def _closeness_and_position(x: Floats, y: Floats, position: Floats) -> Sequence[Floats]:
    return _both_turns(-np.abs(x - y), position, position)


def _pearson(sums: Floats, n: Floats) -> Floats:
    """[..., C] Pearson's r of a and b from [..., 5, C] sums of a, b, a², b², ab; NaN where either does not vary."""
    sums_a, sums_b, squares_a, squares_b, products = np.moveaxis(sums, -2, 0)
    spread_a, spread_b = squares_a - sums_a**2 / n, squares_b - sums_b**2 / n
    varies = (spread_a > 1e-12 * squares_a) & (spread_b > 1e-12 * squares_b)
    norm = np.sqrt(np.where(varies, spread_a * spread_b, 1.0))
    r: Floats = np.where(varies, (products - sums_a * sums_b / n) / norm, np.nan)
    return np.clip(r, -1.0, 1.0)


def _correlations(
    turns: pd.DataFrame,
    features: Sequence[str],
    name: str,
    terms: Terms,
    null: Null,
    permutations: int,
    seed: int,
) -> list[Effect]:
    def measure(pairs: Pairs, feature: str) -> Effect:
        sizes = pairs.sizes
        observed = _pearson(pairs.term_sums(terms, pairs.x, pairs.y), sizes)
        kept = np.isfinite(observed)
        if not kept.any():
            return not_computable(name, feature, "nothing varies within a conversation")
        weights = np.where(kept, sizes - 3, 0.0)

        def pooled(sums: Floats) -> Floats:
            return np.asarray(np.nan_to_num(fisher(_pearson(sums, sizes))) @ weights / weights.sum())

        estimate, low, high = mean_correlation(observed[kept], sizes[kept])
        return Effect(
            measure=name,
            feature=feature,
            estimate=estimate,
            low=low,
            high=high,
            effect_size=estimate,
            p=permutation_p(
                float(pooled(pairs.term_sums(terms, pairs.x, pairs.y))),
                pairs.null(terms, pooled, permutations, null, seed),
            ),
            n=int(sizes[kept].sum()),
            conversations=int(kept.sum()),
            null=null,
        )

    return _each(turns, features, name, measure)


def _each(
    turns: pd.DataFrame, features: Sequence[str], name: str, measure: Callable[[Pairs, str], Effect]
) -> list[Effect]:
    table = exchanges(speaker_z(turns, features), features)
    effects = []
    for feature in features:
        pairs = Pairs.of(table, feature, LEAST)
        if pairs is None:
            effects.append(not_computable(name, feature, why_no_pairs(turns, table, feature)))
        else:
            effects.append(measure(pairs, feature))
    return effects


def why_no_pairs(turns: pd.DataFrame, table: pd.DataFrame, feature: str) -> str:
    """The reason why no conversation has enough exchanges."""
    if not turns[feature].notna().any():
        return f"no turn has a value of {feature}"
    if not table.empty and not (table["speakers"] == 2).any():
        return why_no_dyads(turns, feature)
    if table.empty:
        return "no two adjacent turns have different speakers"
    if all(constant(group.dropna().to_numpy(float)) for _, group in turns.groupby("speaker")[feature]):
        return f"{feature} is constant within each speaker"
    return f"no conversation has {LEAST} exchanges with values of both speakers"
