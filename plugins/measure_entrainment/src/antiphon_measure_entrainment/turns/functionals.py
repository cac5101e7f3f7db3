"""Functionals of frames: from measurements every few milliseconds to features of turns."""

from __future__ import annotations

import pandas as pd

FUNCTIONALS = ("mean", "median", "sd", "p1", "p99", "range")


def with_functionals(turns: pd.DataFrame, frames: pd.DataFrame) -> pd.DataFrame:
    """The turn table with the mean, median, standard deviation (ddof 1), 1st and 99th percentile of frames, and the
    difference of these two, for every turn (the functionals of Nasir et al. 2018).

    Args:
        turns: a turn table.
        frames: a row per frame: ``conversation`` and ``turn`` as in `turns`, and numeric columns, such as F0, intensity
            and cepstra; NaN where there is none.

    Returns:
        `turns` with a column ``<column>.<functional>`` for each; NaN for turns without frames.

    Raises:
        ValueError: if `frames` lacks ``conversation`` or ``turn``.
    """
    keys = ["conversation", "turn"]
    lacking = [key for key in keys if key not in frames.columns]
    if lacking:
        raise ValueError(f"the frames have no column {', '.join(lacking)}; they have {', '.join(map(str, frames))}")
    by = frames.groupby(keys, sort=False)
    found = {
        "mean": by.mean(numeric_only=True),
        "median": by.median(numeric_only=True),
        "sd": by.std(numeric_only=True),
        "p1": by.quantile(0.01, numeric_only=True),
        "p99": by.quantile(0.99, numeric_only=True),
    }
    found["range"] = found["p99"] - found["p1"]
    columns = [each for each in found["mean"].columns if each not in keys]
    joined = pd.concat({name: found[name][columns] for name in FUNCTIONALS}, axis=1)
    joined.columns = [f"{column}.{functional}" for functional, column in joined.columns]
    order = [f"{column}.{functional}" for column in columns for functional in FUNCTIONALS]
    return turns.merge(joined[order], left_on=keys, right_index=True, how="left")
