"""Neural entrainment distance (Nasir et al. 2018, 2020): how far apart adjacent turns are in the code of a network.

The network learns, without labels, to predict a partner's next turn from a turn; what its narrow code keeps of a turn
is what partners have in common. Each conversation is measured by a network that was trained on other conversations, and
compared only with conversations that the same network measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

from antiphon_measure_entrainment.statistics.effect import Effect, not_computable
from antiphon_measure_entrainment.statistics.inference import Floats, Ints, paired_effect, permutation_p, weighted_mean
from antiphon_measure_entrainment.statistics.pairs import Pairs
from antiphon_measure_entrainment.turns.exchanges import checked, exchanges, speaker_z, why_no_dyads

NAMES = "neural_distance", "neural_nearer"
LEAST_CONVERSATIONS = 4
LEAST_EXCHANGES = 4
LEAST_TRAINING = 32
"""Exchanges that each network needs."""


def neural_distance(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    folds: int = 5,
    updates: int = 1000,
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """Two effects of all features together, standardised by speaker and conversation (`speaker_z`).

    d_t = ‖c(x_t) − c(x_{t+1})‖₁, c the code of a turn. Conversations are dealt into `folds`; the turns of one are
    encoded by the network of the others, in units of their mean distance from their mean.

    - ``neural_distance``: the mean distance of a turn to other turns of the partner that are not adjacent, minus the
      mean d_t; positive where partners entrain. p: d_t with sham pairs of the same fold, two-sided.
    - ``neural_nearer``: the share of other turns of the partner that are farther from a turn than the real reply is;
      0.5 by chance. It is what repeated draws of one fake reply each would approach. p: one speaker shifted, two-sided.

    Features may be any that turns have, as `functionals` of frames. PyTorch is needed, the extra ``neural``.
    """
    if find_spec("torch") is None:
        why = "needs PyTorch: pip install 'antiphon-measure-entrainment[neural]'"
        return [not_computable(name, _label(features), why) for name in NAMES]
    scaled = speaker_z(checked(turns, features), features)
    values = scaled[list(features)].to_numpy(float)
    values = values[:, ~np.isnan(values).all(axis=0)]
    rows = np.where(np.isnan(values).all(axis=1), np.nan, np.arange(len(values)))
    pairs = Pairs.of(exchanges(scaled.assign(row=rows), ["row"]), "row", LEAST_EXCHANGES)
    count = 0 if pairs is None else pairs.conversation_start.size
    folds = min(folds, count // 2)
    training = 0 if pairs is None else int(pairs.x.size * (1 - 1 / max(folds, 1)))
    if pairs is None or count < LEAST_CONVERSATIONS or training < LEAST_TRAINING:
        if not values.shape[1]:
            why = "no feature varies within a speaker"
        elif not (scaled.groupby("conversation")["speaker"].nunique() == 2).any():
            why = why_no_dyads(scaled.assign(row=rows), "row")
        else:
            why = (
                f"{count} conversations of two with {LEAST_EXCHANGES} exchanges; {LEAST_CONVERSATIONS} are needed, "
                f"and {LEAST_TRAINING} exchanges to train with"
            )
        return [not_computable(name, _label(features), why, conversations=count) for name in NAMES]
    fold = np.random.default_rng(seed).permutation(count) % folds
    parts = [
        _Part(pairs, part, code, permutations, seed + each)
        for each, (part, code) in enumerate(_encoded(values, pairs, fold, updates, seed))
    ]
    size = np.concatenate([part.sizes for part in parts])
    total = size.sum()
    drawn = [np.sum([getattr(part, name) for part in parts], axis=0) / total for name in ("sham", "shifted")]
    observed = [sum(part.real for part in parts) / total, sum(part.share for part in parts) / total]
    notes = ", ".join(features)
    effects = []
    for name, attribute, null, statistic, draws in zip(
        NAMES, ("advantage", "nearer"), ("sham", "shift"), observed, drawn, strict=True
    ):
        means = np.concatenate([getattr(part, attribute) for part in parts])
        kept = np.isfinite(means)
        estimate, low, high = weighted_mean(means[kept], size[kept])
        effects.append(
            Effect(
                measure=name,
                feature=_label(features),
                estimate=estimate,
                low=low,
                high=high,
                effect_size=paired_effect(means[kept] - (0.5 if name == NAMES[1] else 0.0)),
                p=permutation_p(statistic, draws),
                n=int(size[kept].sum()),
                conversations=int(kept.sum()),
                null=null,
                note=notes,
            )
        )
    return effects


def _label(features: Sequence[str]) -> str:
    return features[0] if len(features) == 1 else "all features"


def _encoded(values: Floats, pairs: Pairs, fold: Ints, updates: int, seed: int) -> Iterator[tuple[Ints, Floats]]:
    """For each fold its exchanges, and [T, 30] the codes of all turns by the network of the other folds."""
    from antiphon_measure_entrainment.measures.encoder import codes, train

    of_exchange = np.repeat(fold, pairs.sizes.astype(int))
    x, y = pairs.x.astype(np.intp), pairs.y.astype(np.intp)
    for each in np.unique(fold):
        others = of_exchange != each
        encoder = train(values[x[others]], values[y[others]], updates=updates, seed=seed + int(each))
        part = np.flatnonzero(~others)
        own = np.union1d(x[part], y[part])
        code = codes(encoder, values[own])
        found = np.zeros((len(values), code.shape[1]))
        spread = np.abs(code - code.mean(axis=0)).sum(axis=1).mean()
        found[own] = code / (spread if spread > 0 else 1.0)
        yield part, found


class _Part:
    """What one network says of the conversations that it was not trained on.

    Attributes:
        sizes: [C] exchanges.
        advantage, nearer: [C] means of the two measures; NaN where a speaker has too few replies.
        real, share: sums of d_t and of shares over the exchanges.
        sham, shifted: [permutations] of the same under their nulls.
    """

    def __init__(self, pairs: Pairs, part: Ints, code: Floats, permutations: int, seed: int) -> None:
        groups = np.repeat(np.arange(pairs.group_start.size), pairs.group_size)[part]
        own = Pairs.of_sorted(
            pairs.x[part], pairs.y[part], pairs.position[part], pairs.group_conversation[groups], groups
        )
        x, y = code[own.x.astype(np.intp)], code[own.y.astype(np.intp)]
        advantage, nearer = np.full((2, part.size), np.nan)
        tables = np.zeros((1, part.size))
        for start, size, replies in zip(own.group_start, own.group_size, own.group_replies, strict=True):
            group, place = slice(start, start + size), np.arange(size)
            distance = cdist(x[group], y[group], "cityblock")
            # The reply before a turn is adjacent to it, too.
            if size >= 3:
                near = distance[place, place] + distance[place, place - 1]
                advantage[group] = (distance.sum(axis=1) - near) / (size - 2) - distance[place, place]
            share = (size - rankdata(distance, axis=1)) / (size - 1) if size > 1 else np.full((1, 1), 0.5)
            nearer[group] = share[place, place] if size > 1 else np.nan
            moved = (place[:, None] + place) % size
            tables[0, group] = (share[place, moved] if replies else share[moved, place]).sum(axis=1)
        self.sizes = own.sizes
        self.advantage, self.nearer = _means(own, advantage), _means(own, nearer)
        self.real = float(np.abs(x - y).sum())
        self.share = float(tables[0, own.group_start].sum())
        self.shifted = own.null_of_tables(tables, lambda sums: sums[..., 0, :].sum(axis=-1), permutations, seed)
        index = Pairs.moves(own, permutations, "sham", seed)
        self.sham = np.array([float(np.abs(_moved(own, x, y, each)).sum()) for each in index])


def _moved(pairs: Pairs, x: Floats, y: Floats, index: Ints) -> Floats:
    """[E, 30] differences of codes with one speaker moved."""
    towards = np.repeat(pairs.group_replies, pairs.group_size).astype(bool)
    here = np.arange(index.size)
    return np.asarray(x[np.where(towards, here, index)] - y[np.where(towards, index, here)])


def _means(pairs: Pairs, values: Floats) -> Floats:
    known = np.isfinite(values)
    counts = pairs.sums(known.astype(float))
    return np.where(counts > 0, pairs.sums(np.where(known, values, 0.0)) / np.maximum(counts, 1), np.nan)
