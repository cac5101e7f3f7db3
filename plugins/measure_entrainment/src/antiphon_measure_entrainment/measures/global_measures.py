"""Global proximity and convergence: speakers' means over a conversation (Levitan & Hirschberg 2011).

The unit of the tests is the conversation, not the speaker: the two sides of a conversation share their distance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from antiphon_measure_entrainment.statistics.effect import Effect, not_computable
from antiphon_measure_entrainment.statistics.inference import (
    Floats,
    Ints,
    constant,
    paired_effect,
    permutation_p,
    weighted_mean,
)
from antiphon_measure_entrainment.turns.exchanges import checked, dyads, why_no_dyads

ROWS = 512
"""Sides whose distances to all others are held at once."""


def global_proximity(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    match: str | None = None,
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """Whether a speaker's mean is nearer to the partner's than to those of people the speaker never talked to.

    d_p = −|x̄_s − x̄_p|, d_o = −mean_o |x̄_s − x̄_o| over the sides o of other conversations, by people other than s
    and p with whom s never conversed. With `match` (a column of `turns` such as ``speaker_gender``) o has the partner's
    value in it. The estimate is the mean of d_p − d_o over conversations in the feature's unit; the effect size d_z.
    p: partners dealt out anew among the conversations (whose partners match), two-sided.

    Speakers are one person wherever their name occurs. If names are unique only within a conversation (as A and B
    are), make them unique first: otherwise everybody else is taken for somebody who already talked to s.

    Give features in which speakers can be compared: raw, logarithmic, or standardised within gender, never within
    the speaker, whose mean would be 0.
    """
    return [_proximity(checked(turns, features), feature, match, permutations, seed) for feature in features]


def self_proximity(turns: pd.DataFrame, features: Sequence[str]) -> list[Effect]:
    """How near speakers are to themselves in other conversations: the ceiling of `global_proximity`.

    d_s = −mean |x̄_s − x̄_s'| over the same person's other conversations. The estimate is the mean of d_s − d_p over
    persons with several conversations, with the paired t-test over persons.
    """
    effects = []
    for feature in features:
        sides = _sides(checked(turns, [feature]), feature, None)
        own = [group for _, group in sides.groupby("speaker") if len(group) > 1]
        differences = np.array(
            [
                _mean_distance_within(group["mean"]) - (group["mean"] - group["partner_mean"]).abs().mean()
                for group in own
            ]
        )
        if differences.size < 2 or constant(differences):
            why = (
                "fewer than two people are known from several conversations" if differences.size < 2 else "no variation"
            )
            effects.append(not_computable("self_proximity", feature, why))
            continue
        estimate, low, high = weighted_mean(-differences, np.ones(differences.size))
        effects.append(
            Effect(
                measure="self_proximity",
                feature=feature,
                estimate=estimate,
                low=low,
                high=high,
                effect_size=paired_effect(-differences),
                p=float(stats.ttest_1samp(differences, 0.0).pvalue),
                n=differences.size,
                conversations=sides["conversation"].nunique(),
                null="paired t",
            )
        )
    return effects


def global_convergence(
    turns: pd.DataFrame, features: Sequence[str], *, permutations: int = 1000, seed: int = 0
) -> list[Effect]:
    """Whether the speakers' means are nearer in the second half of a conversation than in the first.

    c = |x̄_A − x̄_B| in the first half − in the second half, the halves of the conversation's turns in order (of an odd
    number the middle one belongs to the first half). The estimate is the mean over conversations in the feature's unit,
    the effect size d_z. p: both halves of A with both of B of another conversation, two-sided, so that a change that
    all speakers share, coupled or not, does not count.
    """
    return [_convergence(checked(turns, features), feature, permutations, seed) for feature in features]


def _proximity(turns: pd.DataFrame, feature: str, match: str | None, permutations: int, seed: int) -> Effect:
    name = "global_proximity"
    sides = _sides(turns, feature, match)
    if sides.empty:
        return not_computable(name, feature, why_no_dyads(turns, feature))
    means = sides["mean"].to_numpy(float)
    if constant(means):
        return not_computable(name, feature, f"all speakers have the same mean {feature}")
    other = _other_distances(sides)
    partner = np.abs(means - sides["partner_mean"].to_numpy(float))
    # Sides lie in pairs, so two rows are one conversation; one side without others leaves the other side's.
    difference = (other - partner).reshape(-1, 2)
    usable = np.isfinite(difference)
    kept = usable.any(axis=1)
    if kept.sum() < 2:
        why = "fewer than two conversations have speakers to compare the partner with (are speakers' names unique?)"
        return not_computable(name, feature, why, conversations=int(kept.sum()))
    per_conversation = np.where(usable, difference, 0.0).sum(axis=1)[kept] / usable.sum(axis=1)[kept]
    estimate, low, high = weighted_mean(per_conversation, np.ones(per_conversation.size))
    first, second = means[::2], means[1::2]
    strata = pd.factorize(sides["match"].iloc[1::2])[0]
    rng = np.random.default_rng(seed)
    drawn = np.array([-np.abs(first - second[_deal(strata, rng)]).mean() for _ in range(permutations)])
    return Effect(
        measure=name,
        feature=feature,
        estimate=estimate,
        low=low,
        high=high,
        effect_size=paired_effect(per_conversation),
        p=permutation_p(-float(np.abs(first - second).mean()), drawn),
        n=int(usable.sum()),
        conversations=int(kept.sum()),
        null="partners dealt anew",
    )


def _convergence(turns: pd.DataFrame, feature: str, permutations: int, seed: int) -> Effect:
    name = "global_convergence"
    sides = dyads(turns, feature)
    if sides.empty:
        return not_computable(name, feature, why_no_dyads(turns, feature))
    by = turns.groupby("conversation")
    late = by.cumcount() >= (by["turn"].transform("size") + 1) // 2
    means = turns[feature].groupby([turns["conversation"], turns["speaker"], late]).mean()
    keys = [sides.index, sides["first"]], [sides.index, sides["second"]]
    a, b = (np.column_stack([means.reindex(_index(key, half)) for half in (False, True)]) for key in keys)
    kept = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    a, b = a[kept], b[kept]
    if len(a) < 2:
        why = "fewer than two conversations have both speakers in both halves"
        return not_computable(name, feature, why, conversations=len(a))
    change = _change(a, b)
    if constant(np.concatenate([a.ravel(), b.ravel()])):
        return not_computable(name, feature, f"{feature} is constant", conversations=len(a))
    estimate, low, high = weighted_mean(change, np.ones(change.size))
    rng = np.random.default_rng(seed)
    drawn = np.array([_change(a, b[rng.permutation(len(b))]).mean() for _ in range(permutations)])
    return Effect(
        measure=name,
        feature=feature,
        estimate=estimate,
        low=low,
        high=high,
        effect_size=paired_effect(change),
        p=permutation_p(float(change.mean()), drawn),
        n=2 * len(a),
        conversations=len(a),
        null="partners dealt anew",
    )


def _index(key: list[object], half: bool) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([*key, [half] * len(key[0])])  # type: ignore[arg-type]


def _change(a: Floats, b: Floats) -> Floats:
    distance = np.abs(a - b)
    return np.asarray(distance[:, 0] - distance[:, 1])


def _sides(turns: pd.DataFrame, feature: str, match: str | None) -> pd.DataFrame:
    """Two rows per conversation of two, one for each speaker: name, mean and value of `match`, and its partner's."""
    pairs = dyads(turns, feature, [match] if match else [])
    means = turns.groupby(["conversation", "speaker"])[feature].mean()
    both = []
    for side in ("first", "second"):
        rows = pd.DataFrame({"conversation": pairs.index, "speaker": pairs[side].to_numpy()})
        rows["mean"] = means.reindex(pd.MultiIndex.from_frame(rows[["conversation", "speaker"]])).to_numpy()
        rows["match"] = pairs[f"{match}.{side}"].to_numpy() if match else 0
        both.append(rows)
    for rows, partner in (both, both[::-1]):
        rows["partner"], rows["partner_mean"] = partner["speaker"], partner["mean"]
        rows["partner_match"] = partner["match"]
    return pd.concat(both).sort_index(kind="stable").reset_index(drop=True)


