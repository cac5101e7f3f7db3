"""Where turns begin and end on the clock of the input."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import soxr
from antiphon.payloads import Audio, EndpointEvent, Pause, Resume, SpeechEnd, SpeechStart
from antiphon.stages import Setup
from antiphon.testing.conformance.inputs import chunks, joined, silence
from antiphon_asr_sphinx.endpointer import SphinxEndpointer
from antiphon_asr_sphinx.options import EndpointerOptions


def events(
    audio: Audio, options: EndpointerOptions | None = None, chunk_s: float = 0.03, origin: int = 0
) -> list[EndpointEvent]:
    session = SphinxEndpointer(options or EndpointerOptions(), Setup()).session(0)
    shifted = Audio(audio.samples, audio.sample_rate, origin)
    return [e for chunk in chunks(shifted, chunk_s) for e in session.feed(chunk)] + list(session.flush())


def turns(found: list[EndpointEvent]) -> list[SpeechEnd]:
    return [event for event in found if isinstance(event, SpeechEnd)]


def room(seconds: float, rate: int = 22050) -> Audio:
    """The silence of a room: faint noise."""
    return Audio(np.random.default_rng(0).normal(0, 3e-4, round(seconds * rate)), rate)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
def test_bounds_on_the_inputs_clock(digits: Audio, rate: int) -> None:
    spoken = Audio(soxr.resample(digits.samples, digits.sample_rate, rate), rate)
    origin = 12345
    (turn,) = turns(events(joined(room(1, rate), spoken, room(1.5, rate)), origin=origin))
    assert (turn.start_sample - origin) / rate == pytest.approx(1, abs=0.15)
    assert (turn.end_sample - origin) / rate == pytest.approx(1 + digits.duration_s, abs=0.15)


def test_chunks_of_any_size_give_the_same(digits: Audio) -> None:
    audio = joined(room(0.5), digits, room(0.7), digits)
    assert len({repr(events(audio, chunk_s=size)) for size in (0.0013, 0.03, 0.1, 60)}) == 1


def test_silence_s_is_what_ends_a_turn(digits: Audio) -> None:
    audio = joined(room(0.5), digits, room(0.8), digits, room(2))
    apart = events(audio, EndpointerOptions(silence_s=0.5))
    together = events(audio, EndpointerOptions(silence_s=1.2))
    assert len(turns(apart)) == 2
    (turn,) = turns(together)
    assert turn.reason == "silence"
    assert [Pause, Resume] == [type(e) for e in together if isinstance(e, Pause | Resume)][:2]
    assert turn.end_sample == turns(apart)[1].end_sample


def test_short_sounds_are_passed_over(digits: Audio) -> None:
    audio = joined(room(0.5), digits.between(0, round(0.3 * digits.sample_rate)), room(1), digits, room(1))
    assert len(turns(events(audio))) == 2
    assert len(turns(events(audio, EndpointerOptions(min_speech_s=0.6)))) == 1


def test_a_turn_too_long_is_cut_and_the_next_follows_directly(digits: Audio) -> None:
    rate = digits.sample_rate
    audio = joined(room(0.5), digits, digits, digits, room(1))
    found = turns(events(audio, EndpointerOptions(max_turn_s=1.0)))
    assert len(found) >= 3
    assert found[0].end_sample - found[0].start_sample == rate
    assert found[0].reason == "too long"
    assert found[1].start_sample == found[0].end_sample
    assert found[-1].reason == "silence"


def test_the_end_of_the_input_ends_the_turn_where_speech_ended(digits: Audio) -> None:
    rate = digits.sample_rate
    (turn,) = turns(events(joined(room(0.5), digits, room(0.1))))
    assert turn.reason == "end of input"
    assert turn.end_sample / rate == pytest.approx(0.5 + digits.duration_s, abs=0.15)


@pytest.mark.parametrize("audio", [silence(3, 16000), room(3), Audio(np.zeros(0), 16000), Audio(np.zeros(1), 96000)])
def test_no_speech_no_events(audio: Audio) -> None:
    assert events(audio) == []


def test_strictness_moves_the_bounds_inwards(digits: Audio) -> None:
    audio = joined(room(1), digits, room(1.5))
    spans = [turns(events(audio, EndpointerOptions(mode=mode)))[0] for mode in ("loose", "medium-strict", "strict")]
    lengths = [span.end_sample - span.start_sample for span in spans]
    assert all(a >= b for a, b in pairwise(lengths))
    assert lengths[0] > lengths[2]


@pytest.mark.data
def test_human_speech(sentence: Audio) -> None:
    found = events(joined(room(1), sentence, room(1)))
    assert [type(e) for e in found] == [SpeechStart, Pause, SpeechEnd]
    (turn,) = turns(found)
    rate = sentence.sample_rate
    assert 1.0 <= turn.start_sample / rate <= 1.2
    assert 0.9 + sentence.duration_s - 0.1 <= turn.end_sample / rate <= 1.1 + sentence.duration_s


def test_pause_is_no_longer_than_silence() -> None:
    with pytest.raises(ValueError, match="silence_s"):
        EndpointerOptions(silence_s=0.1)
