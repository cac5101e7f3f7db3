"""What is in a turn table, in numbers."""

from __future__ import annotations

import numpy as np
from antiphon.features import FeatureSpec
from attrs import frozen

from antiphon_corpus.adjacency import AdjacentCorrelation, adjacent_correlations
from antiphon_corpus.floor import Floor, floor
from antiphon_corpus.model import TurnTable


@frozen
class FeatureStatistics:
    """Of one feature's measurements, in raw units; None where there are too few.

    Attributes:
        missing: share of the turns without a measurement.
    """

    feature: FeatureSpec
    measured: int
    missing: float
    mean: float | None
    sd: float | None
    p05: float | None
    median: float | None
    p95: float | None


@frozen
class Description:
    """A turn table in numbers.

    Attributes:
        dyads: conversations of exactly two speakers, over which `adjacent` goes.
        hours: summed time from first start to last end of the conversations.
        median_turns: median number of turns in a conversation.
        median_turn_s, median_words: of a turn; words as spaces part them.
        floor: how turns follow one another.
    """

    conversations: int
    dyads: int
    speakers: int
    turns: int
    median_turns: float
    hours: float
    median_turn_s: float
    median_words: float
    floor: Floor
    statistics: tuple[FeatureStatistics, ...]
    adjacent: tuple[AdjacentCorrelation, ...]


def describe(table: TurnTable, *, permutations: int = 1000, seed: int = 0) -> Description:
    """Counts, statistics of every feature, and correlations of adjacent turns."""
    frame = table.frame
    groups = frame.groupby("conversation", observed=True, sort=False)
    speakers = groups["speaker"].nunique()
    return Description(
        conversations=len(speakers),
        dyads=int((speakers == 2).sum()),
        speakers=int(frame["speaker"].nunique()),
        turns=len(frame),
        median_turns=float(groups.size().median()),
        hours=float((groups["end_s"].max() - groups["start_s"].min()).sum() / 3600),
        median_turn_s=float((frame["end_s"] - frame["start_s"]).median()),
        median_words=float(np.median([len(text.split()) for text in frame["text"]])),
        floor=floor(table),
        statistics=tuple(_statistics(table, spec) for spec in table.features),
        adjacent=adjacent_correlations(table, permutations=permutations, seed=seed),
    )


def _statistics(table: TurnTable, spec: FeatureSpec) -> FeatureStatistics:
    column = np.asarray(table.frame[spec.name], dtype=np.float64)
    values = column[~np.isnan(column)]
    missing = 1 - len(values) / len(column)
    if len(values) == 0:
        return FeatureStatistics(spec, 0, missing, None, None, None, None, None)
    p05, median, p95 = np.quantile(values, [0.05, 0.5, 0.95]).tolist()
    sd = float(values.std(ddof=1)) if len(values) > 1 else None
    return FeatureStatistics(spec, len(values), missing, float(values.mean()), sd, p05, median, p95)
