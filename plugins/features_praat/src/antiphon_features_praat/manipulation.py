"""Speech moved to another pitch, pitch range and tempo by Praat's overlap-add (PSOLA), and to another intensity.

E. Moulines, F. Charpentier (1990): Pitch-synchronous waveform processing techniques for text-to-speech synthesis using
diphones. Speech Communication 9, 453-467.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import parselmouth
from antiphon.features import PITCH_MEAN, PITCH_RANGE
from antiphon.payloads import Audio
from attrs import frozen
from numpy.typing import NDArray

from antiphon_features_praat.commands import praat

TIME_STEP_S = 0.01
NARROWEST, WIDEST = 0.02, 4.0
"""Limits of the exponent of F0: beyond them a contour is flat, or mostly its own errors."""


@frozen
class Change:
    """F0 becomes ``scale * F0 ** exponent`` (a line in the log domain); the duration is multiplied by ``stretch``."""

    scale: float = 1.0
    exponent: float = 1.0
    stretch: float = 1.0


def pitch_change(
    f0: NDArray[np.float64], natural: Mapping[str, float], aims: Mapping[str, float]
) -> tuple[float, float]:
    """Scale and exponent that give frames of `f0` (Hz) the aimed pitch mean and range; what is not aimed at stays.

    Quantiles move with any monotone change, so the exponent follows from the natural p95/p05. A voice without any range
    keeps its contour.
    """
    span = math.log(natural.get(PITCH_RANGE.name, 1.0))
    exponent = math.log(aims[PITCH_RANGE.name]) / span if PITCH_RANGE.name in aims and span > 0.0 else 1.0
    exponent = min(max(exponent, NARROWEST), WIDEST)
    return aims.get(PITCH_MEAN.name, natural[PITCH_MEAN.name]) / float(np.mean(f0**exponent)), exponent


class Manipulation:
    """Praat's manipulation of one utterance, analysed once and resynthesised as often as needed.

    Praat repeats pieces of voiceless stretches at random; `seed` (0 or more) makes that repeatable.

    Raises:
        Unmeasurable: Praat cannot analyse the audio.
    """

    def __init__(self, audio: Audio, floor: float, ceiling: float, seed: int) -> None:
        self._seed = seed
        self._sample_rate = audio.sample_rate
        self._floor, self._ceiling = floor, ceiling
        self._sound = parselmouth.Sound(audio.samples.astype(np.float64), audio.sample_rate)
        self._manipulation = praat(self._sound, "To Manipulation", TIME_STEP_S, floor, ceiling)
        self._contour = praat(self._manipulation, "Extract pitch tier")

    def resynthesise(self, change: Change) -> Audio:
        """The utterance with this change.

        Raises:
            Unmeasurable: Praat cannot make it.
        """
        contour = praat(self._contour, "Copy", "contour")
        moved = f"min(max({change.scale:.17g} * self ^ {change.exponent:.17g}, {self._floor:g}), {self._ceiling:g})"
        if praat(contour, "Get number of points"):
            praat(contour, "Formula", moved)
            praat([contour, self._manipulation], "Replace pitch tier")
        tempo = praat("Create DurationTier", "tempo", 0.0, self._sound.duration)
        praat(tempo, "Add point", self._sound.duration / 2, change.stretch)
        praat([tempo, self._manipulation], "Replace duration tier")
        parselmouth.praat.run(f"random_initializeWithSeedUnsafelyButPredictably ({self._seed})")
        result = praat(self._manipulation, "Get resynthesis (overlap-add)")
        return Audio(result.values[0], self._sample_rate)


def amplified(audio: Audio, gain_db: float) -> tuple[Audio, float]:
    """The audio louder by `gain_db`, or by as much as its greatest peak allows; and the gain that it got."""
    peak = float(np.abs(audio.samples).max(initial=0.0))
    gain_db = min(gain_db, -20.0 * math.log10(peak)) if peak > 0.0 else gain_db
    samples = np.clip(10.0 ** (gain_db / 20.0) * audio.samples, -1.0, 1.0)
    return Audio(samples, audio.sample_rate, audio.start_sample), gain_db
