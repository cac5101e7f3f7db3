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

ROOM_BELOW_SD = 2.0
"""The natural pitch lies so many standard deviations above the lowest, at least, so that the voice can fall, too."""


def lowest_pitch(
    voice: str,
    candidates: Iterable[float],
    speak: Speak,
    settings: Mapping[str, float],
    meter: Meter,
    sentences: Sequence[str] = CALIBRATION,
) -> float:
    """The last value of the setting ``pitch``, going down, before F0 can no longer be followed in some sentence.

    Further down it may seem to be followed again, once every octave is wrong.

    Args:
        voice: for the message of the error.
        candidates: what to try, falling.
        speak: speaks a text with settings.
        settings: all settings but the pitch.
        meter: measures.
        sentences: what to speak.

    Raises:
        AudioError: it cannot be followed at any.
    """
    lowest = None
    for pitch in candidates:
        at = {**settings, "pitch": pitch}
        found = (meter.measure(speak(text, at), text).get("pitch_05", 0.0) for text in sentences)
        if any(hertz < LOWEST_QUANTILE_HZ for hertz in found):
            break
        lowest = pitch
    if lowest is None:
        raise AudioError(f"{voice}: its pitch lies below {LOWEST_QUANTILE_HZ:g} Hz, however high it is set")
    return lowest


def raised(calibration: Calibration) -> Calibration:
    """The same voice, its natural pitch raised as far as `ROOM_BELOW_SD` asks."""
    control = calibration.card().control("pitch_mean")
    if control is None:
        return calibration
    room = control.from_z(control.to_z(control.low) + ROOM_BELOW_SD)
    settings = calibration.settings({"pitch_mean": max(control.from_z(0), room)})
    axes = (
        evolve(axis, natural=round(settings[axis.setting])) if axis.feature == "pitch_mean" else axis
        for axis in calibration.axes
    )
    return evolve(calibration, axes=tuple(axes))
