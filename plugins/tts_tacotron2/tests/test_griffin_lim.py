"""The vocoder griffin-lim."""

from __future__ import annotations

import numpy as np
import pytest
from antiphon.errors import InputError
from antiphon.features import present
from antiphon.payloads import Audio, Mel, MelSettings, Utterance
from antiphon.stages import Setup
from antiphon.testing import conformance
from antiphon_tts_tacotron2.griffin_lim import GriffinLim, linear_magnitudes
from antiphon_tts_tacotron2.mel import STANDARD, filterbank, log_mel
from antiphon_tts_tacotron2.options import GriffinLimOptions


class TestGriffinLimConforms(conformance.VocoderSuite):
    name = "griffin-lim"


class TestOtherSettingsConform(conformance.VocoderSuite):
    name = "griffin-lim"
    options = {"sample_rate": 16_000, "n_fft": 512, "hop": 128, "bands": 40, "fmax_hz": 7000.0}  # noqa: RUF012


def vowel(hz: float, seconds: float = 1.0) -> np.ndarray:
    """A buzz with formants near those of an a."""
    time = np.arange(int(seconds * STANDARD.sample_rate)) / STANDARD.sample_rate
    harmonics = np.arange(1, int(7000 / hz))
    strengths = sum(np.exp(-(((harmonics * hz - centre) / 250.0) ** 2)) for centre in (700, 1200, 2600)) + 0.03
    wave = (strengths[:, None] * np.sin(2 * np.pi * hz * harmonics[:, None] * time)).sum(0)
    return (0.3 * wave / np.abs(wave).max()).astype(np.float32)


def vocode(mel: np.ndarray, seed: int = 0, **options: float) -> Audio:
    return GriffinLim(GriffinLimOptions(**options), Setup()).session(seed).vocode(Mel(mel, STANDARD))


@pytest.mark.parametrize("hz", [120.0, 180.0, 215.0, 260.0])
def test_f0_survives(hz):
    extractor = pytest.importorskip("antiphon_features_praat.extractor")
    options = pytest.importorskip("antiphon_features_praat.options").PraatOptions(features=("pitch_mean",))
    audio = vocode(log_mel(vowel(hz)))
    measured = extractor.Praat(options, Setup()).session(0).extract(Utterance("agent", "", audio), {})
    assert present(measured)["pitch_mean"] == pytest.approx(hz, rel=0.01)


def test_audio_has_the_mel_spectrogram_that_it_was_made_of():
    mel = log_mel(vowel(180.0))
    again = log_mel(vocode(mel).samples)
    inner = slice(4, len(again) - 4)
    loud = mel[inner] > -5.0  # what lies far below is drowned by the window's side lobes
    assert np.abs(again[inner] - mel[inner])[loud].mean() < 0.25
    assert again[inner][loud].mean() == pytest.approx(mel[inner][loud].mean(), abs=0.15)  # as loud as it was


def test_more_iterations_come_nearer():
    mel = log_mel(vowel(180.0))
    distances = [np.abs(log_mel(vocode(mel, iterations=n).samples) - mel).mean() for n in (0, 4, 32)]
    assert distances[0] > distances[1] > distances[2]


def test_linear_magnitudes_have_the_mel_spectrogram_and_end_at_fmax():
    mel = log_mel(np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32))
    magnitudes = linear_magnitudes(mel, STANDARD)
    assert (magnitudes >= 0.0).all()
    assert np.log(magnitudes @ filterbank(STANDARD).T) == pytest.approx(mel, abs=0.15)
    bins = np.linspace(0.0, STANDARD.sample_rate / 2, STANDARD.n_fft // 2 + 1)
    assert not magnitudes[:, bins > STANDARD.fmax_hz].any()


def test_a_seed_decides():
    mel = log_mel(vowel(180.0, 0.3))
    assert vocode(mel, seed=1) == vocode(mel, seed=1)
    assert vocode(mel, seed=1) != vocode(mel, seed=2)


def test_loud_spectrograms_are_kept_within_full_scale():
    assert np.abs(vocode(log_mel(vowel(180.0)) + 3.0).samples).max() <= 1.0


def test_spectrograms_of_other_settings_are_refused():
    other = MelSettings(22_050, 1024, 256, 80, 0.0, 11_025.0)
    with pytest.raises(InputError, match="fmax_hz=11025"):
        GriffinLim(GriffinLimOptions(), Setup()).session(0).vocode(Mel(np.zeros((9, 80), np.float32), other))


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(InputError, match="finite"):
        vocode(np.full((9, 80), np.nan, np.float32))
