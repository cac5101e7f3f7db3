"""Measures of entrainment on turn tables: plain functions on data frames and arrays, no engine needed.

The names here are imported when they are first used, because listing plugins must not import pandas.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from antiphon_measure_entrainment.consistency import consistency_controlled
    from antiphon_measure_entrainment.effect import Effect, benjamini_hochberg, tidy
    from antiphon_measure_entrainment.everything import MEASURES, measure
    from antiphon_measure_entrainment.functionals import with_functionals
    from antiphon_measure_entrainment.global_measures import global_convergence, global_proximity, self_proximity
    from antiphon_measure_entrainment.lexical import lexical
    from antiphon_measure_entrainment.local_measures import local_convergence, local_proximity, local_synchrony
    from antiphon_measure_entrainment.manipulation import manipulation_check
    from antiphon_measure_entrainment.mixed_effects import mixed_effects
    from antiphon_measure_entrainment.nearest import knn_convergence, knn_proximity, knn_synchrony
    from antiphon_measure_entrainment.neural import neural_distance
    from antiphon_measure_entrainment.recurrence import cross_recurrence
    from antiphon_measure_entrainment.tama import tama_synchrony, windowed_correlation
    from antiphon_measure_entrainment.turns import exchanges, speaker_z
    from antiphon_measure_entrainment.words import words

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
    "Effect": "effect",
    "MEASURES": "everything",
    "benjamini_hochberg": "effect",
    "consistency_controlled": "consistency",
    "cross_recurrence": "recurrence",
    "exchanges": "turns",
    "global_convergence": "global_measures",
    "global_proximity": "global_measures",
    "knn_convergence": "nearest",
    "knn_proximity": "nearest",
    "knn_synchrony": "nearest",
    "lexical": "lexical",
    "local_convergence": "local_measures",
    "local_proximity": "local_measures",
    "local_synchrony": "local_measures",
    "manipulation_check": "manipulation",
    "measure": "everything",
    "mixed_effects": "mixed_effects",
    "neural_distance": "neural",
    "self_proximity": "global_measures",
    "speaker_z": "turns",
    "tama_synchrony": "tama",
    "tidy": "effect",
    "windowed_correlation": "tama",
    "with_functionals": "functionals",
    "words": "words",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
