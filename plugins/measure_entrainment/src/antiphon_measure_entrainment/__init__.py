"""Measures of entrainment on turn tables: plain functions on data frames and arrays, no engine needed."""

from antiphon_measure_entrainment.consistency import consistency_controlled
from antiphon_measure_entrainment.effect import Effect, benjamini_hochberg, tidy
from antiphon_measure_entrainment.everything import MEASURES, measure
from antiphon_measure_entrainment.global_measures import global_convergence, global_proximity, self_proximity
from antiphon_measure_entrainment.local_measures import local_convergence, local_proximity, local_synchrony
from antiphon_measure_entrainment.manipulation import manipulation_check
from antiphon_measure_entrainment.nearest import knn_convergence, knn_proximity, knn_synchrony
from antiphon_measure_entrainment.recurrence import cross_recurrence
from antiphon_measure_entrainment.tama import tama_synchrony, windowed_correlation
from antiphon_measure_entrainment.turns import exchanges, speaker_z

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
    "local_convergence",
    "local_proximity",
    "local_synchrony",
    "manipulation_check",
    "measure",
    "self_proximity",
    "speaker_z",
    "tama_synchrony",
    "tidy",
    "windowed_correlation",
]
