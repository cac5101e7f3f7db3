"""Calibrates an eSpeak voice."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

import numpy as np
from antiphon.calibration import Axis, Calibration, Meter, raised, sweep
from antiphon.payloads import Audio

from antiphon_tts_espeak.synthesizer import Voice

AXES = (
    Axis("pitch", "pitch_mean", 50, (40, 50, 65, 80, 99)),
    Axis("range", "pitch_range", 65, (0, 10, 25, 50, 75, 99)),
    Axis("gain_db", "intensity_mean", -2, (-26, 3), exact=True),
    Axis("rate", "rate", 175, (100, 137, 175, 220, 265, 310)),
)
"""eSpeak's settings, their natural values and how far each can be moved. A pitch below 40 creaks. Above 310 words per
minute sounds run together. The pitch range is wider than eSpeak's own, which is half of a human reader's. The natural
gain leaves room to get louder; 3 dB is as loud as it gets without audible limiting."""


def calibrate(voice: str, meter: Meter, progress: Callable[[int, int], None]) -> Calibration:
    """What the settings do to the prosody of a voice; takes some minutes."""
    with contextlib.closing(Voice(voice, chunk_ms=200)) as speaker:

        def speak(text: str, settings: Mapping[str, float]) -> Audio:
            pieces = [piece.samples for piece in speaker.speak(text, settings)]
            return Audio(np.concatenate(pieces), speaker.sample_rate)

        return raised(sweep(voice, speaker.version, AXES, speak, meter, progress=progress))
