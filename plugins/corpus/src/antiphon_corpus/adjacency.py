"""Do speakers follow each other? Correlations of adjacent turns, with a permutation null.

Features are taken in their log domain and standardised by speaker and conversation, so that neither different voices
nor different scales correlate. A pair is two consecutive turns of two speakers (Levitan and Hirschberg 2011). The
null shifts one speaker's turns circularly against the other's: each keeps its own order, inertia and trend.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from antiphon.features import FeatureSpec
from attrs import frozen

from antiphon_corpus.model import TurnTable

Array = npt.NDArray[np.float64]

MIN_TURNS = 4
"""Conversations in which either speaker has fewer turns are left out."""

MAX_SHIFTS = 500
"""More shifts than this are sampled."""

SHIFTS_AT_ONCE = 64

LEVEL = 0.05


@frozen(eq=False)
class AdjacentCorrelation:
    """Of one feature.

    Attributes:
        pairs: how many pairs of adjacent turns were measured.
        by_conversation: r of every conversation in which it can be computed.
        testable: in how many conversations there are enough shifts for a p of 0.05.
        significant: in how many of these p is at most 0.05; by chance about every twentieth.
        pooled: r over the pairs of all conversations; None without any.
        null: pooled r of shifted conversations, one a permutation.
        p: two-sided, of `pooled` (Phipson and Smyth 2010: never 0); None without any pair.
    """

    feature: FeatureSpec
    pairs: int
    by_conversation: Array
    testable: int
    significant: int
    pooled: float | None
    null: Array
    p: float | None


def adjacent_correlations(
    table: TurnTable, *, permutations: int = 1000, seed: int = 0
) -> tuple[AdjacentCorrelation, ...]:
    """Of every feature, over the conversations of exactly two speakers."""
    rng = np.random.default_rng(seed)
    sums = [_sums(a, b, pairs, rng) for a, b, pairs in _dyads(table)]
    return tuple(
        _correlation(spec, [s[..., f] for s in sums], permutations, rng) for f, spec in enumerate(table.features)
    )


def log_values(table: TurnTable) -> Array:
    """All features in their log domain: turns x features."""
    columns = [np.asarray(table.frame[spec.name], dtype=np.float64) for spec in table.features]
    logs = [
        c if s.floor is None else np.log(np.maximum(c, s.floor)) for c, s in zip(columns, table.features, strict=True)
    ]
    return np.stack(logs, axis=1) if logs else np.empty((len(table.frame), 0))


def _dyads(table: TurnTable) -> Iterator[tuple[Array, Array, npt.NDArray[np.int64]]]:
    """Both speakers' standardised turns, and the pairs of adjacent ones as positions in these: pairs x 2."""
    values = log_values(table)
    speakers = table.frame["speaker"].cat.codes.to_numpy()
    codes = table.frame["conversation"].cat.codes.to_numpy()
    bounds = [0, *(np.flatnonzero(np.diff(codes)) + 1), len(codes)]
    for start, stop in pairwise(bounds):
        who = speakers[start:stop]
        second = who != who[0]
        if len(np.unique(who)) != 2 or min(second.sum(), (~second).sum()) < MIN_TURNS:
            continue
        position = np.where(second, np.cumsum(second), np.cumsum(~second)) - 1
        change = np.flatnonzero(second[1:] != second[:-1])
        earlier, later = position[change], position[change + 1]
        pairs = np.where(second[change, None], np.stack([later, earlier], 1), np.stack([earlier, later], 1))
        inside = values[start:stop]
        yield _standardised(inside[~second]), _standardised(inside[second]), pairs


def _standardised(values: Array) -> Array:
    """By column; a column that is constant or measured less than twice becomes missing."""
    measured = ~np.isnan(values)
    count = measured.sum(axis=0)
    centred = values - np.nansum(values, axis=0) / np.maximum(count, 1)
    sd = np.sqrt(np.nansum(centred**2, axis=0) / np.maximum(count, 1))
    constant = sd <= 1e-12 * np.nanmax(np.abs(np.where(measured, values, 0.0)), axis=0, initial=1.0)
    return np.where(constant, np.nan, centred / np.where(constant, 1.0, sd))


def _sums(a: Array, b: Array, pairs: npt.NDArray[np.int64], rng: np.random.Generator) -> Array:
    """Sums of ab, aa, bb and 1 over the pairs: 4 x shifts x features; shift 0 is the conversation as it was."""
    shifts = np.arange(len(b))
    if len(b) > MAX_SHIFTS:
        shifts = np.concatenate([[0], rng.choice(shifts[1:], MAX_SHIFTS - 1, replace=False)])
    result = np.empty((4, len(shifts), a.shape[1]))
    x = a[pairs[:, 0], None]
    for begin in range(0, len(shifts), SHIFTS_AT_ONCE):
        some = slice(begin, begin + SHIFTS_AT_ONCE)
        y = b[(pairs[:, 1, None] + shifts[some]) % len(b)]
        both = ~np.isnan(x * y)
        left, right = np.where(both, x, 0.0), np.where(both, y, 0.0)
        result[:, some] = [(left * right).sum(0), (left**2).sum(0), (right**2).sum(0), both.sum(0)]
    return result


def _ratio(sums: Array) -> Array:
    spread = np.sqrt(sums[1] * sums[2])
    return np.where(spread > 0, sums[0] / np.where(spread > 0, spread, 1.0), np.nan)


def _correlation(
    spec: FeatureSpec, sums: list[Array], permutations: int, rng: np.random.Generator
) -> AdjacentCorrelation:
    """From one conversation's sums each: 4 x shifts."""
    ratios = [r for s in sums if np.isfinite((r := _ratio(s))[0])]
    tested = [_share_as_large(r) for r in ratios if len(r) * LEVEL >= 1]
    real = np.sum([s[:, 0] for s in sums], axis=0) if sums else np.zeros(4)
    shifted = np.zeros((4, permutations))
    for s in sums:
        shifted += s[:, rng.integers(s.shape[1], size=permutations)]
    pooled, null = float(_ratio(real)), _ratio(shifted)
    null = null[np.isfinite(null)]
    return AdjacentCorrelation(
        spec,
        int(real[3]),
        np.array([r[0] for r in ratios]),
        len(tested),
        sum(p <= LEVEL for p in tested),
        pooled if np.isfinite(pooled) else None,
        null,
        _two_sided(pooled, null) if np.isfinite(pooled) else None,
    )


def _share_as_large(ratios: Array) -> float:
    finite = np.abs(ratios[np.isfinite(ratios)])
    return float((finite >= finite[0] - 1e-12).mean())


def _two_sided(value: float, null: Array) -> float:
    tail = min(int((null >= value).sum()), int((null <= value).sum()))
    return min(1.0, 2 * (1 + tail) / (1 + len(null)))
