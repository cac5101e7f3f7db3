"""What the suites feed: sounds, texts, measurements and a voice."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from antiphon.features import (
    INTENSITY_MEAN,
    PITCH_MEAN,
    PITCH_RANGE,
    RATE,
    FeatureSpec,
    Measurement,
    Measurements,
)
from antiphon.payloads import Audio, Control, Observation, Speaker, VoiceCard

TYPICAL: Mapping[str, float] = {
    "duration": 2.5,
    "duration_voiced": 1.5,
    "pitch_mean": 180.0,
    "pitch_05": 120.0,
    "pitch_95": 250.0,
    "pitch_range": 2.0,
    "intensity_mean": 65.0,
    "jitter": 0.02,
    "shimmer": 0.1,
    "nhr": 0.1,
    "rate": 4.0,
}
"""Ordinary raw values; features of other names are taken to be around 1."""

ODD_TEXTS: Mapping[str, str] = {
    "empty text": "",
    "spaces": "  \t\n ",
    "punctuation": "?! ... ;--",
    "emoji": "I am 😀 today 👩‍👩‍👧",
    "markup": '<speak rate="x">a & b</speak> {0} %s \\n',
    "control characters": "one\x00two\x1b[31m",
    "another script": "こんにちは、私は疲れています。",
    "one long word": "a" * 500,
}


def speechlike(sample_rate: int = 16000, duration_s: float = 1.6) -> Audio:
    """A voice without words: harmonics of a moving pitch, four syllables a second, a little noise."""
    times = np.arange(round(duration_s * sample_rate)) / sample_rate
    phase = 2 * np.pi * np.cumsum(140 + 40 * np.sin(2 * np.pi * 0.8 * times)) / sample_rate
    harmonics = [np.sin(k * phase) / k for k in range(1, 20) if k * 180 < sample_rate / 2]
    syllables = 0.55 - 0.45 * np.cos(2 * np.pi * 4 * times)
    noise = np.random.default_rng(0).normal(0, 1e-3, len(times))
    return Audio(0.1 * syllables * np.sum(harmonics, axis=0) + noise, sample_rate)


def silence(duration_s: float, sample_rate: int = 16000) -> Audio:
    """Zeros."""
    return Audio(np.zeros(round(duration_s * sample_rate)), sample_rate)


def joined(*parts: Audio) -> Audio:
    """One after another."""
    return Audio(np.concatenate([part.samples for part in parts]), parts[0].sample_rate)


def chunks(audio: Audio, duration_s: float = 0.02) -> Iterator[Audio]:
    """The audio in pieces, as a device delivers it."""
    size = max(1, round(duration_s * audio.sample_rate))
    for start in range(audio.start_sample, audio.end_sample, size):
        yield audio.between(start, start + size)


def odd_audio() -> dict[str, Audio]:
    """Sounds that are no good speech."""
    rate = 16000
    times = np.arange(rate) / rate
    noise = np.random.default_rng(1).normal(0, 0.1, rate)
    return {
        "no samples": silence(0),
        "one sample": Audio([0.5], rate),
        "ten milliseconds": speechlike(rate, 0.01),
        "zeros": silence(1),
        "a constant": Audio(np.full(rate, 0.3), rate),
        "clipped": Audio(np.clip(20 * np.sin(2 * np.pi * 150 * times), -1, 1), rate),
        "beyond full scale": Audio(5 * speechlike(rate).samples, rate),
        "barely audible": Audio(1e-6 * speechlike(rate).samples, rate),
        "noise": Audio(noise, rate),
        **{f"{hz} Hz": speechlike(hz, 0.8) for hz in (8000, 11025, 44100, 48000, 96000)},
    }


def measurements(specs: Mapping[str, FeatureSpec], turn: int, conversation: int = 0) -> dict[str, Measurement]:
    """Ordinary values that differ from turn to turn and between two conversations."""
    return {
        name: Measurement(_value(spec, math.sin(1.7 * turn + 0.9 * position + 2.3 * conversation)))
        for position, (name, spec) in enumerate(specs.items())
    }


def _value(spec: FeatureSpec, z: float) -> float:
    if spec.scale == "z":
        return z
    log = spec.to_log(TYPICAL.get(spec.name, 1.0)) + z * (3.0 if spec.floor is None else 0.15)
    return log if spec.scale == "log" else spec.from_log(log)


def observation(speaker: Speaker, turn: int, features: Measurements, normalised: Measurements) -> Observation:
    """A turn of one speaker."""
    return Observation(turn, speaker, f"this is turn {turn}", features, normalised, TYPICAL["duration"])


VOICE = VoiceCard(
    "test voice",
    16000,
    (
        Control(PITCH_MEAN, mean=math.log(180), sd=0.15, low=80, high=400),
        Control(PITCH_RANGE, mean=math.log(1.6), sd=0.2, low=1, high=4),
        Control(INTENSITY_MEAN, mean=65, sd=4, low=45, high=80),
        Control(RATE, mean=math.log(4), sd=0.2, low=1.5, high=9),
    ),
)
"""The voice that strategies and transforms are told of."""
