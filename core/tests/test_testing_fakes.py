"""The fakes: what they say is what is measured, and they misbehave exactly when they are told to."""

from typing import Any

import numpy as np
import pytest
from antiphon.discovery import Plugins
from antiphon.engine.worker import RemoteComponent
from antiphon.errors import StageDied
from antiphon.payloads import (
    Audio,
    Exchange,
    Mel,
    Pause,
    Reply,
    Resume,
    SpeechEnd,
    SpeechRequest,
    SpeechStart,
    Utterance,
)
from antiphon.stages import Setup
from antiphon.testing import plugin
from antiphon.testing.fakes.faults import EXIT_STATUS, Garbage, InjectedError
from antiphon.testing.fakes.options import AudioOutOptions, FakeOptions
from antiphon.testing.fakes.speaking import Loudspeaker
from hypothesis import given, settings
from hypothesis import strategies as st

FAKES = Plugins([("fakes", plugin)], installed=False)


def provider(stage: str, name: str = "fake") -> Any:
    return FAKES.find(stage, name).provider


def session(stage: str, name: str = "fake", **options: Any) -> Any:
    chosen = provider(stage, name)
    return chosen.open(chosen.options_class()(**options), Setup()).session(0)


@settings(max_examples=30, deadline=None)
@given(pitch=st.floats(60, 400), level=st.floats(40, 85), rate=st.floats(1, 10))
def test_what_the_voice_is_told_is_what_the_meter_measures(pitch: float, level: float, rate: float) -> None:
    text = "one two three four five"
    controls = {"pitch_mean": pitch, "intensity_mean": level, "rate": rate}
    audio = session("synthesizer").synthesize(SpeechRequest(text, controls)).audio
    measured = session("features").extract(Utterance("agent", text, audio), {})
    assert measured["pitch_mean"].value == pytest.approx(pitch, rel=1e-3)
    assert measured["intensity_mean"].value == pytest.approx(level, abs=0.1)
    assert measured["rate"].value == pytest.approx(rate, rel=1e-3)


def test_vocoder_hums_what_the_mel_voice_wrote() -> None:
    request = SpeechRequest("one two three four", {"pitch_mean": 200.0, "intensity_mean": 60.0})
    mel = session("synthesizer", "fake-mel").synthesize(request).mel
    audio = session("vocoder").vocode(mel)
    measured = session("features").extract(Utterance("agent", request.text, audio), {})
    assert measured["pitch_mean"].value == pytest.approx(200, rel=0.1)  # a band is this wide
    assert measured["intensity_mean"].value == pytest.approx(60, abs=0.2)
    assert isinstance(mel, Mel)


@pytest.mark.parametrize("chunk_s", [0.003, 0.02, 0.5])
def test_endpointer_finds_the_tones_of_the_fake_user(chunk_s: float) -> None:
    source = session("audio_in", "fake-audio", turns=2, speech_s=0.5, silence_s=0.6, chunk_s=chunk_s)
    endpointer = session("endpoint")
    events = []
    while (chunk := source.read()) is not None:
        events += endpointer.feed(chunk)
    events += endpointer.flush()
    assert [type(e) for e in events] == [SpeechStart, Pause, SpeechEnd] * 2
    ends = [e for e in events if isinstance(e, SpeechEnd)]
    starts_s = [e.start_sample / 16000 for e in ends]
    ends_s = [e.end_sample / 16000 for e in ends]
    assert starts_s == pytest.approx([0.6, 1.7], abs=0.005)
    assert ends_s == pytest.approx([1.1, 2.2], abs=0.005)


def test_endpointer_resumes_after_a_short_pause() -> None:
    tone = np.sin(np.arange(3200))
    samples = np.concatenate([tone, np.zeros(3200), tone])
    endpointer = session("endpoint")
    events = [*endpointer.feed(Audio(samples, 16000)), *endpointer.flush()]
    assert [type(e) for e in events] == [SpeechStart, Pause, Resume, SpeechEnd]
    assert events[-1].reason == "end of input"


def test_streaming_recognizer_shows_more_and_more_words() -> None:
    recognizer = session("recognizer", "fake-streaming", script=("one two three",))
    recognizer.begin(16000)
    partials = [recognizer.feed(Audio(np.ones(1600), 16000)) for _ in range(5)]
    assert [p.text for p in partials if p] == ["one", "one two", "one two three"]
    assert recognizer.finish().text == "one two three"


