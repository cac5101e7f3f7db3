"""The continuous framework of Gálvez et al. (SIGDIAL 2020): each speaker as a function of time.

f(t) is the mean over the k turns whose midpoints are nearest to t. Such a function is constant between instants, so
all integrals here are exact sums; no grid is laid over time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from attrs import frozen

from antiphon_measure_entrainment.statistics.effect import Effect, not_computable
from antiphon_measure_entrainment.statistics.inference import (
    Alternative,
    Floats,
    constant,
    paired_effect,
    permutation_p,
    weighted_mean,
)
from antiphon_measure_entrainment.statistics.shifts import Side, effects_of_tables, rolled, shifts, sides, why_no_tables

OFFSETS_S = (-15.0, -10.0, -5.0, 0.0, 5.0, 10.0, 15.0)
MOST_SHIFTS = 100
TOO_LITTLE = "in no conversation both speakers have k turns with midpoints that overlap in time"


@frozen(eq=False)
class Evolution:
    """One speaker's function of time and versions of it with other values.

    Attributes:
        breaks: [P − 1] instants at which the function jumps.
        values: [S, P] between them; row 0 is the function itself.
        first, last: its outermost midpoints, in s.
    """

    breaks: Floats
    values: Floats
    first: float
    last: float


def evolution(midpoints: Floats, values: Floats, k: int) -> Evolution | None:
    """The mean over the k nearest of `midpoints` [T], for each row of `values` [S, T]; None with fewer than k turns.

    Halfway between midpoint i and midpoint i + k the latter replaces the former.
    """
    if midpoints.size < k:
        return None
    order = np.argsort(midpoints, kind="stable")
    at, ordered = midpoints[order], values[:, order]
    means = np.lib.stride_tricks.sliding_window_view(ordered, k, axis=1).mean(axis=-1)
    return Evolution((at[:-k] + at[k:]) / 2, means, float(at[0]), float(at[-1]))


def without_outliers(side: Side) -> Side:
    """The turns within three standard deviations (ddof 0) of the speaker's mean."""
    spread = side.value.std()
    keep = np.abs(side.value - side.value.mean()) < 3 * spread if spread > 0 else np.ones(side.value.size, bool)
    return Side(side.start[keep], side.end[keep], side.value[keep])


def knn_proximity(
    turns: pd.DataFrame, features: Sequence[str], *, k: int = 7, permutations: int = 1000, seed: int = 0
) -> list[Effect]:
    """−|mean f_A − mean f_B| over the common time, in standard deviations of speakers about their own means.

    The estimate is the mean over conversations. p: the A of each conversation with the B of another, two-sided; the
    effect size is d_z of the distance to all other B minus the distance to the own.
    """
    return [_proximity(turns, feature, k, permutations, seed) for feature in features]


def knn_convergence(
    turns: pd.DataFrame, features: Sequence[str], *, k: int = 7, permutations: int = 1000, seed: int = 0
) -> list[Effect]:
    """Pearson's r of −|f_A(t) − f_B(t)| and t over the common time; mean over conversations, null of shifted values."""

    def table(a: Side, b: Side) -> Floats:
        pair = _pair(a, b, k)
        return convergence(*pair) if pair else np.full(1, np.nan)

    return _shifted("knn_convergence", turns, features, table, permutations, seed)


