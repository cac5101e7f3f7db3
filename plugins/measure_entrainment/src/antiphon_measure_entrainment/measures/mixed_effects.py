"""A mixed-effects model of turns: own history, the partner's last turn, and a slope of its own for each dyad.

x_{t+1} = a·own last turn + b·partner's last turn + c·ln(turn length) + speaker + u_dyad·partner's last turn + noise,
u_dyad ~ N(0, σ_u²). Speakers' intercepts in each conversation are taken out by centring (the within estimator), so that
the difference of two voices is no slope, and dyads have nothing left to differ in but their slopes.

The REML likelihood of a single random slope has a closed form in sums over dyads (Sherman & Morrison 1950) and one
parameter to search, σ_u²/σ². The search is bounded by 0 and exact there. General optimisers, which take steps in the
logarithm or the root of the variance, often stop at the bound although the maximum is elsewhere, and then report a
slope of 0 and standard errors in the millions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from attrs import frozen
from scipy import stats
from scipy.optimize import brentq, minimize_scalar

from antiphon_measure_entrainment.measures.consistency import LEAST_CONVERSATIONS, LEAST_ROWS, history
from antiphon_measure_entrainment.statistics.effect import Effect, not_computable
from antiphon_measure_entrainment.statistics.inference import Floats, Ints, constant, permutation_p
from antiphon_measure_entrainment.statistics.pairs import Null, Pairs

OWN = ("own_last", "length")
RATIOS = np.concatenate([[0.0], np.geomspace(1e-8, 1e4, 49)])
"""Ratios σ_u²s_p²/σ² (s_p² the variance of the slope's variable) between which the maximum is searched."""


@frozen
class RandomSlope:
    """REML estimates of y = Xβ + u_g·z + noise, z the last column of X.

    Attributes:
        coefficients, errors: [K] β and its standard errors.
        deviation: σ_u, 0 where the likelihood is highest at its bound (a singular fit).
        low, high: 95 % interval of σ_u, where twice the profile of the likelihood falls by less than 3.84.
        residual: σ.
    """

    coefficients: Floats
    errors: Floats
    deviation: float
    low: float
    high: float
    residual: float


def random_slope(target: Floats, terms: Floats, group: Ints) -> RandomSlope:
    """Fit the model to `target` [E] and `terms` [E, K], whose last column has a random slope in each `group` [E].

    Raises:
        numpy.linalg.LinAlgError: the terms are linearly dependent, or explain the target without a rest.
    """
    scale = np.sqrt(np.mean(terms**2, axis=0))
    unit = np.sqrt(np.mean(target**2))
    if not (scale.all() and unit):
        raise np.linalg.LinAlgError("a term or the target is 0 throughout")
    slope, count, k = terms[:, -1] / scale[-1], int(group.max()) + 1, terms.shape[1]
    columns = np.column_stack([terms / scale, target / unit])
    gram = columns.T @ columns
    if np.linalg.cond(gram[:k, :k]) > 1e10:
        raise np.linalg.LinAlgError("the terms are linearly dependent")
    by_group = np.stack([np.bincount(group, slope * column, count) for column in columns.T], axis=1)
    squares = by_group[:, k - 1]
    degrees = target.size - k

    def solved(ratio: float) -> tuple[Floats, Floats, float]:
        weight = ratio / (1 + ratio * squares)
        weighted = gram - (by_group * weight[:, None]).T @ by_group
        coefficients = np.linalg.solve(weighted[:k, :k], weighted[:k, k])
        return weighted[:k, :k], coefficients, float(weighted[k, k] - coefficients @ weighted[:k, k]) / degrees

    def deviance(ratio: float) -> float:
        information, _, variance = solved(ratio)
        if variance <= 1e-12:
            raise np.linalg.LinAlgError("the terms explain the target without a rest")
        return float(degrees * np.log(variance) + np.log1p(ratio * squares).sum() + np.linalg.slogdet(information)[1])

    found = np.array([deviance(ratio) for ratio in RATIOS])
    best = int(found.argmin())
    # Rounding alone can make a ratio just above 0 look better than 0.
    bounds = RATIOS[max(best - 1, 0)], RATIOS[min(best + 1, len(RATIOS) - 1)]
    refined = minimize_scalar(deviance, bounds=bounds, method="bounded", options={"xatol": 1e-9 * bounds[1]})
    ratio, least = (float(refined.x), float(refined.fun)) if refined.fun < found[0] - 1e-7 else (0.0, float(found[0]))

    def excess(at: float) -> float:
        return deviance(at) - least - float(stats.chi2.ppf(0.95, 1))

    def deviation(at: float) -> float:
        return float(np.sqrt(at * solved(at)[2]) * unit / scale[-1])

    low = 0.0 if excess(0.0) <= 0 else deviation(brentq(excess, 0.0, ratio))
    above = [each for each in RATIOS if each > ratio and excess(each) > 0]
    information, coefficients, variance = solved(ratio)
    return RandomSlope(
        coefficients=coefficients * unit / scale,
        errors=np.sqrt(np.diag(np.linalg.inv(information)) * variance) * unit / scale,
        deviation=deviation(ratio),
        low=low,
        high=deviation(brentq(excess, ratio, above[0])) if above else float("inf"),
        residual=float(np.sqrt(variance) * unit),
    )


def mixed_effects(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    null: Null = "shift",
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """The slope on the partner's last turn over all dyads, and how much the dyads' slopes differ.

    Two effects per feature, on raw values:

    - ``mixed_slope``: b, with Student's interval on its standard error (dyads − 1 degrees of freedom); the effect size
      is b in standard deviations. p: the slope over its error from the scatter of dyads, with one speaker moved
      (`pairs.Null`), two-sided.
    - ``mixed_slope_sd``: σ_u, with the interval of its profile; the effect size is σ_u in standard deviations, as of b.
      p: Cochran's Q of the dyads' slopes about their mean, with one speaker moved, one-sided. 0 is a singular fit:
      the dyads' slopes differ no more than by chance.
    """
    return [effect for feature in features for effect in _measured(turns, feature, null, permutations, seed)]


def _measured(turns: pd.DataFrame, feature: str, null: Null, permutations: int, seed: int) -> list[Effect]:
    names = "mixed_slope", "mixed_slope_sd"
    rows = history(turns, feature)
    dyad = pd.factorize(rows["conversation"])[0].astype(np.intp)
    speaker = pd.factorize(rows["speaker"])[0].astype(np.intp)
    count = int(dyad.max()) + 1 if len(rows) else 0

    def lacking(why: str) -> list[Effect]:
        return [not_computable(name, feature, why, n=len(rows), conversations=count) for name in names]

    if count < LEAST_CONVERSATIONS or len(rows) < LEAST_ROWS:
        needed = f"{LEAST_ROWS} in {LEAST_CONVERSATIONS} are needed"
        return lacking(f"{len(rows)} answers with history in {count} conversations of two; {needed}")
    values = rows[["target", *OWN, "partner_last"]].to_numpy(float)
    if constant(values[:, 0]):
        return lacking(f"{feature} is constant")
    sides = pd.factorize(pd.MultiIndex.from_arrays([dyad, speaker]))[0]
    centred = _centred(values, sides)
    target, own, partner = centred[:, 0], centred[:, 1:-1], centred[:, -1]
    own = own[:, np.sqrt(np.mean(own**2, axis=0)) > 1e-9 * np.abs(values[:, 1:-1]).max(axis=0)]
    try:
        fit = random_slope(target, np.column_stack([own, partner]), dyad)
    except np.linalg.LinAlgError as error:
        return lacking(f"singular model: {error}")

    basis = np.linalg.qr(own)[0]
    residual = target - basis @ (basis.T @ target)
    pairs = Pairs.of_sorted(values[:, 0], values[:, -1], rows["turn"].to_numpy(float), dyad, speaker)
    observed = _slopes(basis, residual, partner, dyad, count)
    drawn = np.array(
        [
            _slopes(basis, residual, _centred(values[index, -1], sides), dyad, count)
            for index in pairs.replies(permutations, null, seed)
        ]
    )
    half = float(stats.t.ppf(0.975, count - 1)) * float(fit.errors[-1])
    slope, standard = float(fit.coefficients[-1]), float(partner.std() / target.std())
    shared = {"feature": feature, "n": len(rows), "conversations": count, "null": null}
    return [
        Effect(
            measure=names[0],
            estimate=slope,
            low=slope - half,
            high=slope + half,
            effect_size=slope * standard,
            p=permutation_p(observed[0], drawn[:, 0]),
            **shared,  # type: ignore[arg-type]
        ),
        Effect(
            measure=names[1],
            estimate=fit.deviation,
            low=fit.low,
            high=fit.high,
            effect_size=fit.deviation * standard,
            p=permutation_p(observed[1], drawn[:, 1], "greater"),
            note="" if fit.deviation > 0 else "singular fit: the likelihood is highest where all dyads have one slope",
            **shared,  # type: ignore[arg-type]
        ),
    ]


def _slopes(basis: Floats, residual: Floats, partner: Floats, dyad: Ints, count: int) -> tuple[float, float]:
    """The common slope over its error from the scatter of dyads, and Cochran's Q of the dyads' slopes about it.

    All with the own terms partialled out of the partner's (Frisch, Waugh and Lovell).
    """
    left = partner - basis @ (basis.T @ partner)
    products, squares = np.bincount(dyad, left * residual, count), np.bincount(dyad, left * left, count)
    slope = products.sum() / squares.sum()
    scores = products - slope * squares
    usable = squares > 1e-12 * squares.sum()
    q = float(np.sum(scores[usable] ** 2 / squares[usable]))
    return float(products.sum() / np.sqrt(np.sum(scores**2))), q


def _centred(values: Floats, group: Ints) -> Floats:
    """[E, ...] values about the mean of each group."""
    columns = values.reshape(len(values), -1)
    size = np.bincount(group)
    means = np.stack([np.bincount(group, column) / size for column in columns.T], axis=1)
    return np.asarray((columns - means[group]).reshape(values.shape))
