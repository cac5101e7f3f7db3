"""Calibrates a voice: speaks sentences over a grid of settings and measures them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from antiphon.calibration.meter import Meter
from antiphon.calibration.sentences import CALIBRATION
from antiphon.calibration.table import SPECS, Axis, Calibration
from antiphon.errors import AudioError
from antiphon.payloads import Audio

Speak = Callable[[str, Mapping[str, float]], Audio]
"""Text and settings to the voice's audio."""

NATURAL_SD: Mapping[str, float] = {
    "pitch_mean": 0.0760,  # .0330 in log10 Hz
    "pitch_range": 0.2002,  # .0869 in log10 of the ratio
    "intensity_mean": 1.28,  # dB
    "rate": 0.1366,  # ln of syllables per second
}
"""How far the utterances of one reader spread in the log domain: standard deviations over the LJ Speech corpus (one
professional reader, 13,100 clips; Ito & Johnson 2017). A synthetic voice has no spread of its own: it reads every
sentence alike. So z = 1 is as much as a human reader's utterances differ."""


def sweep(
    voice: str,
    synthesizer: str,
    axes: Sequence[Axis],
    speak: Speak,
    meter: Meter,
    sentences: Sequence[str] = CALIBRATION,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Calibration:
    """The calibration of a voice.

    The mean of a feature is the median over the sentences, because pitch trackers make octave errors in a few.

    Raises:
        AudioError: a feature could be measured in fewer than half of the sentences.
    """
    grid = list(itertools.product(*((axis.natural,) if axis.exact else axis.points for axis in axes)))
    medians, sample_rate = [], 0
    for done, point in enumerate(grid):
        settings = {axis.setting: value for axis, value in zip(axes, point, strict=True)}
        spoken = [speak(sentence, settings) for sentence in sentences]
        measured = [meter.measure(audio, text) for audio, text in zip(spoken, sentences, strict=True)]
        try:
            medians.append({axis.feature: _median(axis.feature, measured) for axis in axes})
        except AudioError as error:
            raise AudioError(f"{voice} at {settings}: {error}") from error
        sample_rate = spoken[0].sample_rate
        progress(done + 1, len(grid))
    shape = [1 if axis.exact else len(axis.points) for axis in axes]
    means: dict[str, tuple[float, ...]] = {}
    for axis in axes:
        values = np.reshape([median[axis.feature] for median in medians], shape)
        for dimension, other in enumerate(axes):
            if other.exact:
                values = np.repeat(values, len(other.points), axis=dimension)
                if other is axis:
                    offsets = np.subtract(other.points, other.natural)
                    values = values + offsets.reshape([-1 if i == dimension else 1 for i in range(len(axes))])
        means[axis.feature] = tuple(round(float(value), 4) for value in values.flat)
    sd = {axis.feature: NATURAL_SD[axis.feature] for axis in axes}
    return Calibration(voice, synthesizer, sample_rate, tuple(axes), sd, means)


def _median(feature: str, measured: Sequence[Mapping[str, float]]) -> float:
    found = [SPECS[feature].to_log(values[feature]) for values in measured if feature in values]
    if 2 * len(found) < len(measured):
        raise AudioError(f"{feature} could be measured in only {len(found)} of {len(measured)} sentences")
    return float(np.median(found))
