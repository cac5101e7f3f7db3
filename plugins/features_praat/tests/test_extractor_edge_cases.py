"""The extractor on audio that is no speech, and its options and sessions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from antiphon.features import Measurements, present
from antiphon.payloads import Audio, Utterance
from antiphon.stages import Setup
from antiphon.testing import conformance
from antiphon_features_praat.analysis import Analysis
from antiphon_features_praat.extractor import Praat, measure
from antiphon_features_praat.options import FeatureName, PraatOptions
from antiphon_features_praat.specs import ALL
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

NAMES = {spec.name for spec in ALL}
VOICED = NAMES - {"duration", "intensity_mean"}
QUANTILES = {"pitch_05", "pitch_95", "pitch_range", "pitch_sd"}


class TestPraatConforms(conformance.FeaturesSuite):
    name = "praat"


def extract(audio: Audio | None, **options) -> Measurements:
    return Praat(PraatOptions(**options), Setup()).session(0).extract(Utterance("user", "", audio), {})


def reasons(measurements: Measurements) -> dict[str, str]:
    return {name: m.reason for name, m in measurements.items() if m.value is None and m.reason}


def test_typed_turn_has_no_features():
    assert reasons(extract(None)) == dict.fromkeys(NAMES, "the turn was typed")


def test_empty_audio_has_no_features():
    assert reasons(extract(Audio([], 16000))) == dict.fromkeys(NAMES, "the audio is empty")


@pytest.mark.parametrize("samples", [1, 160, 480])
def test_audio_shorter_than_three_longest_periods_has_a_duration_only(vowel, samples):
    audio = Audio(vowel(150.0).samples[:samples], 16000)
    measured = extract(audio)
    assert present(measured) == {"duration": samples / 16000}
    assert all("too short" in reason for reason in reasons(measured).values())


@pytest.mark.parametrize(
    ("audio", "has"),
    [
        (np.zeros(16000), {"duration"}),
        (np.full(16000, 0.5), {"duration", "intensity_mean"}),
        (np.random.default_rng(0).normal(0, 0.1, 16000), {"duration", "intensity_mean"}),
    ],
    ids=["silence", "a constant", "noise"],
)
def test_audio_without_voice_has_no_pitch(audio, has):
    measured = extract(Audio(audio, 16000))
    assert present(measured).keys() == has
    assert {reasons(measured)[name] for name in VOICED} == {"no voiced frames"}


def test_digital_silence_has_no_intensity():
    assert "silent" in reasons(extract(Audio(np.zeros(8000), 16000)))["intensity_mean"]


def test_few_voiced_frames_have_a_mean_but_no_quantiles(vowel):
    measured = extract(vowel(150.0, 0.11))
    assert measured["pitch_mean"].value == pytest.approx(150, rel=0.01)
    assert all("voiced frames" in reasons(measured)[name] for name in QUANTILES)


@pytest.mark.parametrize(("seconds", "enough"), [(0.07, False), (0.095, False), (0.15, True)])
def test_jitter_and_shimmer_need_a_voiced_part_of_6_4_longest_periods(vowel, seconds, enough):
    measured = extract(vowel(200.0, seconds))
    voiced = measured["duration_voiced"].value
    assert voiced is not None
    assert (voiced > 6.4 / 75) is enough
    for name in ("jitter", "shimmer"):
        assert (measured[name].value is not None) is enough
        assert enough or "0.085 s needed" in reasons(measured)[name]


@pytest.mark.parametrize(("seconds", "enough"), [(0.063, False), (0.066, True)])
def test_intensity_needs_6_4_periods_of_100_hz(vowel, seconds, enough):
    assert (extract(vowel(150.0, seconds))["intensity_mean"].value is not None) is enough


def test_clipped_speech_is_measured(vowel):
    clipped = Audio(np.clip(30 * vowel(150.0).samples, -1, 1), 16000)
    measured = extract(clipped)
    assert not reasons(measured)
    assert measured["pitch_mean"].value == pytest.approx(150, rel=0.01)


@pytest.mark.parametrize("sample_rate", [8000, 11025, 22050, 48000, 96000])
def test_pitch_does_not_depend_on_the_sample_rate(vowel, sample_rate):
    assert extract(vowel(150.0, 0.5, sample_rate))["pitch_mean"].value == pytest.approx(150, rel=2e-3)


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.float32, st.integers(0, 3000), elements=st.floats(-4, 4, width=32)),
    st.sampled_from([1, 50, 1000, 8000, 16000, 44100, 96000, 384000]),
)
def test_whatever_the_audio_every_feature_is_finite_or_has_a_reason(samples, sample_rate):
    measured = extract(Audio(samples, sample_rate))
    assert measured.keys() == NAMES
    assert all(math.isfinite(value) for value in present(measured).values())
    quantiles = [measured[name].value for name in ("pitch_05", "pitch_mean", "pitch_95")]
    if None not in quantiles:
        assert 0 < quantiles[0] <= quantiles[2]


@settings(max_examples=15, deadline=None)
@given(st.sets(st.sampled_from(sorted(NAMES)), min_size=1))
def test_a_subset_is_measured_as_in_the_whole(vowel_audio, names: set[FeatureName]):
    whole = extract(vowel_audio)
    assert extract(vowel_audio, features=tuple(names)) == {name: whole[name] for name in names}
    assert {spec.name for spec in PraatOptions(features=tuple(names)).writes()} == names


@pytest.fixture(scope="module")
def vowel_audio() -> Audio:
    times = np.arange(8000) / 16000
    return Audio(sum(np.sin(2 * np.pi * 150 * k * times) / k for k in range(1, 12)) / 20, 16000)


@pytest.mark.parametrize(
    ("features", "made"),
    [
        (("duration",), set()),
        (("intensity_mean",), {"sound", "intensity_mean"}),
        (("pitch_mean", "pitch_95"), {"sound", "pitch", "f0"}),
        (("nhr",), {"sound", "pitch", "nhr"}),
        (("duration_voiced",), {"sound", "pitch", "f0", "chain"}),
    ],
)
def test_only_what_is_asked_for_is_computed(vowel_audio, features, made):
    analysis = Analysis(vowel_audio, PraatOptions(features=features))
    measure(analysis)
    assert vars(analysis).keys() - {"audio", "options"} == made


def test_of_a_very_long_utterance_only_the_duration_is_measured(vowel):
    measured = extract(vowel(150.0, 2.0), longest_s=1.5)
    assert present(measured) == {"duration": 2.0}
    assert {reasons(measured)[name] for name in NAMES - {"duration"}} == {"longer than 1.5 s (option longest_s)"}


def test_an_hour_is_not_analysed():
    assert present(extract(Audio(np.zeros(3600 * 16000, np.float32), 16000))) == {"duration": 3600.0}


@pytest.mark.long
def test_ten_minutes_can_be_analysed(vowel):
    second = vowel(np.linspace(120, 180, 16000)).samples
    measured = extract(Audio(np.tile(second, 600), 16000), longest_s=900.0)
    assert measured["pitch_mean"].value == pytest.approx(150, rel=0.01)
    assert not reasons(measured)


def test_the_ceiling_must_be_above_the_floor():
    with pytest.raises(ValueError, match="above pitch_floor"):
        PraatOptions(pitch_floor=300.0, pitch_ceiling=200.0)
