"""Cross-recurrence quantification of two speakers' turns (Marwan et al. 2007; Coco & Dale 2014; Borrie et al. 2019)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from attrs import evolve, frozen
from scipy.spatial.distance import cdist

from antiphon_measure_entrainment.statistics.effect import Effect, not_computable
from antiphon_measure_entrainment.statistics.inference import Floats, Ints
from antiphon_measure_entrainment.statistics.shifts import (
    Side,
    effects_of_tables,
    shift_effect,
    shifts,
    sides,
    why_no_tables,
)

MOST_SHIFTS = 40
MOST_SHAMS = 20
LEAST_POINTS = 8
"""Embedded points that each speaker needs."""


@frozen(kw_only=True)
class Recurrence:
    """What a cross-recurrence plot says.

    Attributes:
        rate: share of recurrent points, RR.
        determinism: share of recurrent points on diagonals of at least the least length, DET; NaN without points.
        mean_line: mean length of those diagonals, L; NaN without any.
        longest_line: length of the longest diagonal, maxL.
    """

    rate: float
    determinism: float
    mean_line: float
    longest_line: int


def embedded(series: Floats, dimension: int, delay: int) -> Floats:
    """[T − (dimension − 1)·delay, dimension] delay vectors (x_t, x_{t+τ}, ...); no rows if the series is too short."""
    count = max(0, series.size - (dimension - 1) * delay)
    return np.asarray(series[np.arange(count)[:, None] + delay * np.arange(dimension)])


def recurrences(
    x: Floats, y: Floats, *, dimension: int = 1, delay: int = 1, radius: float | None = None, rate: float = 0.05
) -> npt.NDArray[np.bool_]:
    """[N, M] R_ij = 1 if ‖x_i − y_j‖ ≤ radius (Euclidean); without a radius the one that makes the share `rate`."""
    first, second = embedded(x, dimension, delay), embedded(y, dimension, delay)
    distance = np.abs(first - second.T) if dimension == 1 else cdist(first, second)
    if radius is None:
        if not distance.size:
            return np.zeros(distance.shape, dtype=bool)
        # The smallest distance that at least the share `rate` of all do not exceed.
        least = max(int(np.ceil(rate * distance.size - 1e-9)), 1) - 1
        radius = float(np.partition(distance, least, axis=None)[least])
    return np.asarray(distance <= radius)


def quantify(plot: npt.NDArray[np.bool_], least: int = 2) -> Recurrence:
    """The measures of a cross-recurrence plot with diagonals of at least `least` points."""
    lengths = diagonal_lines(plot)
    long = lengths[lengths >= least]
    points = int(lengths.sum())
    return Recurrence(
        rate=points / plot.size if plot.size else float("nan"),
        determinism=float(long.sum()) / points if points else float("nan"),
        mean_line=float(long.mean()) if long.size else float("nan"),
        longest_line=int(lengths.max(initial=0)),
    )


def diagonal_profile(plot: npt.NDArray[np.bool_], lags: Sequence[int]) -> Floats:
    """[K] share of recurrent points at each lag j − i; NaN where the plot has no such diagonal."""
    found = [np.diagonal(plot, lag) for lag in lags]
    return np.array([diagonal.mean() if diagonal.size else np.nan for diagonal in found])


def diagonal_lines(plot: npt.NDArray[np.bool_]) -> Ints:
    """Lengths of all runs of recurrent points along diagonals, in no order."""
    rows, columns = plot.shape
    # Rows one shorter than they are read: what was a diagonal becomes a column, with room between the ends.
    width = rows + columns
    padded = np.zeros((rows + 2) * (width + 1), dtype=np.int8)
    place = np.arange(rows)[:, None] * width + np.arange(columns) + width + 1
    padded[place] = plot
    columns_first = padded.reshape(-1, width + 1).T.ravel()
    edges = np.diff(np.concatenate([[0], columns_first, [0]]))
    return np.asarray(np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1))


def cross_recurrence(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    dimension: int = 1,
    delay: int = 1,
    rate: float = 0.05,
    least: int = 2,
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """Recurrence of the two speakers' turns in order, the radius fixed so that RR is `rate` in every conversation.

    Three effects per feature, each the mean over conversations, one-sided:

    - ``crqa_synchrony``: the share of recurrent points within one turn of the main diagonal, against the second
      speaker's turns shifted circularly.
    - ``crqa_determinism`` (DET) and ``crqa_longest_line`` (maxL) of the whole plot, against sham pairs: the first
      speaker with the second of other conversations, cut or repeated to the length of the own partner
      (Borrie et al. 2019).
      Shifting would only move the diagonals of a plot, not break them.
    """

    def plot(a: Floats, b: Floats) -> npt.NDArray[np.bool_]:
        return recurrences(a, b, dimension=dimension, delay=delay, rate=rate)

    def near_diagonal(a: Side, b: Side) -> Floats:
        own = plot(a.value, b.value)
        return shifted_profile(own, (-1, 0, 1)) if min(own.shape) >= LEAST_POINTS else np.full(1, np.nan)

    too_little = f"no conversation has {LEAST_POINTS} turns of each speaker"
    effects = []
    for feature in features:
        effects += effects_of_tables(
            [("crqa_synchrony", "greater")],
            turns,
            feature,
            near_diagonal,
            too_little,
            permutations=permutations,
            seed=seed,
        )
        tables, n = _sham_tables(list(sides(turns, feature)), plot, least, seed)
        for name, column in (("crqa_determinism", 0), ("crqa_longest_line", 1)):
            chosen = [table[:, column] for table in tables]
            found = shift_effect(
                name, feature, chosen, n=n, permutations=permutations, seed=seed, alternative="greater"
            )
            why = "no second conversation to make sham pairs with" if n else why_no_tables(turns, feature, too_little)
            effects.append(evolve(found, null="sham") if found else not_computable(name, feature, why))
    return effects


def shifted_profile(plot: npt.NDArray[np.bool_], lags: Sequence[int]) -> Floats:
    """[S] mean over `lags` of `diagonal_profile` with the columns shifted circularly by 0 and by up to 39 others."""
    rows, columns = plot.shape
    by = shifts(columns, MOST_SHIFTS)[:, None]
    shares = []
    for lag in lags:
        row = np.arange(max(0, -lag), min(rows, columns - lag))
        shares.append(plot[row, (row + lag + by) % columns].mean(axis=1))
    return np.asarray(np.mean(shares, axis=0))


def _sham_tables(
    dialogues: Sequence[tuple[object, Side, Side]],
    plot: Callable[[Floats, Floats], npt.NDArray[np.bool_]],
    least: int,
    seed: int,
) -> tuple[list[Floats], int]:
    """Per conversation [1 + shams, 2] DET and maxL, the own pair first, and the turns that went in.

    No tables if there is only one conversation.
    """
    rng = np.random.default_rng(seed)
    usable = [(a, b) for _, a, b in dialogues if min(plot(a.value, b.value).shape) >= LEAST_POINTS]
    tables = []
    for index, (a, b) in enumerate(usable if len(usable) > 1 else ()):
        others = np.delete(np.arange(len(usable)), index)
        shams = rng.choice(others, min(MOST_SHAMS, others.size), replace=False)
        partners = [b.value, *(np.resize(usable[other][1].value, b.value.size) for other in shams)]
        found = [quantify(plot(a.value, partner), least) for partner in partners]
        tables.append(np.array([(each.determinism, float(each.longest_line)) for each in found]))
    return tables, sum(a.value.size + b.value.size for a, b in usable)