def _other_distances(sides: pd.DataFrame) -> Floats:
    """[S] mean distance of each side to the sides that it may be compared with; NaN if there are none."""
    means = sides["mean"].to_numpy(float)
    people, _ = pd.factorize(pd.concat([sides["speaker"], sides["partner"]]))
    speaker, partner = people[: len(sides)], people[len(sides) :]
    codes, _ = pd.factorize(pd.concat([sides["match"], sides["partner_match"]]))
    own, wanted = codes[: len(sides)], codes[len(sides) :]
    met = np.zeros((people.max() + 1,) * 2, dtype=bool)
    met[speaker, partner] = True
    np.fill_diagonal(met, True)
    result = np.full(len(sides), np.nan)
    for begin in range(0, len(sides), ROWS):
        rows = slice(begin, begin + ROWS)
        allowed = ~met[speaker[rows, None], speaker[None, :]] & (wanted[rows, None] == own[None, :])
        count = allowed.sum(axis=1)
        total = np.where(allowed, np.abs(means[rows, None] - means[None, :]), 0.0).sum(axis=1)
        result[rows] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return result


def _deal(strata: Ints, rng: np.random.Generator) -> Ints:
    """[C] a random permutation that stays within strata."""
    order = np.argsort(strata, kind="stable")
    shuffled = np.lexsort((rng.random(strata.size), strata))
    result = np.empty(strata.size, dtype=np.intp)
    result[order] = shuffled
    return result


def _mean_distance_within(means: pd.Series) -> float:
    values = means.to_numpy(float)
    return float(np.abs(values[:, None] - values[None, :]).sum() / (values.size * (values.size - 1)))
