"""Time-aligned moving averages and the correlation of two speakers' frames.

Two traditions: frames of 16 s every 8 s with the cross-correlation at lags, whose largest value is the synchrony,
signed or not (Pérez, Gálvez & Gravano 2016, "Disentrainment may be a positive thing"); and frames of 20 s every 10 s
with correlations in windows of frames (Kousidis et al. 2008; De Looze et al. 2014).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from antiphon_measure_entrainment.statistics.effect import Effect
from antiphon_measure_entrainment.statistics.inference import Alternative, Floats
from antiphon_measure_entrainment.statistics.shifts import Side, effects_of_tables, rolled, shifts

LEAST_TERMS = 4
"""Products that a cross-correlation needs."""
MOST_SHIFTS = 200


def frames(
    start: Floats,
    end: Floats,
    values: Floats,
    *,
    begin: float,
    until: float,
    window_s: float = 16.0,
    step_s: float = 8.0,
    clip: bool = False,
) -> Floats:
    """Σ φ_i d_i / Σ d_i over the turns that intersect a frame; NaN where none does.

    Args:
        start, end, values: [T] of one speaker.
        begin, until: the frames begin at `begin`, every `step_s`, as long as one fits before `until` (at least one).
        clip: d_i is the part of the turn within the frame (Kousidis et al.) instead of the whole turn (Pérez et al.).

    Returns:
        [F] frame values.
    """
    count = max(1, int((until - begin - window_s) / step_s + 1e-9) + 1)
    lower = begin + step_s * np.arange(count)[:, None]
    overlap = np.minimum(end, lower + window_s) - np.maximum(start, lower)
    weight = np.where(overlap > 0, overlap if clip else end - start, 0.0)
    total = weight.sum(axis=1)
    return np.where(total > 0, weight @ values / np.where(total > 0, total, 1.0), np.nan)


def cross_correlation(a: Floats, b: Floats, lag: int) -> float:
    """r_k = Σ_i (a_i − ā)(b_{i−k} − b̄) / √(Σ(a − ā)² Σ(b − b̄)²) over the i at which both are there.

    a, b: [F] with NaN for missing frames, which count in no sum. NaN with fewer than 4 terms or without variation.
    A positive lag k: `a` follows `b` by k frames.
    """
    return float(_lagged(a, b[None], [lag])[0, 0])


def tama_synchrony(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    window_s: float = 16.0,
    step_s: float = 8.0,
    lags: Sequence[int] = tuple(range(-6, 7)),
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """Signed synchrony, the r_k of largest |r_k| over `lags`, and unsigned synchrony, its absolute value.

    Two effects per feature, each the mean over conversations. A maximum over lags is above 0 by chance, so only p and
    the effect size, both against shifted frames, say something. The lags are symmetric by default: who is named first
    does not matter.
    """

    def table(a: Side, b: Side) -> Floats:
        first, second = _framed(a, b, window_s, step_s, clip=False)
        strongest = _strongest(_lagged(first, rolled(second, shifts(second.size, MOST_SHIFTS)), lags))
        return np.column_stack([strongest, np.abs(strongest)])

    too_little = f"no conversation has {LEAST_TERMS} frames with both speakers at any lag"
    outcomes: list[tuple[str, Alternative]] = [
        ("tama_synchrony_signed", "two-sided"),
        ("tama_synchrony_unsigned", "greater"),
    ]
    return [
        effect
        for feature in features
        for effect in effects_of_tables(
            outcomes, turns, feature, table, too_little, permutations=permutations, seed=seed
        )
    ]


def windowed_correlation(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    window_s: float = 20.0,
    step_s: float = 10.0,
    frames_per_window: int = 10,
    alpha: float = 0.05,
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """Spearman's correlation in sliding windows of frames: its mean, and the share of windows with p < `alpha`.

    Frames in which both speakers speak, in order; windows of `frames_per_window` of them, step 1. Overlapping frames
    make far more than `alpha` of the windows significant without any entrainment; the null has the same overlap.
    """
    degrees = frames_per_window - 2
    critical = float(stats.t.ppf(1 - alpha / 2, degrees))
    least = critical / np.sqrt(degrees + critical**2)

    def table(a: Side, b: Side) -> Floats:
        first, second = _framed(a, b, window_s, step_s, clip=True)
        both = np.isfinite(first) & np.isfinite(second)
        r = window_correlations(first[both], second[both], frames_per_window)
        return (
            np.column_stack([r.mean(axis=1), (np.abs(r) > least).mean(axis=1)]) if r.size else np.full((1, 2), np.nan)
        )

    too_little = f"no conversation has {frames_per_window} frames in which both speak"
    outcomes: list[tuple[str, Alternative]] = [
        ("windowed_correlation", "two-sided"),
        ("windowed_correlation_share", "greater"),
    ]
    return [
        effect
        for feature in features
        for effect in effects_of_tables(
            outcomes, turns, feature, table, too_little, permutations=permutations, seed=seed
        )
    ]


def window_correlations(a: Floats, b: Floats, size: int) -> Floats:
    """[F, W] Spearman's r in the W = F − size + 1 windows, row s with `b` shifted circularly by s.

    Empty if F < size.
    """
    count = a.size - size + 1
    if count < 1:
        return np.empty((0, 0))
    windows = np.lib.stride_tricks.sliding_window_view
    first = _unit(stats.rankdata(windows(a, size), axis=1))
    second = _unit(stats.rankdata(windows(np.concatenate([b, b[: size - 1]]), size), axis=1))
    r = first @ second.T
    return np.asarray(r[np.arange(count), (np.arange(count) + np.arange(a.size)[:, None]) % a.size])


def _unit(ranks: Floats) -> Floats:
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    return np.asarray(centred / np.where(length > 0, length, 1.0))


def _framed(a: Side, b: Side, window_s: float, step_s: float, *, clip: bool) -> tuple[Floats, Floats]:
    begin, until = min(a.start.min(), b.start.min()), max(a.end.max(), b.end.max())
    first, second = (
        frames(side.start, side.end, side.value, begin=begin, until=until, window_s=window_s, step_s=step_s, clip=clip)
        for side in (a, b)
    )
    return first, second


def _lagged(a: Floats, b: Floats, lags: Sequence[int]) -> Floats:
    """[S, K] cross-correlations of `a` [F] with each row of `b` [S, F]."""
    here, there = np.isfinite(a), np.isfinite(b)
    first = np.where(here, a - np.mean(a[here]) if here.any() else 0.0, 0.0)
    counts = there.sum(axis=1, keepdims=True)
    means = np.where(there, b, 0.0).sum(axis=1, keepdims=True) / np.maximum(counts, 1)
    second = np.where(there, b - means, 0.0)
    scale = np.sqrt((first**2).sum() * (second**2).sum(axis=1))
    result = np.full((len(b), len(lags)), np.nan)
    for column, lag in enumerate(lags):
        if abs(lag) >= a.size:
            continue
        mine = slice(max(lag, 0), a.size + min(lag, 0))
        theirs = slice(max(-lag, 0), a.size - max(lag, 0))
        terms = there[:, theirs].astype(float) @ here[mine].astype(float)
        usable = (terms >= LEAST_TERMS) & (scale > 1e-12)
        products = second[:, theirs] @ first[mine]
        result[:, column] = np.where(usable, products / np.where(usable, scale, 1.0), np.nan)
    return result


def _strongest(r: Floats) -> Floats:
    """[S] the entry of each row with the largest magnitude; NaN if there is none."""
    known = np.isfinite(r)
    best = np.argmax(np.where(known, np.abs(r), -1.0), axis=1)
    return np.where(known.any(axis=1), r[np.arange(len(r)), best], np.nan)
