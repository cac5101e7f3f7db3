"""Speaking rate: syllables per second, or the reason why there is none."""

from __future__ import annotations

import pytest
from antiphon.features import DURATION, RATE, Measurement
from antiphon.options import NoOptions
from antiphon.payloads import Utterance
from antiphon.stages import Setup
from antiphon_asr_sphinx.rate import SpeakingRate


def rate(text: str, duration: Measurement | None) -> Measurement:
    known = {} if duration is None else {DURATION.name: duration}
    measured = SpeakingRate(NoOptions(), Setup()).session(0).extract(Utterance("user", text), known)
    assert measured.keys() == {RATE.name}
    return measured[RATE.name]


def test_syllables_per_second() -> None:
    assert rate("good morning to you", Measurement(2.0)) == Measurement(2.5)


def test_faster_speech_has_a_higher_rate() -> None:
    fast, slow = (rate("good morning", Measurement(seconds)).value for seconds in (0.5, 1.0))
    assert fast == 2 * slow


@pytest.mark.parametrize(
    ("text", "duration", "reason"),
    [
        ("", Measurement(1.0), "no text"),
        ("  ", Measurement(1.0), "no text"),
        ("[noise] ((", Measurement(1.0), "no syllables"),
        ("hello", None, "no duration"),
        ("hello", Measurement(None, "typed turn"), "typed turn"),
        ("hello", Measurement(0.0), "0 s"),
    ],
)
def test_missing_with_a_reason(text: str, duration: Measurement | None, reason: str) -> None:
    measured = rate(text, duration)
    assert measured.value is None
    assert reason in (measured.reason or "")
