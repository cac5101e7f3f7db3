"""One utterance as Praat sees it: every object is made once, when something needs it first.

The steps are those of the extraction script that the literature on entrainment shares: voicing is found by
cross-correlated pulses, the voiced intervals are cut out and joined, and this *voiced chain* gets a pitch analysis and
pulses of its own, from which jitter and shimmer are taken.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import parselmouth
from antiphon.payloads import Audio
from numpy.typing import NDArray

from antiphon_features_praat.commands import Unmeasurable, praat
from antiphon_features_praat.options import PraatOptions

PERIODS_IN_PITCH_WINDOW = 3.0
PERIODS_IN_INTENSITY_WINDOW = 6.4
PITCH_CANDIDATES = 15
WEAKEST, STRONGEST = 1e-15, 1.0 - 1e-15  # Praat's guard for the harmonic share of a frame
SILENCE_DB = -299.0  # digital silence is -300 dB
SHORTEST_PERIOD_S, PERIOD_FACTOR, AMPLITUDE_FACTOR = 0.0001, 1.3, 1.6  # Praat's standard for jitter and shimmer


class Analysis:
    """Praat's objects of a piece of audio.

    Every property raises `Unmeasurable` where there is nothing to measure, and only that.
    """

    def __init__(self, audio: Audio, options: PraatOptions) -> None:
        self.audio = audio
        self.options = options

    @cached_property
    def sound(self) -> parselmouth.Sound:
        if not len(self.audio.samples):
            raise Unmeasurable("the audio is empty")
        if self.audio.duration_s > self.options.longest_s:
            raise Unmeasurable(f"longer than {self.options.longest_s:g} s (option longest_s)")
        return parselmouth.Sound(self.audio.samples.astype(np.float64), self.audio.sample_rate)

    @cached_property
    def pitch(self) -> parselmouth.Pitch:
        return self._pitch_of(self.sound, "the audio")

    @cached_property
    def f0(self) -> NDArray[np.float64]:
        """F0 of the voiced frames, Hz, shape ``(frames,)``, at least one."""
        return self._voiced(self.pitch)["frequency"]

    @cached_property
    def nhr(self) -> float:
        return self._mean_nhr(self.pitch)

    @cached_property
    def intensity_mean(self) -> float:
        return self._intensity_of(self.sound, "the audio")

    @cached_property
    def chain(self) -> parselmouth.Sound:
        """The voiced intervals of the sound, joined."""
        mean_period = 1.0 / float(self.f0.mean())
        pulses = praat([self.sound, self.pitch], "To PointProcess (cc)")
        voicing = praat(pulses, "To TextGrid (vuv)", self.options.longest_period, mean_period)
        if not praat(pulses, "Get number of points"):
            raise Unmeasurable("no voiced intervals")
        parts = praat([self.sound, voicing], "Extract intervals", 1, "no", "V")
        return praat(parts, "Concatenate") if isinstance(parts, list) else parts

    @cached_property
    def chain_pitch(self) -> parselmouth.Pitch:
        return self._pitch_of(self.chain, "the voiced part")

    @cached_property
    def chain_nhr(self) -> float:
        return self._mean_nhr(self.chain_pitch)

    @cached_property
    def chain_intensity_mean(self) -> float:
        return self._intensity_of(self.chain, "the voiced part")

    @property
    def jitter(self) -> float:
        limits = (SHORTEST_PERIOD_S, self.options.longest_period, PERIOD_FACTOR)
        return float(praat(self.chain_pulses, "Get jitter (local)", 0.0, 0.0, *limits))

    @property
    def shimmer(self) -> float:
        limits = (SHORTEST_PERIOD_S, self.options.longest_period, PERIOD_FACTOR, AMPLITUDE_FACTOR)
        return float(praat([self.chain, self.chain_pulses], "Get shimmer (local)", 0.0, 0.0, *limits))

    @cached_property
    def chain_pulses(self) -> parselmouth.Data:
        _at_least(self.chain, PERIODS_IN_INTENSITY_WINDOW / self.options.pitch_floor, "the voiced part")
        return praat(self.chain_pitch, "To PointProcess")

    def _pitch_of(self, sound: parselmouth.Sound, what: str) -> parselmouth.Pitch:
        options = self.options
        _at_least(sound, PERIODS_IN_PITCH_WINDOW / options.pitch_floor, what)
        return praat(
            sound,
            "To Pitch (ac)",
            0.0,
            options.pitch_floor,
            PITCH_CANDIDATES,
            "no",
            options.silence_threshold,
            options.voicing_threshold,
            options.octave_cost,
            options.octave_jump_cost,
            options.voicing_cost,
            options.pitch_ceiling,
        )

    def _intensity_of(self, sound: parselmouth.Sound, what: str) -> float:
        _at_least(sound, PERIODS_IN_INTENSITY_WINDOW / self.options.intensity_floor, what)
        intensity = praat(sound, "To Intensity", self.options.intensity_floor, 0.0, "no")
        mean = float(praat(intensity, "Get mean", 0.0, 0.0, "energy"))
        if not mean > SILENCE_DB:
            raise Unmeasurable(f"{what} is silent")
        return mean

    def _mean_nhr(self, pitch: parselmouth.Pitch) -> float:
        """What Praat's voice report calls "mean noise-to-harmonics ratio", from the strengths of the voiced frames."""
        harmonic = np.clip(self._voiced(pitch)["strength"], WEAKEST, STRONGEST)
        return float(np.mean((1.0 - harmonic) / harmonic))

    def _voiced(self, pitch: parselmouth.Pitch) -> NDArray[Any]:
        frames = pitch.selected_array
        voiced: NDArray[Any] = frames[(frames["frequency"] > 0.0) & (frames["frequency"] < pitch.ceiling)]
        if not len(voiced):
            raise Unmeasurable("no voiced frames")
        return voiced


def _at_least(sound: parselmouth.Sound, seconds: float, what: str) -> None:
    if sound.duration <= seconds:
        raise Unmeasurable(f"{what} is too short: {sound.duration:.3f} s, more than {seconds:.3f} s needed")
