"""Levels of short frames, and the level of the noise beneath them.

The noise is taken to be a low quantile of the levels of the last seconds (Stahl, Fischer & Bippus, 2000: "Quantile
based noise estimation"): while somebody speaks, a good part of the frames still falls on gaps between sounds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon.payloads import Samples

FRAME_S = 0.01
BLOCK = 10
"""The floor is estimated anew behind every tenth frame."""

_HISTORY = 300
_QUANTILE = 0.1
_RISE_DB = 0.5
"""A long sound without a gap lifts the floor by no more than this in a block, 5 dB in a second."""

CALIBRATION = 25
"""Frames from which the floor is first estimated."""

_STEADY_DB = 4.0
"""Frames whose levels spread less than this are noise, however loud; speech is never so steady."""

_PRESUMED_DB = -50.0
"""The highest level that noise is presumed to have while nothing has been heard but something unsteady."""


def frame_length(sample_rate: int) -> int:
    """Samples in a frame."""
    return max(1, round(FRAME_S * sample_rate))


def frame_levels(samples: Samples, length: int) -> NDArray[np.float32]:
    """Level of each whole frame in dB re full scale, without its mean (an offset of the sound card is not sound).

    Shape ``(len(samples) // length,)``; a frame without any sound has -100 dB.
    """
    frames = samples[: len(samples) // length * length].reshape(-1, length)
    centred = frames - np.add.reduce(frames, axis=1, keepdims=True) / np.float32(length)
    power = np.einsum("ij,ij->i", centred, centred) / np.float32(length)
    levels: NDArray[np.float32] = 10 * np.log10(power + np.float32(1e-10))
    return levels


def presumed_floor(levels: NDArray[np.float32]) -> float:
    """The noise beneath frames that may all be speech."""
    return min(float(np.quantile(levels, _QUANTILE)), _PRESUMED_DB)


def first_floor(levels: NDArray[np.float32]) -> float:
    """The noise beneath the first frames of a track, which may be noise or speech."""
    low, high = np.quantile(levels, (_QUANTILE, 1 - _QUANTILE))
    return float(low) if high - low < _STEADY_DB else presumed_floor(levels)


class NoiseFloor:
    """Follows the noise beneath a track: at once where it falls, slowly where it rises.

    Args:
        start_db: the floor to begin with.
    """

    def __init__(self, start_db: float) -> None:
        self.level_db = start_db
        self._recent = np.zeros(_HISTORY, np.float32)
        self._seen = 0

    def add(self, levels: NDArray[np.float32]) -> None:
        """The next block of `BLOCK` frames."""
        first = self._seen % _HISTORY
        self._recent[first : first + BLOCK] = levels
        self._seen += BLOCK
        known = self._recent[: min(self._seen, _HISTORY)]
        rank = int(_QUANTILE * len(known))
        quantile = float(np.partition(known, rank)[rank])
        self.level_db = min(quantile, self.level_db + _RISE_DB)
