"""The extractor on signals whose prosody follows from how they are made."""

from __future__ import annotations

import math

import numpy as np
import pytest
from antiphon.features import present
from antiphon.payloads import Audio, Utterance
from antiphon.stages import Setup
from antiphon_features_praat.extractor import Praat
from antiphon_features_praat.options import PraatOptions

HEARING_THRESHOLD = 2e-5  # Pa, where a sample value of 1 is 1 Pa


def extract(audio: Audio, **options) -> dict[str, float]:
    return present(Praat(PraatOptions(**options), Setup()).session(0).extract(Utterance("user", "", audio), {}))


@pytest.mark.parametrize("f0", [85.0, 120.0, 210.0, 400.0])
def test_steady_pitch(vowel, f0):
    measured = extract(vowel(f0))
    assert measured["pitch_mean"] == pytest.approx(f0, rel=2e-3)
    assert measured["pitch_range"] == pytest.approx(1.0, abs=2e-3)
    assert measured["pitch_sd"] < 0.02
    assert measured["jitter"] < 1e-3
    assert measured["duration"] == 1.0
    assert measured["duration_voiced"] == pytest.approx(1.0, abs=0.06)


def test_quantiles_of_a_glide(vowel):
    measured = extract(vowel(np.linspace(100, 200, 32000), 2.0))
    assert measured["pitch_mean"] == pytest.approx(150, rel=0.01)
    assert measured["pitch_05"] == pytest.approx(105, rel=0.02)
    assert measured["pitch_95"] == pytest.approx(195, rel=0.02)
    assert measured["pitch_range"] == pytest.approx(195 / 105, rel=0.03)


def test_spread_of_an_octave_of_vibrato(vowel):
    """A sine of six semitones either way has a standard deviation of 6/√2."""
    times = np.arange(32000) / 16000
    measured = extract(vowel(150 * 2 ** (0.5 * np.sin(2 * np.pi * times)), 2.0))
    assert measured["pitch_sd"] == pytest.approx(6 / math.sqrt(2), rel=0.03)


def test_jitter_of_vibrato(vowel):
    """Periods T(t) of a slow vibrato differ by T·|dT/dt|, so local jitter is the mean of |dT/dt|: 4·depth·rate/F0."""
    f0, depth, rate = 150.0, 0.1, 4.0
    times = np.arange(32000) / 16000
    measured = extract(vowel(f0 * (1 + depth * np.sin(2 * np.pi * rate * times)), 2.0))
    assert measured["jitter"] == pytest.approx(4 * depth * rate / f0, rel=0.15)


def test_shimmer_of_growing_sound(vowel):
    """A vowel that grows by a fixed share every period has that share as local shimmer."""
    f0, growth = 125.0, 0.02
    steady = vowel(f0, 0.8)
    grown = Audio(steady.samples * (1 + growth) ** (f0 * np.arange(len(steady.samples)) / 16000) / 10, 16000)
    assert extract(steady)["shimmer"] < 2e-3
    assert extract(grown)["shimmer"] > 0.5 * growth


@pytest.mark.parametrize("amplitude", [0.001, 0.1, 1.0])
def test_intensity_of_a_sine(amplitude):
    sine = Audio(amplitude * np.sin(2 * np.pi * 200 * np.arange(16000) / 16000), 16000)
    expected = 20 * math.log10(amplitude / math.sqrt(2) / HEARING_THRESHOLD)
    assert extract(sine)["intensity_mean"] == pytest.approx(expected, abs=0.02)
    assert extract(sine)["intensity_mean_voiced"] == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("noise_db", [-20, -10])
def test_noise_to_harmonics_is_the_ratio_of_their_powers(vowel, noise_db):
    sound = vowel(150.0, 2.0, level=0.1)
    noise = np.random.default_rng(2).normal(0, 0.1 * 10 ** (noise_db / 20), len(sound.samples))
    measured = extract(Audio(sound.samples + noise, 16000))
    assert measured["nhr"] == pytest.approx(10 ** (noise_db / 10), rel=0.2)
    assert measured["nhr_voiced"] == pytest.approx(10 ** (noise_db / 10), rel=0.2)


def test_level_moves_the_intensity_and_nothing_else(vowel):
    sound = vowel(np.linspace(110, 170, 16000))
    loud, soft = extract(sound), extract(Audio(sound.samples / 4, 16000))
    for name in loud:
        shift = 20 * math.log10(4) if name.startswith("intensity") else 0.0
        assert loud[name] - soft[name] == pytest.approx(shift, abs=1e-4), name


def test_pitch_limits_decide_what_is_found(vowel):
    sound = vowel(60.0)
    assert extract(sound, pitch_floor=40.0)["pitch_mean"] == pytest.approx(60, rel=0.01)
    assert extract(sound).get("pitch_mean") != pytest.approx(60, rel=0.2)
