"""Suites of the user's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import pytest

from antiphon.features import PROSODY, Measurement, missing
from antiphon.payloads import Audio, Pause, Resume, SpeechEnd, SpeechStart, Typed, Utterance, Word
from antiphon.provider import Provider
from antiphon.stages import PausingRecognizer
from antiphon.testing.conformance.calls import Call, call, results, same
from antiphon.testing.conformance.checks import check_measurements, check_transcript
from antiphon.testing.conformance.inputs import ODD_TEXTS, chunks, joined, measurements, odd_audio, silence, speechlike
from antiphon.testing.conformance.suite import Conversation, Suite


class SpeechSuite(Suite):
    """Stages that are given the user's speech."""

    @pytest.fixture
    def speech(self) -> Audio:
        """An utterance without silence around it; override it where only real speech will do."""
        return speechlike()


class AudioInSuite(Suite):
    """Sources of the user's side.

    Attributes:
        reads: how many chunks, or typed turns, of the source are read.
    """

    stage = "audio_in"
    reads: ClassVar[int] = 200

    @pytest.fixture
    def conversations(self) -> tuple[Conversation, Conversation]:
        return [call("read")] * self.reads, [call("read")] * self.reads

    def check(self, one: Call, result: Any) -> None:
        assert result is None or isinstance(result, Audio | Typed), f"read() returned {result!r}"

    def test_audio_is_contiguous_and_its_rate_constant(self, component: Any) -> None:
        chunks = [one for one in results(component.session(0), [call("read")] * self.reads) if isinstance(one, Audio)]
        if chunks:
            assert chunks[0].start_sample == 0, "the first chunk starts at sample 0"
        for before, after in pairwise(chunks):
            assert after.start_sample == before.end_sample, "a chunk does not start where the one before it ended"
            assert after.sample_rate == before.sample_rate, "the sample rate changes"
            assert 0.01 - 1e-9 <= before.duration_s <= 0.1 + 1e-9, f"a chunk lasts {before.duration_s} s"

    def test_typed_turns_are_announced(self, provider: Provider, component: Any) -> None:
        delivered = results(component.session(0), [call("read")] * self.reads)
        typed = any(isinstance(one, Typed) for one in delivered)
        assert not typed or "text" in provider.capabilities, 'typed turns need the capability "text"'

    def test_after_the_end_there_is_nothing(self, component: Any) -> None:
        delivered = results(component.session(0), [call("read")] * self.reads)
        if None in delivered:
            assert set(map(type, delivered[delivered.index(None) :])) == {type(None)}, "it goes on after its end"


