"""The sound of the fakes: tones, whose pitch, level and length are exact."""

from __future__ import annotations

import math
import re

import numpy as np

from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, RATE
from antiphon.payloads import Audio, Control, Mel, MelSettings, Samples, VoiceCard

REFERENCE = 4e-10
"""Square of 20 µPa, the reference of dB, with samples read as pascal (as Praat does)."""

MEL = MelSettings(sample_rate=16000, n_fft=1024, hop=256, bands=80, fmin_hz=0.0, fmax_hz=8000.0)

QUIET = -11.5
"""Natural logarithm of the level of bands in which there is nothing."""


def tone(pitch_hz: float, level_db: float, duration_s: float, sample_rate: int) -> Samples:
    """A sine."""
    times = np.arange(round(duration_s * sample_rate)) / sample_rate
    amplitude = math.sqrt(2 * REFERENCE * 10 ** (level_db / 10))
    return (amplitude * np.sin(2 * np.pi * pitch_hz * times)).astype(np.float32)


def level_db(samples: Samples) -> float | None:
    """The energy mean, None where there is no energy."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return 10 * math.log10(power / REFERENCE) if power > 0 else None


def pitch_hz(audio: Audio) -> float | None:
    """The frequency of a tone by the median time between two upward zero crossings, None where there are fewer."""
    x = audio.samples.astype(np.float64)
    before = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))
    crossings = before + x[before] / (x[before] - x[before + 1])
    return float(audio.sample_rate / np.median(np.diff(crossings))) if len(crossings) > 1 else None


def syllables(text: str) -> int:
    """Groups of vowel letters."""
    return len(re.findall("[aeiouy]+", text.lower()))


def voice(sample_rate: int) -> VoiceCard:
    """The voice that hums."""
    return VoiceCard(
        "hum",
        sample_rate,
        (
            Control(PITCH_MEAN, mean=math.log(150), sd=0.2, low=60, high=400),
            Control(INTENSITY_MEAN, mean=65, sd=4, low=40, high=85),
            Control(RATE, mean=math.log(4), sd=0.2, low=1, high=10),
        ),
    )


def _band_centres(settings: MelSettings) -> Samples:
    low, high = (2595 * math.log10(1 + hz / 700) for hz in (settings.fmin_hz, settings.fmax_hz))
    mels = np.linspace(low, high, settings.bands + 2)[1:-1]
    return np.asarray(700 * (10 ** (mels / 2595) - 1), dtype=np.float32)


def to_mel(pitch_hz: float, level_db: float, duration_s: float) -> Mel:
    """The spectrogram of a tone: one band stands out, by as much as the tone is loud."""
    frames = np.full((round(duration_s * MEL.sample_rate / MEL.hop), MEL.bands), QUIET, dtype=np.float32)
    band = int(np.argmin(np.abs(_band_centres(MEL) - pitch_hz)))
    frames[:, band] = math.log(REFERENCE) + level_db * math.log(10) / 10
    return Mel(frames, MEL)


def from_mel(mel: Mel) -> Samples:
    """A tone of the pitch and level of the strongest band."""
    if not mel.frames.size:
        return np.zeros(0, dtype=np.float32)
    levels = mel.frames.mean(axis=0)
    band = int(np.argmax(levels))
    level_db = 10 * (float(levels[band]) - math.log(REFERENCE)) / math.log(10)
    duration_s = len(mel.frames) * mel.settings.hop / mel.settings.sample_rate
    return tone(float(_band_centres(mel.settings)[band]), level_db, duration_s, mel.settings.sample_rate)
