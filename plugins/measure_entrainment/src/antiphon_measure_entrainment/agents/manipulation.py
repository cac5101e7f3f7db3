"""Whether an agent's voice did what its strategy promises: slopes of what was realised."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from antiphon_measure_entrainment.statistics.inference import constant

LEAST_TURNS = 5
COLUMNS = (
    *("strategy", "feature", "on", "slope", "low", "high", "p_zero", "promised", "p_promised"),
    *("r", "n", "conversations", "note"),
)


def manipulation_check(table: pd.DataFrame, promised: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Slopes of the realised feature on the requested one and on the user's, per strategy and feature.

    realised = a + b·requested (ideally b = 1) and realised = a + b·user (0 for neutral and sham, λ for partial λ, 1 for
    matching, −λ for disentrainment). Ordinary least squares; intervals by conversation clusters (Liang & Zeger 1986,
    Student's t with clusters − 1 degrees of freedom), by HC3 where there is one conversation.

    Args:
        table: one row per agent's turn and feature, columns ``conversation``, ``strategy``, ``feature``, ``requested``,
            ``realised``, ``user`` (the user's turn that the strategy answered), all three on one scale; NaN where
            there is none.
        promised: strategy to the slope on the user's feature that it promises.

    Returns:
        A row per strategy, feature and predictor (``on``: ``requested`` or ``user``): ``slope``, ``low``, ``high``
        (95 %), ``p_zero`` (slope is 0), ``promised``, ``p_promised`` (slope is what was promised), ``r``, ``n``,
        ``conversations``, ``note`` (why it is not computable).
    """
    rows = []
    for (strategy, feature), group in table.groupby(["strategy", "feature"], sort=True):
        for on in ("requested", "user"):
            ideal = 1.0 if on == "requested" else (promised or {}).get(str(strategy))
            rows.append({"strategy": strategy, "feature": feature, "on": on, **slope(group, on, ideal)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def slope(turns: pd.DataFrame, on: str, promised: float | None = None) -> dict[str, object]:
    """The regression of ``realised`` on the column `on`, with the columns of `manipulation_check`."""
    kept = turns[["conversation", "realised", on]].dropna()
    x, y = kept[on].to_numpy(float), kept["realised"].to_numpy(float)
    clusters = pd.factorize(kept["conversation"])[0]
    count = int(clusters.max()) + 1 if clusters.size else 0
    result: dict[str, object] = {"promised": promised, "n": x.size, "conversations": count, "note": ""}
    if x.size < LEAST_TURNS:
        return {**result, "note": f"not computable: {x.size} turns have both values; {LEAST_TURNS} are needed"}
    if constant(x):
        return {**result, "note": f"not computable: the values of {on} are constant"}
    clustered = count > 1
    fit = sm.OLS(y, sm.add_constant(x)).fit(
        cov_type="cluster" if clustered else "HC3",
        cov_kwds={"groups": clusters} if clustered else None,
        use_t=True,
    )
    degrees = count - 1 if clustered else x.size - 2
    estimate, error = float(fit.params[1]), float(fit.bse[1])
    half = float(stats.t.ppf(0.975, degrees)) * error

    def p(hypothesis: float) -> float | None:
        return 2 * float(stats.t.sf(abs(estimate - hypothesis) / error, degrees)) if error > 0 else None

    return {
        **result,
        "slope": estimate,
        "low": estimate - half,
        "high": estimate + half,
        "p_zero": p(0.0),
        "p_promised": None if promised is None else p(promised),
        "r": None if constant(y) else float(np.corrcoef(x, y)[0, 1]),
    }