class EndpointerSuite(SpeechSuite):
    """Endpointers."""

    stage = "endpoint"

    @pytest.fixture
    def conversations(self, speech: Audio) -> tuple[Conversation, Conversation]:
        rate = speech.sample_rate
        half = speech.between(0, len(speech.samples) // 2)
        first = joined(silence(0.5, rate), speech, silence(1.5, rate), half, silence(1.5, rate))
        second = joined(silence(1.0, rate), half, silence(0.2, rate), speech)
        return _fed(first), _fed(second)

    @pytest.fixture
    def odd(self, speech: Audio) -> Mapping[str, Conversation]:
        other_rate = Audio(speech.samples, speech.sample_rate * 2, speech.end_sample)
        return {
            **{label: _fed(audio) for label, audio in odd_audio().items()},
            "one huge chunk": [call("feed", joined(speech, silence(3, speech.sample_rate))), call("flush")],
            "chunks of one millisecond": _fed(speech, 0.001),
            "an empty chunk": [call("feed", speech.between(0, 0)), *_fed(speech)],
            "a rate that changes": [call("feed", speech), call("feed", other_rate), call("flush")],
            "flush first": [call("flush"), *_fed(speech)],
            "flush twice": [*_fed(speech), call("flush")],
        }

    def check(self, one: Call, result: Any) -> None:
        assert isinstance(result, Sequence), f"{one.method}() returned {result!r}"
        for event in result:
            assert isinstance(event, SpeechStart | Pause | Resume | SpeechEnd), f"{event!r} is no event"

    def test_events_follow_one_another(self, component: Any, conversations: tuple[Conversation, Conversation]) -> None:
        speaking, silent = (Pause, SpeechEnd), (SpeechStart,)
        follows: dict[Any, tuple[type, ...]] = {None: silent, SpeechStart: speaking, Pause: (Resume, SpeechEnd)}
        follows |= {Resume: speaking, SpeechEnd: silent}
        for calls in conversations:
            fed = max(one.arguments[0].end_sample for one in calls if one.arguments)
            before: Any = None
            for event in _events(component, calls):
                assert type(event) in follows[before], f"{event} cannot come after {before}"
                if isinstance(event, SpeechEnd):
                    assert 0 <= event.start_sample < event.end_sample <= fed, f"{event} lies outside the audio"
                else:
                    assert 0 <= event.at_sample <= fed, f"{event} lies outside the audio"
                before = type(event)
            assert before in (None, SpeechEnd), "speech is still under way after flush()"

    def test_speech_is_found(self, component: Any, speech: Audio) -> None:
        rate, lead_s = speech.sample_rate, 1.0
        audio = joined(silence(lead_s, rate), speech, silence(3.0, rate))
        start, end = round(lead_s * rate), round(lead_s * rate) + len(speech.samples)
        ends = [e for e in _events(component, _fed(audio)) if isinstance(e, SpeechEnd)]
        found = sum(max(0, min(e.end_sample, end) - max(e.start_sample, start)) for e in ends)
        assert found >= 0.5 * len(speech.samples), f"of speech from {start} to {end} it found only {ends}"
        assert all(e.end_sample > start and e.start_sample < end for e in ends), f"it found speech in silence: {ends}"

    def test_silence_is_no_speech(self, component: Any) -> None:
        assert not _events(component, _fed(silence(3)))

    def test_end_of_input_ends_the_speech(self, component: Any, speech: Audio) -> None:
        events = _events(component, _fed(joined(silence(1, speech.sample_rate), speech)))
        assert events, "speech up to the end of the input was not found"
        assert isinstance(events[-1], SpeechEnd), f"the last event is {events[-1]}"


def _fed(audio: Audio, chunk_s: float = 0.02) -> list[Call]:
    return [*(call("feed", chunk) for chunk in chunks(audio, chunk_s)), call("flush")]


def _events(component: Any, calls: Conversation) -> list[Any]:
    return [event for events in results(component.session(0), calls) for event in events]


class RecognizerSuite(SpeechSuite):
    """Recognisers, plain and streaming."""

    stage = "recognizer"

    @pytest.fixture
    def streaming(self, provider: Provider) -> bool:
        return "streaming" in provider.capabilities

    @pytest.fixture
    def conversations(self, speech: Audio, streaming: bool) -> tuple[Conversation, Conversation]:
        part = speech.between(0, len(speech.samples) * 2 // 3)
        quiet = Audio(speech.samples / 3, speech.sample_rate)
        return (
            [*_heard(speech, streaming), *_heard(part, streaming)],
            [*_heard(quiet, streaming), *_heard(speech, streaming)],
        )

    @pytest.fixture
    def odd(self, speech: Audio, streaming: bool) -> Mapping[str, Conversation]:
        odd = {label: _heard(audio, streaming) for label, audio in odd_audio().items()}
        if not streaming:
            return odd
        begin, feed = call("begin", speech.sample_rate), call("feed", speech)
        finish, cancel = call("finish"), call("cancel")
        return {
            **odd,
            "nothing fed": [begin, finish],
            "an empty chunk": [begin, call("feed", speech.between(0, 0)), feed, finish],
            "one huge chunk": [begin, feed, finish],
            "feed before begin": [feed, finish],
            "finish before begin": [finish],
            "begin twice": [begin, feed, begin, feed, finish],
            "finish twice": [begin, feed, finish, finish],
            "cancel before begin": [cancel, begin, feed, finish],
            "cancel twice": [begin, feed, cancel, cancel, begin, feed, finish],
        }

    def check(self, one: Call, result: Any) -> None:
        if one.method == "recognize":
            check_transcript(result, one.arguments[0].duration_s)
        elif one.method == "finish" or result is not None:
            assert one.method in ("feed", "finish"), f"{one.method}() returned {result!r}"
            check_transcript(result, None)

    def test_words_lie_within_the_turn(self, component: Any, speech: Audio, streaming: bool) -> None:
        transcript = results(component.session(0), _heard(speech, streaming))[-1]
        check_transcript(transcript, speech.duration_s)

    def test_a_cancelled_turn_is_forgotten(self, component: Any, speech: Audio, streaming: bool) -> None:
        if not streaming:
            pytest.skip("recognises whole turns")
        session = component.session(0)
        results(session, _heard(speech, streaming)[:-1])
        session.cancel()
        session.begin(speech.sample_rate)
        assert session.finish().text == "", "words of a cancelled turn came back"
        results(session, _heard(speech, streaming)[:-1])
        check_transcript(session.finish(), speech.duration_s)

    def test_pauses_change_nothing(self, provider: Provider, component: Any, speech: Audio) -> None:
        if "pauses" not in provider.capabilities:
            pytest.skip("is not told of pauses")
        middle = len(speech.samples) // 2
        session = component.session(0)
        assert isinstance(session, PausingRecognizer), 'the capability "pauses" needs pause() and resume()'
        session.begin(speech.sample_rate)
        session.feed(speech.between(0, middle))
        session.pause()
        session.resume()
        session.feed(speech.between(middle, len(speech.samples)))
        session.pause()
        check_transcript(session.finish(), speech.duration_s)
        heard = results(component.session(0), _heard(speech, streaming=True))[-1]
        session = component.session(0)
        results(session, _heard(speech, streaming=True)[:-1])
        session.pause()
        session.resume()
        assert same(session.finish(), heard), "a pause that was none changed the words"


def _heard(audio: Audio, streaming: bool) -> list[Call]:
    if not streaming:
        return [call("recognize", audio)]
    return [
        call("begin", audio.sample_rate),
        *(call("feed", chunk) for chunk in chunks(audio, 0.1)),
        call("finish"),
    ]


class FeaturesSuite(SpeechSuite):
    """Feature extractors."""

    stage = "features"

    @pytest.fixture
    def known(self, provider: Provider, chosen: Any) -> Mapping[str, Measurement]:
        """What earlier extractors measured: whatever it reads."""
        return measurements({spec.name: spec for spec in provider.reads_with(chosen)}, 0)

    @pytest.fixture
    def writes(self, provider: Provider, chosen: Any) -> Sequence[str]:
        """The features it says that it writes."""
        return [spec.name for spec in provider.writes_with(chosen)]

    @pytest.fixture
    def conversations(self, speech: Audio, known: Mapping[str, Measurement]) -> tuple[Conversation, Conversation]:
        words = (Word("good", 0.1, 0.4, 0.9), Word("morning", 0.4, speech.duration_s))
        part = speech.between(0, len(speech.samples) // 2)
        return (
            [
                call("extract", Utterance("user", "good morning", speech, words), known),
                call("extract", Utterance("agent", "and how are you?", part), known),
            ],
            [
                call("extract", Utterance("user", "good", part, words[:1]), known),
                call("extract", Utterance("agent", "good morning to you", speech), known),
            ],
        )

    @pytest.fixture
    def odd(self, speech: Audio, known: Mapping[str, Measurement]) -> Mapping[str, Conversation]:
        unknown = missing(known, "not measured")
        other = measurements({spec.name: spec for spec in PROSODY}, 0)
        return {
            **{f"audio: {label}": [_measured("one two", audio, known)] for label, audio in odd_audio().items()},
            **{f"text: {label}": [_measured(text, speech, known)] for label, text in ODD_TEXTS.items()},
            "a typed turn": [_measured("typed", None, known)],
            "nothing at all": [_measured("", None, {})],
            "nothing known": [_measured("one two", speech, {})],
            "all known missing": [_measured("one two", speech, unknown)],
            "others known": [_measured("one two", speech, {**other, **known})],
            "words behind the audio": [
                call("extract", Utterance("user", "late", speech, (Word("late", 90.0, 91.0),)), known)
            ],
        }

    @pytest.fixture(autouse=True)
    def _remember_what_is_written(self, writes: Sequence[str]) -> None:
        self._writes = writes

    def check(self, one: Call, result: Any) -> None:
        check_measurements(result, self._writes)

    def test_speech_can_be_measured(self, component: Any, conversations: tuple[Conversation, Conversation]) -> None:
        measured = conversations[0][0].on(component.session(0))
        reasons = {name: m.reason for name, m in measured.items()}
        assert any(m.value is not None for m in measured.values()), f"of speech nothing was measured: {reasons}"

    def test_silence_gives_reasons_not_zeros(self, component: Any, known: Mapping[str, Measurement]) -> None:
        measured = _measured("", silence(1), known).on(component.session(0))
        zeros = [name for name, m in measured.items() if m.value == 0 and not name.startswith("duration")]
        assert not zeros, f"{zeros} are 0 in silence; what cannot be measured is Measurement(None, reason)"


def _measured(text: str, audio: Audio | None, known: Mapping[str, Measurement]) -> Call:
    return call("extract", Utterance("user", text, audio), known)
