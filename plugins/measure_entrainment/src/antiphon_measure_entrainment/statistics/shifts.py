"""Tests of measures that give one number per conversation, against circular shifts of one speaker.

A *table* holds a conversation's measure at several shifts of the second speaker's values against the first's;
entry 0 is the conversation as it was. Shifting keeps each speaker's autocorrelation and distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from attrs import frozen

from antiphon_measure_entrainment.statistics.effect import Effect, not_computable
from antiphon_measure_entrainment.statistics.inference import (
    Alternative,
    Floats,
    Ints,
    paired_effect,
    permutation_p,
    weighted_mean,
)
from antiphon_measure_entrainment.turns.exchanges import checked, dyads, speaker_z, why_no_dyads


@frozen(eq=False)
class Side:
    """One speaker's turns in a conversation: [T] starts and ends in seconds, and values without gaps."""

    start: Floats
    end: Floats
    value: Floats


def sides(turns: pd.DataFrame, feature: str, *, scale: bool = True) -> Iterator[tuple[object, Side, Side]]:
    """Each conversation of exactly two speakers who both have values: its name and its sides.

    With `scale` the values are on each speaker's own scale (`speaker_z`).
    """
    ordered = checked(turns, [feature])
    pairs = dyads(ordered, feature)
    if pairs.empty:
        return
    names = pd.MultiIndex.from_arrays([np.repeat(pairs.index, 2), pairs[["first", "second"]].to_numpy().ravel()])
    of_turn = names.get_indexer(pd.MultiIndex.from_frame(ordered[["conversation", "speaker"]]))
    value = (speaker_z(ordered, [feature]) if scale else ordered)[feature].to_numpy(float)
    kept = np.flatnonzero((of_turn >= 0) & ~np.isnan(value))
    kept = kept[np.argsort(of_turn[kept], kind="stable")]
    columns = *(ordered[name].to_numpy(float)[kept] for name in ("start_s", "end_s")), value[kept]
    edges = np.searchsorted(of_turn[kept], np.arange(len(names) + 1))
    for place, conversation in enumerate(pairs.index):
        begin, middle, end = edges[2 * place : 2 * place + 3]
        if begin < middle < end:
            first, second = (
                Side(*(column[part] for column in columns)) for part in (slice(begin, middle), slice(middle, end))
            )
            yield conversation, first, second


def shifts(size: int, most: int) -> Ints:
    """[≤ most] circular shifts of `size` values, spread evenly, the first 0."""
    return np.unique(np.linspace(0, size - 1, min(size, most)).astype(np.intp))


def rolled(values: Floats, by: Ints) -> Floats:
    """[S, T] `values` shifted circularly by each of `by`: row s is values[(t + by_s) mod T]."""
    return np.asarray(values[(np.arange(values.size) + by[:, None]) % values.size])


def shift_effect(
    measure: str,
    feature: str,
    tables: Sequence[Floats],
    *,
    n: int,
    permutations: int,
    seed: int,
    alternative: Alternative = "two-sided",
) -> Effect | None:
    """The mean over conversations, tested by drawing a shift for each conversation; None without conversations.

    T = mean over conversations of the table's entry. The effect size is d_z of each conversation's measure against the
    mean of its own table: measures that take a maximum are above 0 by chance alone.
    """
    kept = [table[np.isfinite(table)] for table in tables if table.size and np.isfinite(table[0])]
    if not kept:
        return None
    observed = np.array([table[0] for table in kept])
    estimate, low, high = weighted_mean(observed, np.ones(observed.size))
    rng = np.random.default_rng(seed)
    drawn = np.zeros(permutations)
    for table in kept:
        drawn += table[rng.integers(0, table.size, permutations)]
    return Effect(
        measure=measure,
        feature=feature,
        estimate=estimate,
        low=low,
        high=high,
        effect_size=paired_effect(observed - np.array([table.mean() for table in kept])),
        p=permutation_p(float(observed.mean()), drawn / len(kept), alternative),
        n=n,
        conversations=len(kept),
        null="shift",
    )


def effects_of_tables(
    outcomes: Sequence[tuple[str, Alternative]],
    turns: pd.DataFrame,
    feature: str,
    table: Callable[[Side, Side], Floats],
    too_little: str,
    *,
    permutations: int,
    seed: int,
) -> list[Effect]:
    """`shift_effect` of each of several outcomes, from one table [S, outcomes] per conversation.

    `too_little` says what a conversation lacks whose entries 0 are NaN.
    """
    tables, n = [], 0
    for _, a, b in sides(turns, feature):
        tables.append(table(a, b).reshape(-1, len(outcomes)))
        n += a.value.size + b.value.size
    effects = []
    for column, (name, alternative) in enumerate(outcomes):
        found = shift_effect(
            name,
            feature,
            [each[:, column] for each in tables],
            n=n,
            permutations=permutations,
            seed=seed,
            alternative=alternative,
        )
        effects.append(found or not_computable(name, feature, why_no_tables(turns, feature, too_little)))
    return effects


def why_no_tables(turns: pd.DataFrame, feature: str, too_little: str) -> str:
    """The reason why no conversation could be measured."""
    if dyads(turns, feature).empty:
        return why_no_dyads(turns, feature)
    values = turns[turns[feature].notna()].groupby(["conversation", "speaker"])[feature]
    if (values.max() - values.min() <= 1e-9 * values.max().abs()).all():
        return f"{feature} is constant within each speaker"
    return too_little
