"""The scale on which a model hears its controls.

A control is x, a feature in its log domain (`FeatureSpec.to_log`), as

    c = clip((x - median) / (3 SD), -1, 1)

with median and standard deviation of the training split (Raitio et al. 2020), so 1 is three standard deviations and
not one. The speaking rate is controlled as what the text does not explain: x = ln(expected duration / duration). A
sentence of long syllables is not slow because of them, and a model that was told so would learn to ignore it. Who asks
for syllables per second gets the duration that has them: syllables / rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from antiphon.features import PROSODY, RATE, FeatureSpec
from attrs import frozen
from numpy.typing import NDArray

from antiphon_tts_tacotron2.text.symbols import is_vowel

CONTROLLED: Mapping[str, FeatureSpec] = {spec.name: spec for spec in PROSODY}
"""The features that a voice may be trained to control, by name, in the order of the control vector."""

WIDTH_SD = 3.0
"""A control of 1 is so many standard deviations of the training split."""


@frozen
class ControlScale:
    """One control.

    Attributes:
        feature: name of the feature.
        median, sd: of the training split with its variants, x.
        natural_mean, natural_sd: of the recordings themselves, in the feature's log domain: what z means for the voice.
    """

    feature: str
    median: float
    sd: float
    natural_mean: float
    natural_sd: float

    def scaled(self, x: float) -> float:
        """c."""
        return min(max((x - self.median) / (WIDTH_SD * self.sd), -1.0), 1.0)

    def unscaled(self, c: float) -> float:
        """x, the inverse of `scaled` within its limits."""
        return self.median + WIDTH_SD * self.sd * c


@frozen
class ExpectedDuration:
    """How long the voice takes for a text when it is asked for nothing: a constant and a time for each symbol."""

    constant_s: float
    by_symbol_s: Mapping[str, float]

    def of(self, symbols: Sequence[str]) -> float:
        """Seconds; never less than 30 ms a symbol."""
        total = self.constant_s + sum(self.by_symbol_s.get(symbol, 0.0) for symbol in symbols)
        return max(total, 0.03 * len(symbols))


def fit_expected_duration(
    texts: Sequence[Sequence[str]], durations_s: Sequence[float], ridge: float = 10.0
) -> ExpectedDuration:
    """Least squares with a penalty on how far a symbol's time is from the mean time of all symbols."""
    names = sorted({symbol for text in texts for symbol in text})
    counts = np.array([[text.count(name) for name in names] for text in map(list, texts)], np.float64)
    durations = np.array(durations_s, np.float64)
    mean = float(durations.sum() / max(counts.sum(), 1.0))
    design = np.column_stack((np.ones(len(counts)), counts))
    penalty = ridge * np.eye(design.shape[1])
    penalty[0, 0] = 1e-6
    left = durations - counts.sum(1) * mean
    solution = np.linalg.solve(design.T @ design + penalty, design.T @ left)
    by_symbol = {name: float(mean + extra) for name, extra in zip(names, solution[1:], strict=True)}
    return ExpectedDuration(float(solution[0]), by_symbol)


def count_syllables(symbols: Sequence[str]) -> int:
    """Syllables of phonemes, at least one."""
    return max(1, sum(map(is_vowel, symbols)))


def to_x(feature: str, raw: float, symbols: Sequence[str], expected: ExpectedDuration) -> float:
    """x of a raw value that is asked for; ``symbols`` are the phonemes of the text."""
    if feature == RATE.name:
        duration = count_syllables(symbols) / max(raw, 1e-2)
        return math.log(expected.of(symbols) / duration)
    return CONTROLLED[feature].to_log(raw)


def control_vector(
    scales: Sequence[ControlScale],
    wanted: Mapping[str, float],
    symbols: Sequence[str],
    expected: ExpectedDuration,
) -> NDArray[np.float32]:
    """What the model is told for raw values; 0, the median, for features that nobody asks for."""
    values = [
        scale.scaled(to_x(scale.feature, wanted[scale.feature], symbols, expected)) if scale.feature in wanted else 0.0
        for scale in scales
    ]
    return np.array(values, np.float32)
