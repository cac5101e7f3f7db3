"""Measures of entrainment on turn tables: plain functions on data frames and arrays, no engine needed.

The names here are imported when they are first used, because listing plugins must not import pandas.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from antiphon_measure_entrainment.agents.manipulation import manipulation_check
    from antiphon_measure_entrainment.measures.consistency import consistency_controlled
    from antiphon_measure_entrainment.measures.everything import MEASURES, measure
    from antiphon_measure_entrainment.measures.global_measures import (
        global_convergence,
        global_proximity,
        self_proximity,
    )
    from antiphon_measure_entrainment.measures.lexical import lexical
    from antiphon_measure_entrainment.measures.local_measures import local_convergence, local_proximity, local_synchrony
    from antiphon_measure_entrainment.measures.mixed_effects import mixed_effects
    from antiphon_measure_entrainment.measures.nearest import knn_convergence, knn_proximity, knn_synchrony
    from antiphon_measure_entrainment.measures.neural import neural_distance
    from antiphon_measure_entrainment.measures.recurrence import cross_recurrence
    from antiphon_measure_entrainment.measures.tama import tama_synchrony, windowed_correlation
    from antiphon_measure_entrainment.statistics.effect import Effect, benjamini_hochberg, tidy
    from antiphon_measure_entrainment.turns.exchanges import exchanges, speaker_z
    from antiphon_measure_entrainment.turns.functionals import with_functionals
    from antiphon_measure_entrainment.turns.words import words

__all__ = [
    "MEASURES",
    "Effect",
    "benjamini_hochberg",
    "consistency_controlled",
    "cross_recurrence",
    "exchanges",
    "global_convergence",
    "global_proximity",
    "knn_convergence",
    "knn_proximity",
    "knn_synchrony",
    "lexical",
    "local_convergence",
    "local_proximity",
    "local_synchrony",
    "manipulation_check",
    "measure",
    "mixed_effects",
    "neural_distance",
    "self_proximity",
    "speaker_z",
    "tama_synchrony",
    "tidy",
    "windowed_correlation",
    "with_functionals",
    "words",
]

_MODULES = {
    "Effect": "statistics.effect",
    "MEASURES": "measures.everything",
    "benjamini_hochberg": "statistics.effect",
    "consistency_controlled": "measures.consistency",
    "cross_recurrence": "measures.recurrence",
    "exchanges": "turns.exchanges",
    "global_convergence": "measures.global_measures",
    "global_proximity": "measures.global_measures",
    "knn_convergence": "measures.nearest",
    "knn_proximity": "measures.nearest",
    "knn_synchrony": "measures.nearest",
    "lexical": "measures.lexical",
    "local_convergence": "measures.local_measures",
    "local_proximity": "measures.local_measures",
    "local_synchrony": "measures.local_measures",
    "manipulation_check": "agents.manipulation",
    "measure": "measures.everything",
    "mixed_effects": "measures.mixed_effects",
    "neural_distance": "measures.neural",
    "self_proximity": "measures.global_measures",
    "speaker_z": "turns.exchanges",
    "tama_synchrony": "measures.tama",
    "tidy": "statistics.effect",
    "windowed_correlation": "measures.tama",
    "with_functionals": "turns.functionals",
    "words": "turns.words",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
