"""Finds the settings of a synthesizer that give its voice the prosody asked for, by measuring what it does."""

from antiphon.calibration.deep import lowest_pitch, raised
from antiphon.calibration.fidelity import Fidelity, fidelity
from antiphon.calibration.find import find_calibration
from antiphon.calibration.meter import Meter
from antiphon.calibration.sweep import sweep
from antiphon.calibration.table import Axis, Calibration

__all__ = [
    "Axis",
    "Calibration",
    "Fidelity",
    "Meter",
    "fidelity",
    "find_calibration",
    "lowest_pitch",
    "raised",
    "sweep",
]
