"""Calibrates an eSpeak voice."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

import numpy as np
from antiphon.calibration import Axis, Calibration, Meter, lowest_pitch, raised, sweep
from antiphon.calibration.sentences import CALIBRATION
from antiphon.payloads import Audio

from antiphon_tts_espeak.synthesizer import Voice

PITCH = (40, 99)
"""A lower one creaks in any voice."""

RANGE = Axis("range", "pitch_range", 65, (0, 25, 50, 75, 99))
"""Naturally wider than eSpeak's own 50, with which F0 moves half as much as a human reader's."""

NATURAL_DB = 72.0
"""The level of every voice, as loud as the reader of LJ Speech (Ito & Johnson 2017)."""

GAIN_DB = (-24, 5)
"""From this level; louder than that, peaks would be limited audibly."""

RATE = Axis("rate", "rate", 175, (100, 150, 200, 250, 310))
"""Words per minute as eSpeak counts them; above 310 sounds run together."""


def calibrate(voice: str, meter: Meter, progress: Callable[[int, int], None]) -> Calibration:
    """What the settings do to the prosody of a voice; takes some minutes."""
    with contextlib.closing(Voice(voice, chunk_ms=200)) as speaker:

        def speak(text: str, settings: Mapping[str, float]) -> Audio:
            pieces = [piece.samples for piece in speaker.speak(text, settings)]
            return Audio(np.concatenate(pieces), speaker.sample_rate)

        widest = {"range": RANGE.points[-1], "gain_db": 0, "rate": RATE.natural}
        low = lowest_pitch(voice, range(PITCH[1], PITCH[0] - 1, -3), speak, widest, meter)
        points = tuple(round(float(point)) for point in np.linspace(low, PITCH[1], 4))
        pitch = Axis("pitch", "pitch_mean", max(50, low), points)
        at = {"pitch": pitch.natural, "range": RANGE.natural, "gain_db": 0, "rate": RATE.natural}
        levels = [meter.measure(speak(text, at), text)["intensity_mean"] for text in CALIBRATION]
        natural = round(NATURAL_DB - float(np.median(levels)), 1)
        gain = Axis("gain_db", "intensity_mean", natural, tuple(natural + db for db in GAIN_DB), exact=True)
        return raised(sweep(voice, speaker.version, (pitch, RANGE, gain, RATE), speak, meter, progress=progress))