def knn_synchrony(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    k: int = 7,
    offsets_s: Sequence[float] = OFFSETS_S,
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """The correlation of f_A(t + δ) and f_B(t) of largest magnitude over `offsets_s`; mean over conversations.

    It depends on how finely δ is searched: compare only what was searched alike. Null: shifted values.
    """

    def table(a: Side, b: Side) -> Floats:
        pair = _pair(a, b, k)
        return synchrony(*pair, offsets_s) if pair else np.full(1, np.nan)

    return _shifted("knn_synchrony", turns, features, table, permutations, seed)


def _shifted(
    name: str,
    turns: pd.DataFrame,
    features: Sequence[str],
    table: Callable[[Side, Side], Floats],
    permutations: int,
    seed: int,
) -> list[Effect]:
    outcomes: list[tuple[str, Alternative]] = [(name, "two-sided")]
    return [
        effect
        for feature in features
        for effect in effects_of_tables(
            outcomes, turns, feature, table, TOO_LITTLE, permutations=permutations, seed=seed
        )
    ]


def convergence(a: Evolution, b: Evolution) -> Floats:
    """[S] r of −|f_A − f_B| and t for each row of B, from exact integrals; NaN where the distance is constant."""
    low, high = support(a, b)
    if not high > low:
        return np.full(len(b.values), np.nan)
    width, centre, i, j = _pieces(a, b, low, high, 0.0)
    distance = -np.abs(a.values[0][i] - b.values[:, j])
    length = high - low
    mean = distance @ width / length
    spread = (distance - mean[:, None]) ** 2 @ width
    product = (distance - mean[:, None]) @ (width * (centre - (low + high) / 2))
    # ∫(t − mean t)² over the support is length³ / 12.
    return _ratio(product, np.sqrt(spread * length**3 / 12), np.sqrt((distance**2) @ width * length**3 / 12))


def synchrony(a: Evolution, b: Evolution, offsets_s: Sequence[float] = OFFSETS_S) -> Floats:
    """[S] for each row of B: ∫(f_A(t+δ) − μ_A)(f_B(t) − μ_B) dt / √(∫(f_A(t+δ) − μ_A)² dt ∫(f_B(t) − μ_B)² dt)
    at the δ of largest magnitude.

    The integrals run over the t at which both are in the support, μ over the whole support.
    """
    low, high = support(a, b)
    result = np.full(len(b.values), np.nan)
    if not high > low:
        return result
    width, _, i, j = _pieces(a, b, low, high, 0.0)
    mean_a = float(a.values[0][i] @ width / (high - low))
    means_b = b.values[:, j] @ width / (high - low)
    for offset in offsets_s:
        begin, until = max(low, low - offset), min(high, high - offset)
        if not until > begin:
            continue
        width, _, i, j = _pieces(a, b, begin, until, offset)
        first, second = a.values[0][i] - mean_a, b.values[:, j] - means_b[:, None]
        norm = np.sqrt((first**2 @ width) * (second**2 @ width))
        r = _ratio(second @ (first * width), norm, np.full(len(second), until - begin))
        stronger = np.isfinite(r) & ~(np.abs(result) >= np.abs(r))
        result = np.where(stronger, r, result)
    return result


def support(a: Evolution, b: Evolution) -> tuple[float, float]:
    """The time in which both speakers have midpoints on both sides."""
    return max(a.first, b.first), min(a.last, b.last)


def _ratio(numerator: Floats, denominator: Floats, scale: Floats) -> Floats:
    usable = denominator > 1e-9 * np.maximum(scale, 1e-300)
    return np.where(usable, np.clip(numerator / np.where(usable, denominator, 1.0), -1.0, 1.0), np.nan)


def _pieces(
    a: Evolution, b: Evolution, low: float, high: float, offset: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Where both f_A(t + offset) and f_B(t) are constant: widths, centres, and the indices of their values."""
    jumps = np.concatenate([a.breaks - offset, b.breaks])
    edges = np.concatenate([[low], np.unique(jumps[(jumps > low) & (jumps < high)]), [high]])
    width, centre = np.diff(edges), (edges[:-1] + edges[1:]) / 2
    return width, centre, np.searchsorted(a.breaks, centre + offset), np.searchsorted(b.breaks, centre)


def _pair(a: Side, b: Side, k: int) -> tuple[Evolution, Evolution] | None:
    a, b = without_outliers(a), without_outliers(b)
    first = evolution((a.start + a.end) / 2, a.value[None], k)
    second = evolution((b.start + b.end) / 2, rolled(b.value, shifts(b.value.size, MOST_SHIFTS)), k)
    return (first, second) if first and second else None


def _proximity(turns: pd.DataFrame, feature: str, k: int, permutations: int, seed: int) -> Effect:
    name = "knn_proximity"
    means, variances = [], []
    turns_used = 0
    for _, a, b in sides(turns, feature, scale=False):
        pair = _pair(a, b, k)
        if pair is None or not support(*pair)[1] > support(*pair)[0]:
            continue
        begin, until = support(*pair)
        width, _, i, j = _pieces(*pair, begin, until, 0.0)
        first, second = pair
        means.append((first.values[0][i] @ width / (until - begin), second.values[0][j] @ width / (until - begin)))
        variances += [a.value.var(ddof=1), b.value.var(ddof=1)] if min(a.value.size, b.value.size) > 1 else []
        turns_used += a.value.size + b.value.size
    if len(means) < 2:
        why = (
            why_no_tables(turns, feature, TOO_LITTLE)
            if not means
            else "a single conversation has nobody to compare with"
        )
        return not_computable(name, feature, why, conversations=len(means))
    a, b = np.array(means).T
    spread = np.sqrt(np.mean(variances)) if variances else 0.0
    if not spread > 0 or constant(np.array(means).ravel()):
        return not_computable(name, feature, f"{feature} is constant", conversations=len(means))
    distance = np.abs(a[:, None] - b[None, :]) / spread
    own = np.diag(distance)
    estimate, low, high = weighted_mean(-own, np.ones(own.size))
    rng, row = np.random.default_rng(seed), np.arange(own.size)
    drawn = np.array([-distance[row, rng.permutation(own.size)].mean() for _ in range(permutations)])
    return Effect(
        measure=name,
        feature=feature,
        estimate=estimate,
        low=low,
        high=high,
        effect_size=paired_effect((distance.sum(axis=1) - own) / (own.size - 1) - own),
        p=permutation_p(-float(own.mean()), drawn),
        n=turns_used,
        conversations=own.size,
        null="partners dealt anew",
    )
