"""The measurement of a room's noise: right in dB, deaf to who speaks already, and plain about a dead microphone."""

import logging

import numpy as np
import pytest
from antiphon.payloads import Samples
from antiphon_audio_sr.noise import NoiseMeter

RATE = 16_000
CHUNK = RATE // 50


def noise(level_db: float, seconds: float) -> Samples:
    white = np.random.default_rng(0).standard_normal(round(seconds * RATE))
    return (white * 10 ** (level_db / 20)).astype(np.float32)


def measured(samples: Samples, duration_s: float = 1.0) -> NoiseMeter:
    meter = NoiseMeter(duration_s)
    for start in range(0, len(samples), CHUNK):
        meter.hear(samples[start : start + CHUNK], RATE)
    return meter


@pytest.mark.parametrize("level_db", [-70.0, -50.0, -30.0])
def test_level_is_right(level_db: float) -> None:
    assert measured(noise(level_db, 1.0)).level_db == pytest.approx(level_db, abs=1.0)


def test_speech_and_offset_do_not_count() -> None:
    samples = noise(-60, 1.0) + np.float32(0.1)
    samples[: len(samples) // 2] += 0.3 * np.sin(np.arange(len(samples) // 2) / 10)
    assert measured(samples).level_db == pytest.approx(-60, abs=1.5)


def test_nothing_is_judged_before_the_time_is_over() -> None:
    assert measured(noise(-60, 0.5)).level_db is None
    assert measured(noise(-60, 0.5), duration_s=0).level_db is None


@pytest.mark.parametrize(
    ("level_db", "severity", "told"), [(-20, "WARNING", "the room is loud"), (-60, "INFO", "noise of the room: -60 dB")]
)
def test_says_what_it_means(level_db: float, severity: str, told: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        measured(noise(level_db, 3.0))
    (record,) = caplog.records
    assert record.levelname == severity
    assert told in record.message


def test_digital_silence_is_no_quiet_room(caplog: pytest.LogCaptureFixture) -> None:
    assert measured(np.zeros(RATE, np.float32)).level_db == -np.inf
    assert "muted" in caplog.text
