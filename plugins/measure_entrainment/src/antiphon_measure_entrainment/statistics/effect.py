"""What a measure found: one row of the tidy table, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from attrs import asdict, fields, frozen
from statsmodels.stats.multitest import multipletests


@frozen(kw_only=True)
class Effect:
    """One measure of one feature.

    Attributes:
        measure: its name.
        feature: the feature's name.
        estimate: the measure itself, in the unit that its function documents; None if not computable.
        low, high: 95 % confidence interval of `estimate`, None where there is none (one conversation, a maximum).
        effect_size: Cohen's d_z of a paired difference; the correlation itself for measures that are one.
        p: from the null; never 0, because the observed arrangement is one of the possible ones.
        n: observations (exchanges, frames, speakers' sides, turns) that went in.
        conversations: conversations that went in.
        null: what p is compared with.
        note: why the measure is not computable, or what was left out.
    """

    measure: str
    feature: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    effect_size: float | None = None
    p: float | None = None
    n: int = 0
    conversations: int = 0
    null: str = ""
    note: str = ""

    @property
    def computable(self) -> bool:
        return self.estimate is not None


def not_computable(measure: str, feature: str, why: str, *, n: int = 0, conversations: int = 0) -> Effect:
    """The result of a measure that has too little, or nothing that varies, to go on."""
    return Effect(measure=measure, feature=feature, n=n, conversations=conversations, note=f"not computable: {why}")


def benjamini_hochberg(p: Iterable[float | None]) -> list[float | None]:
    """q-values (Benjamini & Hochberg 1995) over the p-values that there are; None stays None.

    q_(i) = min_{j ≥ i} min(1, m p_(j) / j) over the m values in ascending order.
    """
    values = list(p)
    known = [i for i, value in enumerate(values) if value is not None]
    adjusted: list[float | None] = [None] * len(values)
    if known:
        q = multipletests([values[i] for i in known], method="fdr_bh")[1]
        for i, value in zip(known, q, strict=True):
            adjusted[i] = float(value)
    return adjusted


def tidy(effects: Iterable[Effect]) -> pd.DataFrame:
    """One row per effect, with a column ``q``: p corrected over all rows (`benjamini_hochberg`)."""
    rows = [asdict(effect) for effect in effects]
    frame = pd.DataFrame(rows, columns=[field.name for field in fields(Effect)])
    q = benjamini_hochberg([row["p"] for row in rows])
    for name in ("estimate", "low", "high", "effect_size", "p"):
        frame[name] = frame[name].astype(float)
    frame.insert(frame.columns.get_loc("p") + 1, "q", np.array(q, dtype=float))
    return frame
