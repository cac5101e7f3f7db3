"""Calibrates a pyttsx3 voice."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
from antiphon.calibration import Axis, Calibration, Meter, lowest_pitch, raised, sweep

from antiphon_tts_pyttsx3.synthesizer import Voice

PITCH = (40, 99)
"""A lower one creaks in any voice."""

VOLUME = Axis("volume", "intensity_mean", 0.75, (0.1, 0.25, 0.5, 0.75, 1.0))
"""Leaves room to get louder."""

RATE = Axis("rate", "rate", 175, (100, 150, 200, 250, 310))
"""Words per minute as eSpeak NG counts them; above 310 sounds run together."""

_TIMEOUT_S = 60.0


def calibrate(voice: str, meter: Meter, progress: Callable[[int, int], None]) -> Calibration:
    """What the settings do to the prosody of a voice; takes some minutes. All sentences share one process."""
    with contextlib.closing(Voice(voice, _TIMEOUT_S)) as speaker:
        others = {"volume": VOLUME.natural, "rate": RATE.natural}
        low = lowest_pitch(voice, range(PITCH[1], PITCH[0] - 1, -3), speaker.speak, others, meter)
        points = tuple(round(float(point)) for point in np.linspace(low, PITCH[1], 4))
        pitch = Axis("pitch", "pitch_mean", max(50, low), points)
        synthesizer = f"pyttsx3, {speaker.version}"
        return raised(sweep(voice, synthesizer, (pitch, VOLUME, RATE), speaker.speak, meter, progress=progress))
