"""Antiphon: a spoken-dialogue engine whose voice adapts to its user.

The names here are what plugin authors need; they import nothing heavy.
"""

from antiphon.features import FeatureSpec, Measurement, Measurements
from antiphon.hookspecs import hookimpl
from antiphon.options import NoOptions, Selection, option
from antiphon.provider import Provider

__version__ = "0.1.0"

__all__ = [
    "FeatureSpec",
    "Measurement",
    "Measurements",
    "NoOptions",
    "Provider",
    "Selection",
    "__version__",
    "hookimpl",
    "option",
]
