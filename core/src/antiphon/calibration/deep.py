"""Deep voices: how low a voice may go so that pitch trackers still follow it.

Where F0 falls to the tracker's floor, which is 75 Hz in Praat, whole stretches are taken for unvoiced or for an octave
higher, and a mean or a range of such F0 says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve

from antiphon.calibration.meter import Meter
from antiphon.calibration.sentences import CALIBRATION
from antiphon.calibration.sweep import Speak
from antiphon.calibration.table import Calibration
from antiphon.errors import AudioError

LOWEST_QUANTILE_HZ = 85.0
"""The 5 % quantile of F0 must not be lower."""

LOWEST_NATURAL_HZ = 130.0
"""A voice with a lower mean is raised to this, so that it has room below."""


def lowest_pitch(
    voice: str,
    candidates: Iterable[float],
    speak: Speak,
    settings: Mapping[str, float],
    meter: Meter,
    sentences: Sequence[str] = CALIBRATION,
) -> float:
    """The first value of the setting ``pitch`` at which F0 can be followed in every sentence.

    Args:
        voice: for the message of the error.
        candidates: what to try, in this order.
        speak: speaks a text with settings.
        settings: all settings but the pitch.
        meter: measures.
        sentences: what to speak.

    Raises:
        AudioError: there is none.
    """
    for pitch in candidates:
        at = {**settings, "pitch": pitch}
        found = (meter.measure(speak(text, at), text).get("pitch_05", 0.0) for text in sentences)
        if all(hertz >= LOWEST_QUANTILE_HZ for hertz in found):
            return pitch
    raise AudioError(f"{voice}: its pitch lies below {LOWEST_QUANTILE_HZ:g} Hz, however high it is set")


def raised(calibration: Calibration) -> Calibration:
    """The same voice with a natural mean F0 of at least `LOWEST_NATURAL_HZ`."""
    settings = calibration.settings({"pitch_mean": max(LOWEST_NATURAL_HZ, calibration.predict({})["pitch_mean"])})
    axes = (
        evolve(axis, natural=round(settings[axis.setting])) if axis.feature == "pitch_mean" else axis
        for axis in calibration.axes
    )
    return evolve(calibration, axes=tuple(axes))