def test_silence_is_recognised_as_nothing_and_measured_as_missing() -> None:
    silence = Audio(np.zeros(16000), 16000)
    assert session("recognizer").recognize(silence).text == ""
    measured = session("features").extract(Utterance("user", "", silence), {})
    assert {name for name, m in measured.items() if m.value is None} == {"pitch_mean", "intensity_mean", "rate"}


def test_loudspeaker_plays_at_the_pace_of_its_clock() -> None:
    now = 100.0
    loudspeaker = Loudspeaker(AudioOutOptions(speed=2.0), Setup(), clock=lambda: now).session(0)
    loudspeaker.begin(1000, 0.0)
    loudspeaker.play(Audio(np.ones(1000), 1000))
    assert loudspeaker.pending_s() == pytest.approx(1.0)
    now += 0.25
    assert loudspeaker.pending_s() == pytest.approx(0.5)
    assert loudspeaker.stop() == 500
    now += 10
    assert loudspeaker.pending_s() == 0
    assert loudspeaker.heard == [500]


def test_without_speed_everything_is_heard_at_once() -> None:
    loudspeaker = session("audio_out")
    loudspeaker.begin(1000, 0.0)
    loudspeaker.play(Audio(np.ones(300), 1000))
    loudspeaker.play(Audio(np.ones(200), 1000))
    assert loudspeaker.pending_s() == 0
    assert loudspeaker.stop() == 500


# -- faults -----------------------------------------------------------------------------------------------------------


def test_a_fake_raises_at_the_call_that_was_chosen_and_at_no_other() -> None:
    echo = session("responder", fault="raise", fault_at=1)
    assert echo.respond(Exchange(0, "a")).text == "a"
    with pytest.raises(InjectedError):
        echo.respond(Exchange(1, "b"))
    assert echo.respond(Exchange(2, "c")).text == "c"


def test_calls_are_counted_in_each_session() -> None:
    chosen = provider("responder")
    component = chosen.open(chosen.options_class()(fault="garbage", fault_at=1), Setup())
    for talk in (component.session(0), component.session(0)):
        assert talk.respond(Exchange(0, "a")).text == "a"
        assert talk.respond(Exchange(1, "b")) == Garbage()


def test_faults_can_last_and_can_be_kept_to_one_method() -> None:
    strategy = session("strategy", fault="raise", fault_in="propose", fault_calls=2)
    assert strategy.realised(None) is None
    for _ in range(2):
        with pytest.raises(InjectedError):
            strategy.propose(Reply("x"))
    assert strategy.propose(Reply("x")).values == {}


def test_a_stream_fails_between_two_pieces() -> None:
    pieces = session("synthesizer", "fake-streaming", fault="raise", fault_at=1).stream(SpeechRequest("one two three"))
    assert next(pieces).audio is not None
    with pytest.raises(InjectedError):
        next(pieces)


@pytest.mark.parametrize("where", ["open", "session"])
def test_a_fake_can_fail_before_its_first_call(where: str) -> None:
    with pytest.raises(InjectedError):
        session("recognizer", fault="raise", fault_in=where)


def test_a_hanging_call_answers_in_the_end() -> None:
    assert session("responder", fault="hang", hang_s=0.01).respond(Exchange(0, "a")).text == "a"


def test_a_fake_ends_no_process_that_is_not_a_worker() -> None:
    with pytest.raises(RuntimeError, match="worker process"):
        session("responder", fault="die").respond(Exchange(0, "a"))


def test_a_fake_ends_its_worker_process_and_is_started_again() -> None:
    chosen = provider("responder", "fake-process")
    component = RemoteComponent("responder", chosen, chosen.options_class()(fault="die", fault_at=1), Setup())
    try:
        talk = component.session(0)
        assert talk.respond(Exchange(0, "a")).text == "a"
        with pytest.raises(StageDied, match=str(EXIT_STATUS)):
            talk.respond(Exchange(1, "b"))
        assert talk.respond(Exchange(2, "c")).text == "c"
    finally:
        component.close()


def test_every_fake_takes_faults() -> None:
    for registered in FAKES.registered():
        if registered.distribution == "fakes":
            assert issubclass(registered.provider.options_class(), FakeOptions)
