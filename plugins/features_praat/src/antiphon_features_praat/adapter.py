"""Moves speech to requested raw values, measures the result, and corrects it where it is off."""

from __future__ import annotations

import math
from collections.abc import Mapping

from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, PITCH_RANGE, RATE, present
from antiphon.payloads import Audio, Spoken
from attrs import frozen

from antiphon_features_praat.adapt_options import AdaptOptions
from antiphon_features_praat.analysis import Analysis
from antiphon_features_praat.commands import Unmeasurable
from antiphon_features_praat.extractor import measure
from antiphon_features_praat.manipulation import Change, Manipulation, amplified, pitch_change
from antiphon_features_praat.options import PraatOptions

CLOSE_ENOUGH = 0.005
"""Half a percent of pitch, pitch range or rate needs no correction."""

LONGEST_STEP = 0.2
"""How far one correction moves the aim, natural logarithm: what seems further off is an octave error of the tracker."""

CONTOUR = frozenset({PITCH_MEAN.name, PITCH_RANGE.name})


@frozen
class _Attempt:
    """Audio, its raw prosody, and how far that is from the target: the largest distance, natural logarithm."""

    audio: Audio
    reached: Mapping[str, float]
    distance: float


class Adapter:
    """Moves pitch mean, pitch range, intensity and rate.

    The rate is relative to the voice: at twice its natural mean, a text takes half as long as the voice takes for it.
    So a sentence of long syllables stays slower than one of short syllables, as it is in natural speech.
    """

    def __init__(self, options: AdaptOptions) -> None:
        self.features = options.adapted()
        self._corrections = options.corrections
        self._options = PraatOptions(
            features=("pitch_mean", "pitch_range", "intensity_mean"),
            pitch_floor=options.pitch_floor,
            pitch_ceiling=options.pitch_ceiling,
        )
        rate = options.voice().control(RATE.name)
        self._natural_rate = rate.from_z(0.0) if rate else 0.0

    def adapt(self, audio: Audio, wanted: Mapping[str, float], seed: int) -> Spoken:
        """The adapted speech, with notes of what was natural, requested, reached, and why any could not be moved."""
        analysis = Analysis(audio, self._options)
        measured = measure(analysis)
        natural = present(measured) | ({RATE.name: self._natural_rate} if RATE.name in wanted else {})
        unmoved = {name: str(measured[name].reason) for name in wanted if name not in natural}
        attempt = _Attempt(audio, natural, 0.0)
        moved = {name: raw for name, raw in wanted.items() if name in natural and name != INTENSITY_MEAN.name}
        if moved:
            try:
                attempt = self._manipulated(analysis, natural, moved, seed)
            except Unmeasurable as reason:
                unmoved |= {name: str(reason) for name in moved}
        adapted, reached = attempt.audio, dict(attempt.reached)
        if INTENSITY_MEAN.name in wanted and INTENSITY_MEAN.name in reached:
            adapted, gain_db = amplified(adapted, wanted[INTENSITY_MEAN.name] - reached[INTENSITY_MEAN.name])
            reached[INTENSITY_MEAN.name] += gain_db
        notes = {"natural": natural, "requested": dict(wanted), "reached": reached}
        return Spoken(adapted, notes=notes | ({"unmoved": unmoved} if unmoved else {}))

    def _manipulated(
        self, original: Analysis, natural: Mapping[str, float], wanted: Mapping[str, float], seed: int
    ) -> _Attempt:
        """The best of a first attempt and its corrections, each of which aims as far beyond as the last fell short."""
        audio, options = original.audio, original.options
        manipulation = Manipulation(audio, options.pitch_floor, options.pitch_ceiling, seed)
        f0 = original.f0 if wanted.keys() & CONTOUR else None
        attempts: list[_Attempt] = []
        aims = dict(wanted)
        for _ in range(1 + self._corrections):
            stretch = natural[RATE.name] / aims[RATE.name] if RATE.name in aims else 1.0
            scale, exponent = (1.0, 1.0) if f0 is None else pitch_change(f0, natural, aims)
            result = manipulation.resynthesise(Change(scale, exponent, stretch))
            reached = present(measure(Analysis(result, options)))
            if RATE.name in natural:
                reached[RATE.name] = natural[RATE.name] * audio.duration_s / result.duration_s
            off = {name: math.log(raw / reached[name]) for name, raw in wanted.items() if name in reached}
            attempts.append(_Attempt(result, reached, max(map(abs, off.values()), default=math.inf)))
            if attempts[-1].distance < CLOSE_ENOUGH:
                break
            steps = {name: min(max(shortfall, -LONGEST_STEP), LONGEST_STEP) for name, shortfall in off.items()}
            aims |= {name: aims[name] * math.exp(step) for name, step in steps.items()}
        return min(attempts, key=lambda attempt: attempt.distance)
