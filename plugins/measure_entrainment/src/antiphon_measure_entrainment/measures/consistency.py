"""What the partner adds to a speaker's own consistency.

Speakers resemble their own earlier turns, and long turns differ from short ones; both can pass for entrainment
(Weise, Levitan & Hirschberg 2020, "Decoupling entrainment from consistency"). So the partner's terms count only with
what they add to a model that has these.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from antiphon_measure_entrainment.statistics.effect import Effect, not_computable
from antiphon_measure_entrainment.statistics.inference import Floats, Ints, constant, permutation_p
from antiphon_measure_entrainment.statistics.pairs import Null, Pairs
from antiphon_measure_entrainment.turns.exchanges import checked

OWN = ("own_last", "own_mean", "length")
PARTNER = ("partner_last", "partner_mean")
LEAST_CONVERSATIONS = 5
LEAST_ROWS = 30


def consistency_controlled(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    folds: int = 10,
    bootstraps: int = 1000,
    null: Null = "sham",
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """ΔR² of the partner's terms, out of sample, and the slope on the partner's last turn.

    x_{t+1} ~ own last turn + mean of own earlier turns + ln(turn length in s), with and without
    + partner's last turn x_t + mean of the partner's earlier turns up to it. All terms are known when the turn begins,
    but for its length. Least squares on raw values, cross-validated with whole conversations in `folds` folds.

    Two effects per feature:

    - ``consistency_delta_r2``: (SSE_own − SSE_full) / SST over held-out turns. It is negative where the partner helps
      nothing. Interval: percentiles of `bootstraps` resamples of conversations. p: the gain in sample with the
      partner's terms rearranged (`pairs.Null`), one-sided.
    - ``consistency_partner_slope``: the coefficient of x_t in the full model on all turns; interval of the same
      bootstrap, p of the same rearrangements, two-sided.
    """
    effects: list[Effect] = []
    for feature in features:
        effects += _measured(checked(turns, [feature]), feature, folds, bootstraps, null, permutations, seed)
    return effects


def history(turns: pd.DataFrame, feature: str) -> pd.DataFrame:
    """Turns of `feature` with what came before: ``conversation``, ``speaker``, ``turn``, ``target``, `OWN`, `PARTNER`.

    Only turns that answer another speaker's and follow an own one, in conversations of two. Turns without a value are
    passed over. Sorted by conversation, speaker and turn.
    """
    rows = checked(turns, [feature])
    two = rows.groupby("conversation")["speaker"].transform("nunique") == 2
    rows = rows[two & rows[feature].notna()].reset_index(drop=True)
    value = rows[feature]
    by = value.groupby([rows["conversation"], rows["speaker"]], sort=False)
    count = by.cumcount()
    rows["target"], rows["own_last"] = value, by.shift()
    rows["own_mean"] = (by.cumsum() - value) / count.where(count > 0)
    rows["length"] = np.log(np.maximum(rows["end_s"] - rows["start_s"], 0.01))
    mean_so_far = by.cumsum() / (count + 1)
    answers = (rows["conversation"] == rows["conversation"].shift()) & (rows["speaker"] != rows["speaker"].shift())
    rows["partner_last"], rows["partner_mean"] = value.shift(), mean_so_far.shift()
    kept = rows[answers & (count > 0)]
    columns = ["conversation", "speaker", "turn", "target", *OWN, *PARTNER]
    return kept.sort_values(["conversation", "speaker", "turn"], kind="stable")[columns].reset_index(drop=True)


def _measured(
    turns: pd.DataFrame, feature: str, folds: int, bootstraps: int, null: Null, permutations: int, seed: int
) -> list[Effect]:
    names = "consistency_delta_r2", "consistency_partner_slope"
    rows = history(turns, feature)
    conversation = pd.factorize(rows["conversation"])[0].astype(np.intp)
    count = int(conversation.max()) + 1 if len(rows) else 0
    target = rows["target"].to_numpy(float)
    own = np.column_stack([np.ones(len(rows)), rows[list(OWN)].to_numpy(float)])
    partner = rows[list(PARTNER)].to_numpy(float)
    why = None
    if count < LEAST_CONVERSATIONS or len(rows) < LEAST_ROWS:
        needed = f"{LEAST_ROWS} in {LEAST_CONVERSATIONS} are needed"
        why = f"{len(rows)} answers with history in {count} conversations of two; {needed}"
    elif constant(target) or constant(partner[:, 0]):
        why = f"{feature} is constant"
    if why:
        return [not_computable(name, feature, why, n=len(rows), conversations=count) for name in names]

    rng = np.random.default_rng(seed)
    target, partner = target - target.mean(), partner - partner.mean(axis=0)
    full = np.column_stack([own, partner])
    fold = rng.permutation(count)[conversation] % min(folds, count)
    sums = np.column_stack(
        [
            np.bincount(conversation, error, count)
            for error in (_held_out(own, target, fold) ** 2, _held_out(full, target, fold) ** 2, target**2)
        ]
    )
    gram = np.zeros((count, full.shape[1], full.shape[1] + 1))
    np.add.at(gram, conversation, full[:, :, None] * np.column_stack([full, target])[:, None, :])
    weights = rng.multinomial(count, np.full(count, 1 / count), size=bootstraps).astype(float)
    gains, slopes = _gain(weights @ sums), _slope(np.tensordot(weights, gram, 1))
    slope = float(_slope(gram.sum(axis=0)))

    basis = np.linalg.qr(own)[0]
    residual = target - basis @ (basis.T @ target)
    speaker = pd.factorize(rows["speaker"])[0].astype(np.intp)
    pairs = Pairs.of_sorted(target, partner[:, 0], rows["turn"].to_numpy(float), conversation, speaker)
    observed = _partial(basis, residual, partner)
    drawn = np.array([_partial(basis, residual, partner[order]) for order in pairs.replies(permutations, null, seed)])
    shared = {"feature": feature, "n": len(rows), "conversations": count, "null": null}
    return [
        Effect(
            measure=names[0],
            estimate=float(_gain(sums.sum(axis=0))),
            low=float(np.percentile(gains, 2.5)),
            high=float(np.percentile(gains, 97.5)),
            p=permutation_p(observed[0], drawn[:, 0], "greater"),
            **shared,  # type: ignore[arg-type]
        ),
        Effect(
            measure=names[1],
            estimate=slope,
            low=float(np.percentile(slopes, 2.5)),
            high=float(np.percentile(slopes, 97.5)),
            effect_size=slope * float(partner[:, 0].std() / target.std()),
            p=permutation_p(observed[1], drawn[:, 1]),
            **shared,  # type: ignore[arg-type]
        ),
    ]


def _held_out(design: Floats, target: Floats, fold: Ints) -> Floats:
    """[E] errors of each row by the model of the other folds."""
    errors = np.empty(target.size)
    for each in np.unique(fold):
        held = fold == each
        coefficients = np.linalg.lstsq(design[~held], target[~held], rcond=None)[0]
        errors[held] = target[held] - design[held] @ coefficients
    return errors


def _gain(sums: Floats) -> Floats:
    """[...] ΔR² of [..., SSE_own SSE_full SST]."""
    return np.asarray((sums[..., 0] - sums[..., 1]) / sums[..., 2])


def _slope(gram: Floats) -> Floats:
    """[...] the coefficient of the partner's last turn from [..., X'X | X'y]."""
    coefficients = np.linalg.pinv(gram[..., :-1], hermitian=True) @ gram[..., -1:]
    return np.asarray(coefficients[..., 1 + len(OWN), 0])


def _partial(basis: Floats, residual: Floats, partner: Floats) -> tuple[float, float]:
    """What the partner's terms explain of the residual (sum of squares), and the coefficient of the first.

    By the theorem of Frisch, Waugh and Lovell, those of the full model.
    """
    left = partner - basis @ (basis.T @ partner)
    product = left.T @ residual
    coefficients = np.linalg.lstsq(left.T @ left, product, rcond=None)[0]
    return float(product @ coefficients), float(coefficients[0])
