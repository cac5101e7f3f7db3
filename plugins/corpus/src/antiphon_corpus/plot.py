"""A picture of a turn table: what was measured, and whether adjacent turns correlate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from antiphon.errors import AntiphonError, InputError

from antiphon_corpus.describe import Description
from antiphon_corpus.model import TurnTable

BINS = 40


def plot_description(table: TurnTable, description: Description, destination: Path) -> None:
    """Write a PNG file with a row a feature: its values, r by conversation, and the pooled r on its null.

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
    figure = Figure(figsize=(11, 2.3 * len(table.features) + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(table.features), 3, squeeze=False)
    for (values, conversations, null), adjacent in zip(panels, description.adjacent, strict=True):
        spec = adjacent.feature
        measured = np.asarray(table.frame[spec.name].dropna())
        values.hist(measured, bins=BINS, color="#1b6ca8")
        values.set_xlabel(f"{spec.name.replace('_', ' ')} [{spec.unit}]")
        values.set_ylabel("turns")
        conversations.hist(adjacent.by_conversation, bins=np.linspace(-1, 1, BINS + 1), color="#1b6ca8")
        conversations.set_xlabel("r of adjacent turns, by conversation")
        conversations.set_ylabel("conversations")
        null.hist(adjacent.null, bins=BINS, color="#bbbbbb", label="shifted")
        if adjacent.pooled is not None:
            null.axvline(adjacent.pooled, color="#d1603d", label=f"observed, p = {adjacent.p:.3g}")
        null.set_xlabel("r of adjacent turns, pooled")
        null.legend(frameon=False, fontsize="small")
    try:
        figure.savefig(destination, format="png", dpi=110)
    except OSError as error:
        raise InputError(f"{destination}: it cannot be written: {error.strerror or error}") from error
