"""Whether predictors that say how wrong they expect to be, are right about that."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen
from scipy.stats import norm

from antiphon_entrain_neural.evaluation.judged import Floats, Judged
from antiphon_entrain_neural.evaluation.metrics import POOLED

LEVELS = (0.5, 0.8, 0.95)


@frozen
class Coverage:
    """How often the truth lies within the central interval of a normal distribution about the prediction.

    Attributes:
        level: how often it should.
        share: how often it does.
    """

    predictor: str
    mode: str
    feature: str
    level: float
    share: float


def coverage(name: str, mode: str, judged: Judged, predicted: Floats, sd: Floats) -> Iterator[Coverage]:
    """Of each feature and of all.

    Args:
        name, mode: of the predictor.
        judged: the turns.
        predicted: shape ``(N, F)``.
        sd: of the expected errors, ``(N, F)``.
    """
    measured = ~np.isnan(judged.truth)
    size = np.abs(judged.truth - predicted) / np.maximum(sd, 1e-9)
    for level in LEVELS:
        within = size <= norm.ppf(0.5 + level / 2)
        for column, feature in enumerate(judged.features):
            if measured[:, column].any():
                share = float(within[measured[:, column], column].mean())
                yield Coverage(name, mode, feature, level, share)
        yield Coverage(name, mode, POOLED, level, float(within[measured].mean()))
