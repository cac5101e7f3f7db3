"""All measures of a turn table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from antiphon_measure_entrainment.measures.consistency import consistency_controlled
from antiphon_measure_entrainment.measures.global_measures import global_convergence, global_proximity, self_proximity
from antiphon_measure_entrainment.measures.lexical import lexical
from antiphon_measure_entrainment.measures.local_measures import local_convergence, local_proximity, local_synchrony
from antiphon_measure_entrainment.measures.mixed_effects import mixed_effects
from antiphon_measure_entrainment.measures.nearest import knn_convergence, knn_proximity, knn_synchrony
from antiphon_measure_entrainment.measures.neural import neural_distance
from antiphon_measure_entrainment.measures.recurrence import cross_recurrence
from antiphon_measure_entrainment.measures.tama import tama_synchrony, windowed_correlation
from antiphon_measure_entrainment.statistics.effect import Effect, tidy

OF_EACH_FEATURE: dict[str, Callable[..., list[Effect]]] = {
    "global_proximity": global_proximity,
    "global_convergence": global_convergence,
    "local_proximity": local_proximity,
    "local_convergence": local_convergence,
    "local_synchrony": local_synchrony,
    "tama_synchrony": tama_synchrony,
    "windowed_correlation": windowed_correlation,
    "knn_proximity": knn_proximity,
    "knn_convergence": knn_convergence,
    "knn_synchrony": knn_synchrony,
    "crqa": cross_recurrence,
    "consistency": consistency_controlled,
    "mixed_effects": mixed_effects,
}
OF_ALL_FEATURES: dict[str, Callable[..., list[Effect]]] = {"neural_distance": neural_distance}
OF_TEXT: dict[str, Callable[..., list[Effect]]] = {"lexical": lexical}

TESTED = {**OF_EACH_FEATURE, **OF_ALL_FEATURES}
"""Measures of features with a null, by the names that they are asked for with."""

MEASURES = (*TESTED, "self_proximity", *OF_TEXT)

TEXT = "text"


def calls(name: str, features: Sequence[str]) -> list[tuple[str, ...]]:
    """The lists of features that a measure can be asked for by themselves, in any order and process."""
    if name in OF_TEXT:
        return [(TEXT,)]
    return [tuple(features)] if name in OF_ALL_FEATURES else [(feature,) for feature in features]


def measure(
    turns: pd.DataFrame,
    features: Sequence[str],
    *,
    measures: Sequence[str] = MEASURES,
    permutations: int = 1000,
    seed: int = 0,
    progress: Callable[[str], None] = lambda name: None,
) -> pd.DataFrame:
    """The tidy table (`effect.tidy`) of `measures` for `features`, corrected over all of it.

    Args:
        turns: a turn table, see the module `turns`.
        progress: is told the name of each measure that begins.

    Raises:
        ValueError: for a measure that does not exist or a column that is not there.
    """
    unknown = [name for name in measures if name not in MEASURES]
    if unknown:
        raise ValueError(f"there is no measure {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    drawing = {"permutations": permutations, "seed": seed}
    effects: list[Effect] = []
    for name in measures:
        progress(name)
        if name == "self_proximity":
            effects += self_proximity(turns, features)
        elif name in OF_TEXT:
            effects += OF_TEXT[name](turns, **drawing)
        else:
            effects += TESTED[name](turns, features, **drawing)
    return tidy(effects)
