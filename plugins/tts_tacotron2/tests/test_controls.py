"""The scale of controls."""

from __future__ import annotations

import math

import pytest
from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, RATE
from antiphon_tts_tacotron2.controls import (
    CONTROLLED,
    ControlScale,
    ExpectedDuration,
    control_vector,
    count_syllables,
    fit_expected_duration,
)
from antiphon_tts_tacotron2.text.front_end import FrontEnd
from hypothesis import given
from hypothesis import strategies as st

PITCH = ControlScale("pitch_mean", math.log(200.0), 0.1, math.log(210.0), 0.05)
INTENSITY = ControlScale("intensity_mean", 65.0, 2.0, 66.0, 1.5)
PACE = ControlScale("rate", 0.0, 0.15, math.log(4.2), 0.16)
SCALES = (PITCH, INTENSITY, PACE)
EXPECTED = ExpectedDuration(0.2, dict.fromkeys(FrontEnd().symbols, 0.08))
SYMBOLS = FrontEnd().read("The birds sang in the early morning.")


def vector(**wanted: float) -> list[float]:
    return list(control_vector(SCALES, wanted, SYMBOLS, EXPECTED))


def test_what_nobody_asks_for_is_the_median():
    assert vector() == [0.0, 0.0, 0.0]


def test_one_is_three_standard_deviations():
    assert vector(pitch_mean=200.0 * math.exp(0.1))[0] == pytest.approx(1 / 3)
    assert vector(pitch_mean=200.0 * math.exp(0.3))[0] == pytest.approx(1.0)
    assert vector(intensity_mean=62.0)[1] == pytest.approx(-0.5)


def test_beyond_the_limits_is_clipped():
    assert vector(pitch_mean=900.0, intensity_mean=10.0)[:2] == [1.0, -1.0]


@given(st.floats(-1.0, 1.0))
def test_unscaled_is_the_inverse(c):
    assert PITCH.scaled(PITCH.unscaled(c)) == pytest.approx(c)


def test_syllables_are_counted_by_vowels():
    assert count_syllables(SYMBOLS) == 9  # the-birds-sang-in-the-ear-ly-morn-ing
    assert count_syllables(()) == 1


def test_rate_is_the_duration_that_has_so_many_syllables_a_second():
    usual = count_syllables(SYMBOLS) / EXPECTED.of(SYMBOLS)
    assert vector(rate=usual)[2] == pytest.approx(0.0, abs=1e-6)
    assert vector(rate=usual * math.exp(0.45))[2] == pytest.approx(1.0)
    assert vector(rate=usual * math.exp(-0.15))[2] == pytest.approx(-1 / 3)


def test_a_faster_voice_is_asked_for_more():
    assert vector(rate=3.0)[2] < vector(rate=4.0)[2] < vector(rate=5.0)[2]


def test_expected_duration_finds_the_times_of_symbols():
    times = {"AA1": 0.15, "T": 0.05, ",": 0.3}
    texts = [("AA1",) * a + ("T",) * t + (",",) * c for a in range(1, 7) for t in range(6) for c in range(3)]
    durations = [0.25 + sum(times[symbol] for symbol in text) for text in texts]
    fitted = fit_expected_duration(texts, durations, ridge=1e-6)
    assert fitted.constant_s == pytest.approx(0.25, abs=1e-3)
    assert fitted.by_symbol_s == pytest.approx(times, abs=1e-3)


def test_a_symbol_that_was_seen_once_stays_near_the_others():
    texts = [("AA1", "T") * n for n in range(1, 30)] + [("AA1", "ZH")]
    fitted = fit_expected_duration(texts, [0.2 * len(text) for text in texts[:-1]] + [9.0])
    assert fitted.by_symbol_s["ZH"] < 1.0


def test_expected_duration_is_never_absurd():
    assert ExpectedDuration(-5.0, {"AA1": -1.0}).of(("AA1", "T")) == pytest.approx(0.06)


def test_all_seven_features_can_be_controlled_in_their_log_domain():
    assert set(CONTROLLED) >= {PITCH_MEAN.name, INTENSITY_MEAN.name, RATE.name}
    assert len(CONTROLLED) == 7
