"""The attention that a strategy recorded: how much it looked at each earlier turn when it answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from antiphon.recording.records import TurnRecord

from antiphon_measure_entrainment.statistics.inference import Floats


def attention_of(turns: Iterable[TurnRecord]) -> Floats | None:
    """[answers, turns] the weights of a session's strategy, one row for each agent's turn that has some; else None.

    A strategy records a matrix: each of its rows (a head, a feature) holds weights over the turns so far, both
    speakers', in order. Here they are averaged. NaN where a turn was still to come.
    """
    rows = []
    for turn in turns:
        strategy = turn.extras.get("strategy")
        found = _weights(strategy.get("attention") if isinstance(strategy, dict) else None)
        if found is not None:
            rows.append(found)
    return _stacked(rows) if rows else None


def mean_attention(sessions: Sequence[Floats]) -> Floats:
    """The mean over sessions, where any has weights."""
    height, width = (max(weights.shape[axis] for weights in sessions) for axis in (0, 1))
    total, count = np.zeros((height, width)), np.zeros((height, width))
    for weights in sessions:
        known = np.isfinite(weights)
        total[: weights.shape[0], : weights.shape[1]] += np.where(known, weights, 0.0)
        count[: weights.shape[0], : weights.shape[1]] += known
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _weights(matrix: object) -> Floats | None:
    """The mean of a matrix' rows; None if it is none."""
    if not isinstance(matrix, list | tuple) or not matrix or not all(isinstance(row, list | tuple) for row in matrix):
        return None
    try:
        stacked = _stacked([np.array(row, dtype=float) for row in matrix])
    except (TypeError, ValueError):
        return None
    return np.asarray(np.nan_to_num(stacked).mean(axis=0)) if stacked.size else None


def _stacked(rows: Sequence[Floats]) -> Floats:
    result = np.full((len(rows), max(row.size for row in rows)), np.nan)
    for number, row in enumerate(rows):
        result[number, : row.size] = row
    return result
