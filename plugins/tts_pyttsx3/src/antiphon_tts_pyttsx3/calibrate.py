"""Calibrates a pyttsx3 voice."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from antiphon.calibration import Axis, Calibration, Meter, raised, sweep

from antiphon_tts_pyttsx3.synthesizer import Voice

AXES = (
    Axis("pitch", "pitch_mean", 50, (40, 50, 65, 80, 99)),
    Axis("volume", "intensity_mean", 0.75, (0.1, 0.25, 0.5, 0.75, 1.0)),
    Axis("rate", "rate", 175, (100, 137, 175, 220, 265, 310)),
)
"""pyttsx3's settings, their natural values and how far each can be moved. A pitch below 40 creaks. Above 310 words per
minute sounds run together. The natural volume leaves room to get louder."""

_TIMEOUT_S = 60.0


def calibrate(voice: str, meter: Meter, progress: Callable[[int, int], None]) -> Calibration:
    """What the settings do to the prosody of a voice; takes some minutes. All sentences share one process."""
    with contextlib.closing(Voice(voice, _TIMEOUT_S)) as speaker:
        return raised(sweep(voice, f"pyttsx3, {speaker.version}", AXES, speaker.speak, meter, progress=progress))
