"""Log-mel spectrograms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from antiphon.errors import AudioError
from antiphon.payloads import MelSettings
from antiphon_tts_tacotron2.mel import FLOOR, STANDARD, filterbank, hz_to_mel, log_mel, mel_to_hz
from hypothesis import given
from hypothesis import strategies as st

OTHERS = (STANDARD, MelSettings(16_000, 512, 160, 40, 50.0, 7600.0), MelSettings(24_000, 1200, 300, 100, 0.0, 12_000.0))


def test_slaney_scale_is_linear_to_1_khz_and_then_logarithmic():
    assert hz_to_mel(np.array([0.0, 200.0, 1000.0, 6400.0])) == pytest.approx([0.0, 3.0, 15.0, 42.0])


@given(st.floats(0.0, 20_000.0))
def test_mel_to_hz_is_the_inverse(hz):
    assert mel_to_hz(hz_to_mel(np.array([hz])))[0] == pytest.approx(hz, abs=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("settings", OTHERS)
def test_equals_librosa(settings):
    librosa = pytest.importorskip("librosa")
    samples = np.random.default_rng(0).normal(0.0, 0.1, settings.sample_rate // 2).astype(np.float32)
    mel = librosa.feature.melspectrogram(
        y=samples,
        sr=settings.sample_rate,
        n_fft=settings.n_fft,
        hop_length=settings.hop,
        n_mels=settings.bands,
        fmin=settings.fmin_hz,
        fmax=settings.fmax_hz,
        power=1.0,
        center=True,
        pad_mode="reflect",
    )
    assert log_mel(samples, settings) == pytest.approx(np.log(np.maximum(mel.T, FLOOR)), abs=1e-4)


@pytest.mark.parametrize("hz", [150.0, 440.0, 1800.0, 5000.0])
def test_a_tone_is_in_the_band_whose_centre_is_nearest(hz):
    edges = mel_to_hz(np.linspace(*hz_to_mel(np.array([0.0, STANDARD.fmax_hz])), STANDARD.bands + 2))
    tone = np.sin(2 * np.pi * hz * np.arange(22_050) / 22_050).astype(np.float32)
    loudest = log_mel(tone)[20:-20].mean(0).argmax()
    assert abs(loudest - np.abs(edges[1:-1] - hz).argmin()) <= 1


def test_bands_have_equal_areas_and_end_at_fmax():
    weights = filterbank(STANDARD)
    bins = np.linspace(0.0, STANDARD.sample_rate / 2, STANDARD.n_fft // 2 + 1)
    areas = weights[30:].sum(1) * bins[1]  # bands that are wide enough for the grid of bins
    assert areas == pytest.approx(np.ones(50), rel=0.05)
    assert not weights[:, bins >= STANDARD.fmax_hz].any()


@given(gain_db=st.floats(-20.0, 20.0))
def test_louder_audio_is_a_constant_more(gain_db):
    samples = np.random.default_rng(1).normal(0.0, 0.01, 4000).astype(np.float32)
    louder = (samples * 10 ** (gain_db / 20)).astype(np.float32)
    assert log_mel(louder) - log_mel(samples) == pytest.approx(gain_db * math.log(10) / 20, abs=1e-3)


def test_silence_is_the_floor():
    assert log_mel(np.zeros(2048, np.float32)) == pytest.approx(math.log(FLOOR))


@pytest.mark.parametrize("count", [0, 1, STANDARD.n_fft // 2])
def test_too_few_samples_are_refused(count):
    with pytest.raises(AudioError, match="too few"):
        log_mel(np.zeros(count, np.float32))
