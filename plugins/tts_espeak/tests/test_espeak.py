"""The synthesizer espeak, with the real library."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from antiphon.calibration import Calibration
from antiphon.errors import ModelError
from antiphon.payloads import Samples, SpeechRequest
from antiphon.speaking import speak_all
from antiphon.stages import Setup
from antiphon_tts_espeak.options import VOICES, EspeakOptions
from antiphon_tts_espeak.synthesizer import Espeak, Voice
from hypothesis import given, settings
from hypothesis import strategies as st

TEXT = "Tell me more about your family. Why do you ask?"


@pytest.fixture(scope="module")
def espeak() -> Iterator[Espeak]:
    component = Espeak(EspeakOptions(), Setup())
    yield component
    component.close()


def said(component: Espeak, text: str = TEXT, **controls: float) -> Samples:
    audio = speak_all(component.session(0), SpeechRequest(text, controls))
    return np.zeros(0, np.float32) if audio is None else audio.samples


def test_speech_begins_and_ends_with_sound(espeak: Espeak) -> None:
    samples = said(espeak)
    assert samples[0] != 0
    assert samples[-1] != 0
    assert 1.5 < len(samples) / espeak.options.voice().sample_rate < 6


def test_first_piece_is_short(espeak: Espeak) -> None:
    pieces = list(espeak.session(0).stream(SpeechRequest(TEXT)))
    assert len(pieces) > 10
    assert all(piece.audio is not None and piece.audio.duration_s <= 0.1 for piece in pieces)


@pytest.mark.parametrize("text", ["", "   ", "...", "?!", "—", "\x00\x01", "\n"])
def test_nothing_to_hear_gives_no_audio(espeak: Espeak, text: str) -> None:
    assert speak_all(espeak.session(0), SpeechRequest(text)) is None


@pytest.mark.parametrize(
    "text", ["12345", "😀", "Привет, мир", "你好", "مرحبا", "a", "5 + 3 = 8", "\ud800 hello", "x\x00y"]
)
def test_any_script_is_spoken(espeak: Espeak, text: str) -> None:
    assert np.abs(said(espeak, text)).max() > 0.05


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("one <break time='30s'/> two", "one  two"),
        ('<prosody rate="x-slow">one</prosody>', "one"),
        ("one \x01300S two", "one two"),  # an embedded command of eSpeak: three times the speed
        ("[[h@'loU]]", "hello"),
    ],
)
def test_markup_is_text_and_never_obeyed(espeak: Espeak, markup: str, plain: str) -> None:
    obeyed, spoken = said(espeak, plain), said(espeak, markup)
    assert len(obeyed) < len(spoken) < len(obeyed) + 10 * 22050  # its words were spoken, it caused no long pause


def test_nul_does_not_end_the_text(espeak: Espeak) -> None:
    assert np.array_equal(said(espeak, "one\x00two"), said(espeak, "one two"))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_no_text_is_too_odd(espeak: Espeak, text: str) -> None:
    samples = said(espeak, text)
    assert np.isfinite(samples).all()
    assert len(samples) == 0 or samples[0] != 0


def test_long_text_can_be_cancelled_early(espeak: Espeak) -> None:
    stream = espeak.session(0).stream(SpeechRequest("word " * 5000))
    assert next(stream).audio is not None
    started = time.process_time()
    stream.close()
    assert time.process_time() - started < 1.0  # the rest of it takes several seconds of processor time
    assert len(said(espeak, "Good morning.")) > 1000


@pytest.mark.long
def test_five_thousand_words_are_spoken_to_the_end(espeak: Espeak) -> None:
    samples = said(espeak, "hello " * 5000)
    assert len(samples) / 22050 > 5000 * 0.2


def test_utterances_depend_on_nothing_before_them(espeak: Espeak) -> None:
    first = said(espeak)
    said(espeak, "Something else entirely.", rate=7.0, pitch_mean=160.0)
    stream = espeak.session(1).stream(SpeechRequest("An utterance that is cut off."))
    next(stream)
    stream.close()
    assert np.array_equal(said(espeak), first)


def test_voice_with_random_breath_sounds_the_same_at_any_time() -> None:
    component = Espeak(EspeakOptions(name="en-us+f5"), Setup())
    try:
        first = said(component)
        time.sleep(1.1)  # eSpeak seeds by the clock, in seconds
        assert np.array_equal(said(component), first)
    finally:
        component.close()


def test_two_voices_speak_at_the_same_time(espeak: Espeak) -> None:
    other = Espeak(EspeakOptions(name="en-us+f5"), Setup())
    try:
        alone = [said(espeak), said(other)]
        streams = [component.session(0).stream(SpeechRequest(TEXT)) for component in (espeak, other)]
        together: list[list[Samples]] = [[], []]
        pieces = [next(stream, None) for stream in streams]
        while any(pieces):
            for voice, piece in enumerate(pieces):
                if piece is not None and piece.audio is not None:
                    together[voice].append(piece.audio.samples)
            pieces = [next(stream, None) for stream in streams]
        for voice in range(2):
            assert np.array_equal(np.concatenate(together[voice]), alone[voice])
        assert not np.array_equal(alone[0], alone[1])
    finally:
        other.close()


def test_components_on_two_threads(espeak: Espeak) -> None:
    other = Espeak(EspeakOptions(), Setup())
    expected = said(espeak)
    same: list[bool] = []
    threads = [
        threading.Thread(target=lambda c=component: same.extend(np.array_equal(said(c), expected) for _ in range(10)))
        for component in (espeak, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert same == [True] * 20


def test_gain_is_exact_and_loud_speech_does_not_clip(espeak: Espeak) -> None:
    soft, natural = said(espeak, intensity_mean=62.0), said(espeak, intensity_mean=66.0)
    assert len(soft) == len(natural)
    sounding = np.abs(natural) > 0.01
    assert natural[sounding] / soft[sounding] == pytest.approx(10 ** (4 / 20), rel=1e-4)
    control = espeak.options.voice().control("intensity_mean")
    assert control is not None
    loud = said(espeak, intensity_mean=control.high)
    assert np.abs(loud).max() < 1.0
    assert (np.abs(loud) > 0.99).mean() < 1e-3


def test_what_cannot_go_together_is_told_once(espeak: Espeak) -> None:
    request = SpeechRequest(TEXT, {"pitch_mean": 105.0, "pitch_range": 3.0, "rate": 5.0})
    notes = [piece.notes for piece in espeak.session(0).stream(request)]
    assert set(notes[0]["out_of_reach"]) >= {"pitch_range"}
    assert notes[0]["out_of_reach"]["pitch_range"] < 2.0
    assert not any(notes[1:])
    assert not any(piece.notes for piece in espeak.session(0).stream(SpeechRequest(TEXT, {"rate": 5.0})))


@pytest.mark.parametrize("name", sorted(path.stem for path in VOICES.glob("*.json")))
def test_every_calibrated_voice_speaks(name: str) -> None:
    options = EspeakOptions(name=name)
    component = Espeak(options, Setup())
    try:
        card = options.voice()
        assert [control.feature.name for control in card.controls] == [
            "pitch_mean",
            "pitch_range",
            "intensity_mean",
            "rate",
        ]
        assert all(control.to_z(control.low) < -1.2 for control in card.controls)
        assert all(control.to_z(control.high) > 0.5 for control in card.controls)
        assert len(said(component)) > card.sample_rate
    finally:
        component.close()


def test_uncalibrated_voice_is_told_with_the_command() -> None:
    with pytest.raises(ModelError, match=r"de.*not calibrated.*en-us.*antiphon espeak calibrate de"):
        EspeakOptions(name="de").voice()


@pytest.mark.parametrize("name", ["nonsense", "en-us+nobody", "../en", ""])
def test_voice_that_espeak_lacks(name: str) -> None:
    with pytest.raises(ModelError, match="has no voice"):
        Voice(name, 50)


def test_calibration_of_ones_own(tmp_path: Path) -> None:
    calibration = Calibration.load(VOICES / "en-us.json")
    path = tmp_path / "mine.json"
    calibration.save(path)
    assert EspeakOptions(calibration=path).voice() == calibration.card()
    with pytest.raises(ModelError, match="en-us"):
        EspeakOptions(name="de", calibration=path).voice()
