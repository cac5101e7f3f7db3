"""The queue behind the speaker: nothing is lost, doubled or miscounted, however it is cut."""

import numpy as np
import pytest
import soxr
from antiphon.payloads import Samples
from antiphon_audio_sr.playback import Playback
from hypothesis import given
from hypothesis import strategies as st

RATE = 1000
LENGTHS = st.lists(st.integers(0, 400), max_size=12)
BLOCKS = st.lists(st.integers(1, 300), min_size=1, max_size=30)


def filled(playback: Playback, count: int, heard_at: float) -> Samples:
    out = np.full(count, np.nan, np.float32)
    playback.fill(out, heard_at)
    return out


@given(LENGTHS, BLOCKS)
def test_plays_what_was_added_and_then_silence(lengths: list[int], blocks: list[int]) -> None:
    playback = Playback(RATE, RATE)
    added = np.arange(1, sum(lengths) + 1, dtype=np.float32)
    for piece in np.split(added, np.cumsum(lengths)[:-1]) if lengths else []:
        playback.add(piece)
    played = np.concatenate([filled(playback, count, 0.0) for count in blocks])
    expected = np.zeros(max(len(added), len(played)), np.float32)
    expected[: len(added)] = added
    assert np.array_equal(played, expected[: len(played)])
    assert playback.waiting_s == pytest.approx(max(0, len(added) - len(played)) / RATE)


@given(LENGTHS, BLOCKS, st.floats(-1, 10))
def test_heard_and_pending_add_up_to_what_was_added(lengths: list[int], blocks: list[int], now: float) -> None:
    playback = Playback(RATE, RATE)
    at = 0.0
    rest = list(lengths)
    for count in blocks:  # as the device takes it, block after block, while more is added
        if rest:
            playback.add(np.ones(rest.pop(0), np.float32))
        filled(playback, count, at)
        at += count / RATE
    added = sum(lengths) - sum(rest)
    heard = playback.heard(now)
    assert 0 <= heard <= added
    assert playback.heard(float("inf")) == added - round(playback.waiting_s * RATE)
    assert playback.heard(now + 0.1) >= heard
    if not playback.gaps and now >= 0:  # without silence in between, what is not heard yet is pending
        assert heard / RATE + playback.pending_s(now) == pytest.approx(added / RATE, abs=2 / RATE)


def test_heard_counts_to_the_sample_within_a_block() -> None:
    playback = Playback(RATE, RATE)
    playback.add(np.ones(150, np.float32))
    filled(playback, 100, 2.0)
    filled(playback, 100, 2.1)
    times = (1.9, 2.0, 2.03, 2.1, 2.149, 2.15, 2.2)
    assert [playback.heard(now) for now in times] == [0, 0, 30, 100, 149, 150, 150]
    assert [round(playback.pending_s(now), 3) for now in times] == [0.25, 0.15, 0.12, 0.05, 0.001, 0, 0]


def test_silence_within_an_utterance_is_counted_once_and_not_heard() -> None:
    playback = Playback(RATE, RATE)
    playback.add(np.ones(50, np.float32))
    for block in range(3):
        filled(playback, 100, 0.1 * block)
    assert playback.gaps == 0  # it may have been the end
    playback.add(np.ones(50, np.float32))
    filled(playback, 100, 0.3)
    assert playback.gaps == 1
    assert playback.heard(0.3) == 50
    assert playback.heard(9.0) == 100


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 96_000])
@given(lengths=st.lists(st.integers(1, 5000), min_size=1, max_size=6))
def test_conversion_keeps_length_and_sound(rate: int, lengths: list[int]) -> None:
    device_rate = 48_000
    playback = Playback(rate, device_rate)
    whole = np.sin(2 * np.pi * 440 * np.arange(sum(lengths)) / rate).astype(np.float32)
    for piece in np.split(whole, np.cumsum(lengths)[:-1]):
        playback.add(piece)
    playback.flush()
    played = filled(playback, round(playback.waiting_s * device_rate), 0.0)
    expected = soxr.resample(whole, rate, device_rate)
    assert len(played) == pytest.approx(len(whole) * device_rate / rate, abs=2)
    common = min(len(played), len(expected))
    assert np.allclose(played[:common], expected[:common], atol=1e-3)
    assert playback.heard(float("inf")) == pytest.approx(len(whole), abs=2)
    assert playback.heard(float("inf")) <= len(whole)
