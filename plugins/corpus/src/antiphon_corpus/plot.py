"""A picture of a turn table: how turns follow, what was measured, and whether adjacent turns correlate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from antiphon.errors import AntiphonError, InputError

from antiphon_corpus.adjacency import AdjacentCorrelation
from antiphon_corpus.describe import Description, FeatureStatistics
from antiphon_corpus.model import TurnTable

BINS = 40
BLUE, RED, GREY = "#1b6ca8", "#d1603d", "#bbbbbb"
ROW_INCHES = 2.1


def plot_description(table: TurnTable, description: Description, destination: Path) -> None:
    """Write a PNG file.

    Its first row: turns by conversation, the time from turn to turn, and the pooled r of all features, each on the
    interval of its null. Then a row a feature: its values, r by conversation, and the pooled r on its null.

    Raises:
        AntiphonError: matplotlib is not installed.
        InputError: there is no feature to draw, or the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise AntiphonError("plots need matplotlib: pip install 'antiphon-corpus[plot]'") from error
    if not table.features:
        raise InputError("the table has no features to draw")
    count = len(table.features)
    first = max(ROW_INCHES, 0.24 * count + 0.7)
    figure = Figure(figsize=(11, first + ROW_INCHES * count + 0.5), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1 + count, 3, squeeze=False, height_ratios=[first, *[ROW_INCHES] * count])
    d = description
    figure.suptitle(f"{d.conversations} conversations, {d.speakers} speakers, {d.turns} turns, {d.hours:.1f} hours")
    _overview(panels[0], table, description)
    limit = _widest(description.adjacent)
    for row, statistics, adjacent in zip(panels[1:], description.statistics, description.adjacent, strict=True):
        _feature(row, table, statistics, adjacent, limit)
    for axes in panels.flat:
        axes.spines[["top", "right"]].set_visible(False)
    try:
        figure.savefig(destination, format="png", dpi=110)
    except OSError as error:
        raise InputError(f"{destination}: it cannot be written: {error.strerror or error}") from error


def _overview(panels: Sequence[Any], table: TurnTable, description: Description) -> None:
    lengths, offsets, forest = panels
    turns = table.frame.groupby("conversation", observed=True).size()
    lengths.hist(turns, bins=min(BINS, max(1, int(turns.max() - turns.min()))), color=BLUE)
    lengths.set(xlabel="turns in a conversation", ylabel="conversations")
    gaps = description.floor.offsets_s
    if len(gaps):
        low, high = np.quantile(gaps, [0.01, 0.99])
        offsets.hist(gaps, bins=BINS, range=(min(low, -0.1), max(high, 0.1)), color=BLUE)
        offsets.axvline(0, color="black", linewidth=0.8)
        offsets.set_title(f"{description.floor.overlapping:.0%} overlap", fontsize="small")
    offsets.set(xlabel="from the end of a turn to the other's start [s]", ylabel="changes of speaker")
    for position, a in enumerate(description.adjacent):
        if a.pooled is None or not len(a.null):
            continue
        forest.plot(np.quantile(a.null, [0.025, 0.975]), [position] * 2, color=GREY, linewidth=7, solid_capstyle="butt")
        forest.plot(a.pooled, position, "o", color=RED if a.p is not None and a.p <= 0.05 else "black", markersize=4)
    names = [a.feature.name.replace("_", " ") for a in description.adjacent]
    forest.set_yticks(range(len(names)), names, fontsize="small")
    forest.set_ylim(len(names) - 0.5, -0.5)
    forest.axvline(0, color="black", linewidth=0.8)
    forest.set_title("grey: 95 % of the null; red: p ≤ .05", fontsize="small")
    forest.set_xlabel("r of adjacent turns, pooled")


def _feature(
    panels: Sequence[Any], table: TurnTable, statistics: FeatureStatistics, adjacent: AdjacentCorrelation, limit: float
) -> None:
    values, conversations, null = panels
    spec = statistics.feature
    measured = np.asarray(table.frame[spec.name].dropna(), dtype=np.float64)
    values.hist(measured, bins=BINS, color=BLUE)
    values.set(xlabel=f"{spec.name.replace('_', ' ')} [{spec.unit}]", ylabel="turns")
    values.set_title(f"{statistics.missing:.1%} missing", fontsize="small")
    conversations.hist(adjacent.by_conversation, bins=np.linspace(-1, 1, BINS + 1), color=BLUE)
    conversations.axvline(0, color="black", linewidth=0.8)
    conversations.set(xlabel="r of adjacent turns, by conversation", ylabel="conversations", xlim=(-1, 1))
    null.hist(adjacent.null, bins=BINS, range=(-limit, limit), color=GREY, label="shifted")
    null.set(xlabel="r of adjacent turns, pooled", ylabel="shifts", xlim=(-limit, limit))
    if adjacent.pooled is None:
        null.set_title("too few pairs", fontsize="small")
        return
    null.axvline(adjacent.pooled, color=RED, label="observed")
    null.set_title(f"r = {adjacent.pooled:.3f}, p = {adjacent.p:.3g}, {adjacent.pairs} pairs", fontsize="small")
    null.legend(frameon=False, fontsize="small", loc="upper left")


def _widest(adjacent: Sequence[AdjacentCorrelation]) -> float:
    """One scale for all features, so that they can be compared."""
    values = [abs(r) for a in adjacent for r in (a.pooled, *a.null) if r is not None]
    return min(1.0, 1.05 * max(values, default=1.0))
