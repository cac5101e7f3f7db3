"""Turns made of any sequence of speech and silence that a detector may report."""

from __future__ import annotations

from antiphon.payloads import EndpointEvent, Pause, Resume, SpeechEnd, SpeechStart
from antiphon_asr_sphinx.options import EndpointerOptions
from antiphon_asr_sphinx.turns import TurnFinder
from hypothesis import given
from hypothesis import strategies as st

RATE = 1000
STEP_S = 0.01
DELAY_S = 0.18  # the detector reports a change so much later

STRETCHES = st.lists(st.integers(20, 400), min_size=1, max_size=12)
OPTIONS = st.builds(
    EndpointerOptions,
    silence_s=st.floats(0.25, 1.5),
    min_speech_s=st.floats(0, 1),
    max_turn_s=st.floats(1, 5),
)


def follow(options: EndpointerOptions, stretches: list[int]) -> list[EndpointEvent]:
    finder = TurnFinder(options, RATE, 0)
    found: list[EndpointEvent] = []
    now, changed = 0.0, 0.0
    for number, steps in enumerate(stretches):
        speaking = number % 2 == 1
        changed = max(0.0, now - DELAY_S)
        for _ in range(steps):
            now += STEP_S
            finder.received(round(STEP_S * RATE))
            found += finder.step(now, speaking, changed)
    return found + list(finder.flush(max(changed, now - DELAY_S)))


@given(OPTIONS, STRETCHES)
def test_events_follow_one_another(options: EndpointerOptions, stretches: list[int]) -> None:
    may_follow: dict[type | None, tuple[type, ...]] = {
        None: (SpeechStart,),
        SpeechStart: (Pause, SpeechEnd),
        Pause: (Resume, SpeechEnd),
        Resume: (Pause, SpeechEnd),
        SpeechEnd: (SpeechStart,),
    }
    last: type | None = None
    for event in follow(options, stretches):
        assert isinstance(event, may_follow[last])
        last = type(event)
    assert last in (None, SpeechEnd)


@given(OPTIONS, STRETCHES)
def test_turns_are_in_order_and_within_their_limits(options: EndpointerOptions, stretches: list[int]) -> None:
    end = 0
    for event in follow(options, stretches):
        if isinstance(event, SpeechStart):
            start = event.at_sample
            assert start >= end
        if isinstance(event, SpeechEnd):
            assert event.start_sample == start
            assert start < event.end_sample <= sum(stretches) * STEP_S * RATE + 1
            assert event.end_sample - start <= options.max_turn_s * RATE + 1
            end = event.end_sample
