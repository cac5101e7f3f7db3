"""The wrapper that moves another voice's speech to the requested prosody."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soundfile
from antiphon.features import present
from antiphon.options import Selection
from antiphon.payloads import Audio, SpeechRequest, Spoken, Utterance
from antiphon.provider import Provider
from antiphon.stages import Setup
from antiphon.testing import conformance, plugin
from antiphon_features_praat.adapt import PraatAdapt
from antiphon_features_praat.adapt_options import AdaptOptions, Natural
from antiphon_features_praat.extractor import Praat
from antiphon_features_praat.manipulation import amplified
from antiphon_features_praat.options import PraatOptions
from attrs import evolve

READER = {
    "pitch_mean": Natural(150.0, 0.1),
    "pitch_range": Natural(1.6, 0.2),
    "intensity_mean": Natural(64.0, 2.0),
    "rate": Natural(4.0, 0.15),
}


class TestPraatAdaptConforms(conformance.SynthesizerSuite):
    name = "praat-adapt"
    modules = (("fakes", plugin),)
    options = {"base": {"use": "fake-streaming"}}  # noqa: RUF012  (the suite declares it)


def speak(options: AdaptOptions, text: str, **controls: float) -> Spoken:
    return PraatAdapt(options, Setup()).session(0).synthesize(SpeechRequest(text, controls))


def measure(audio: Audio | None) -> dict[str, float]:
    assert audio is not None
    return present(Praat(PraatOptions(), Setup()).session(0).extract(Utterance("agent", "", audio), {}))


@pytest.mark.parametrize("pitch", [110.0, 150.0, 260.0])
@pytest.mark.parametrize("ratio", [1.2, 1.9])
@pytest.mark.parametrize("rate", [2.8, 6.0])
def test_everything_at_once_comes_out_as_requested(vowel_voice, pitch, ratio, rate):
    natural = speak(AdaptOptions(vowel_voice), "abcdef")
    controls = {"pitch_mean": pitch, "pitch_range": ratio, "intensity_mean": 62.0, "rate": rate}
    spoken = speak(AdaptOptions(vowel_voice), "abcdef", **controls)
    measured = measure(spoken.audio)
    assert measured["pitch_mean"] == pytest.approx(pitch, rel=0.01)
    assert measured["pitch_range"] == pytest.approx(ratio, rel=0.04)
    assert measured["intensity_mean"] == pytest.approx(62.0, abs=0.05)
    assert natural.audio is not None
    assert 4.0 * natural.audio.duration_s / measured["duration"] == pytest.approx(rate, rel=0.01)


@pytest.mark.parametrize(
    ("name", "value"), [("pitch_mean", 200.0), ("pitch_range", 1.15), ("intensity_mean", 60.0), ("rate", 5.0)]
)
def test_what_is_not_requested_stays(vowel_voice, name, value):
    natural = measure(speak(AdaptOptions(vowel_voice), "abcd").audio)
    moved = measure(speak(AdaptOptions(vowel_voice), "abcd", **{name: value}).audio)
    if name != "rate":
        assert moved[name] == pytest.approx(value, rel=0.02)
        assert moved["duration"] == pytest.approx(natural["duration"], rel=0.01)
    for other in {"pitch_mean", "pitch_range"} - {name}:
        assert moved[other] == pytest.approx(natural[other], rel=0.03)


def test_without_requests_the_voice_is_left_alone(vowel_voice):
    opened = vowel_voice.provider.open(vowel_voice.options, Setup())
    assert np.array_equal(
        speak(AdaptOptions(vowel_voice), "abc").audio.samples,
        opened.synthesize(SpeechRequest("abc")).audio.samples,
    )


def test_text_without_sound_has_no_audio(vowel_voice):
    assert speak(AdaptOptions(vowel_voice), "", pitch_mean=200.0).audio is None


def test_notes_hold_natural_requested_and_reached(vowel_voice):
    spoken = speak(AdaptOptions(vowel_voice), "abcd", pitch_mean=200.0, intensity_mean=66.0, rate=5.0)
    measured = measure(spoken.audio)
    assert spoken.notes["requested"] == {"pitch_mean": 200.0, "intensity_mean": 66.0, "rate": 5.0}
    assert spoken.notes["reached"]["pitch_mean"] == pytest.approx(measured["pitch_mean"], rel=1e-6)
    assert spoken.notes["reached"]["intensity_mean"] == pytest.approx(measured["intensity_mean"], abs=1e-3)
    assert spoken.notes["reached"]["rate"] == pytest.approx(5.0, rel=0.01)
    assert spoken.notes["natural"]["pitch_mean"] == pytest.approx(150, rel=0.03)
    assert "unmoved" not in spoken.notes


def test_a_correction_comes_nearer(vowel_voice):
    controls = {"pitch_mean": 110.0, "pitch_range": 1.9, "rate": 6.0}

    def distance(corrections: int) -> float:
        spoken = speak(AdaptOptions(vowel_voice, corrections=corrections), "abcdef", **controls)
        return max(abs(math.log(spoken.notes["reached"][name] / value)) for name, value in controls.items())

    assert distance(2) <= distance(1) <= distance(0)


def test_speech_without_voice_keeps_its_pitch_and_says_so(hiss_voice):
    spoken = speak(AdaptOptions(hiss_voice), "s", pitch_mean=200.0, intensity_mean=60.0, rate=8.0)
    assert spoken.notes["unmoved"] == {"pitch_mean": "no voiced frames"}
    assert measure(spoken.audio)["intensity_mean"] == pytest.approx(60.0, abs=0.05)
    assert spoken.audio.duration_s == pytest.approx(0.5, rel=0.02)


def test_loudness_ends_at_full_scale(vowel, vowel_voice):
    spoken = speak(AdaptOptions(vowel_voice), "ab", intensity_mean=100.0)
    assert np.abs(spoken.audio.samples).max() == pytest.approx(1.0, abs=1e-6)
    assert spoken.notes["reached"]["intensity_mean"] == pytest.approx(measure(spoken.audio)["intensity_mean"], abs=1e-3)
    assert amplified(vowel(150.0), -6.0)[1] == -6.0


def test_the_card_widens_the_limits_around_the_natural_voice(vowel_voice):
    card, own = AdaptOptions(vowel_voice).voice(), vowel_voice.options.voice()
    assert card.sample_rate == own.sample_rate
    for control in own.controls:
        wider = card.control(control.feature.name)
        assert (wider.mean, wider.sd, wider.feature) == (control.mean, control.sd, control.feature)
        assert wider.low < control.low < control.high < wider.high


def test_a_voice_that_says_nothing_of_itself_is_controlled_by_what_the_options_say(reader_voice):
    assert AdaptOptions(reader_voice).voice().controls == ()
    card = AdaptOptions(reader_voice, natural={"rate": Natural(4.5, 0.2)}).voice()
    assert [control.feature.name for control in card.controls] == ["rate"]
    assert card.control("rate").from_z(0.0) == pytest.approx(4.5)


def test_what_is_left_to_the_voice_is_passed_to_it(vowel_voice):
    options = AdaptOptions(vowel_voice, left_to_base=("rate",))
    component = PraatAdapt(options, Setup())
    session = component.session(0)
    session.synthesize(SpeechRequest("abc", {"rate": 4.1, "pitch_mean": 180.0, "jitter": 0.02}))
    assert session._base.controls == {"rate": 4.1, "jitter": 0.02}
    assert options.voice().control("rate") == vowel_voice.options.voice().control("rate")


def test_a_voice_that_delivers_spectrograms_is_refused(vowel_voice):
    provider = Provider("spectral", "for tests", "nowhere:Nothing", capabilities={"mel"})
    with pytest.raises(ValueError, match="vocoder"):
        AdaptOptions(Selection("synthesizer", provider, vowel_voice.options))


@pytest.mark.parametrize(
    ("natural", "message"), [({"jitter": Natural(0.01, 1.0)}, "not adapted"), ({"rate": Natural(0.0, 1.0)}, "positive")]
)
def test_impossible_natural_speech_is_refused(vowel_voice, natural, message):
    with pytest.raises(ValueError, match=message):
        AdaptOptions(vowel_voice, natural=natural)


def test_real_speech_is_moved_as_requested(reader_voice, reader_ids, kathleen):
    """Single utterances may miss, where the pitch tracker errs by an octave; half of them are within these."""
    options = AdaptOptions(reader_voice, natural=READER)
    component = PraatAdapt(options, Setup())
    factors = ((0.75, 0.8, -4.0, 0.8), (1.3, 1.25, 3.0, 1.25), (1.0, 1.25, -4.0, 1.25))
    errors = []
    for name in reader_ids[::400]:
        natural = measure(Audio(*soundfile.read(kathleen / "wavs" / f"{name}.flac")))
        for pitch, spread, level, tempo in factors:
            controls = {
                "pitch_mean": natural["pitch_mean"] * pitch,
                "pitch_range": natural["pitch_range"] ** spread,
                "intensity_mean": natural["intensity_mean"] + level,
                "rate": 4.0 * tempo,
            }
            measured = measure(component.session(0).synthesize(SpeechRequest(name, controls)).audio)
            measured["rate"] = 4.0 * natural["duration"] / measured["duration"]
            errors.append([abs(measured[name] - value) for name, value in controls.items()])
    pitch, spread, level, tempo = np.median(errors, axis=0)
    assert pitch < 1.5
    assert spread < 0.03
    assert level < 0.05
    assert tempo < 0.02


def test_options_with_another_pitch_floor_reach_lower(vowel_voice):
    deep = evolve(AdaptOptions(vowel_voice), pitch_floor=50.0)
    assert deep.voice().control("pitch_mean").low < AdaptOptions(vowel_voice).voice().control("pitch_mean").low
    assert speak(deep, "abcd", pitch_mean=85.0).notes["reached"]["pitch_mean"] == pytest.approx(85, rel=0.03)
