"""The energy endpointer, on signals whose bounds are known and on real speech in noise."""

import csv
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from antiphon.audio_files import read_audio
from antiphon.builtin.energy.endpointer import EnergyEndpointer, speech_span
from antiphon.builtin.energy.options import EnergyOptions
from antiphon.errors import AudioError
from antiphon.payloads import Audio, EndpointEvent, Pause, Resume, SpeechEnd, SpeechStart
from antiphon.stages import Setup
from hypothesis import given, settings
from hypothesis import strategies as st

RATE = 16_000


def noise(seconds: float, level_db: float, rate: int = RATE, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).normal(0, 10 ** (level_db / 20), round(seconds * rate))


def track(*parts: tuple[float, float], floor_db: float = -60.0, rate: int = RATE) -> Audio:
    """Noise of given (seconds, level in dB) one after another, above a floor of noise."""
    samples = np.concatenate([noise(s, level, rate, seed) for seed, (s, level) in enumerate(parts)])
    return Audio(samples + noise(len(samples) / rate, floor_db, rate, 99)[: len(samples)], rate)


QUIET = -200.0


def timed(audio: Audio, chunk: int = 480, **options: Any) -> list[tuple[EndpointEvent, int]]:
    """Every event, with the end of the chunk in which it became known."""
    session = EnergyEndpointer(EnergyOptions(**options), Setup()).session(0)
    events = []
    for start in range(audio.start_sample, audio.end_sample, chunk):
        part = audio.between(start, start + chunk)
        events += [(event, part.end_sample) for event in session.feed(part)]
    return events + [(event, audio.end_sample) for event in session.flush()]


def detect(audio: Audio, chunk: int = 480, **options: Any) -> list[EndpointEvent]:
    return [event for event, _ in timed(audio, chunk, **options)]


def kinds(events: list[EndpointEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def ends(events: list[EndpointEvent]) -> list[SpeechEnd]:
    return [event for event in events if isinstance(event, SpeechEnd)]


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_speech_is_bounded_at_any_rate(rate: int) -> None:
    events = detect(track((1.0, QUIET), (0.8, -25), (1.2, QUIET), rate=rate), chunk=round(0.03 * rate))
    assert kinds(events) == ["SpeechStart", "Pause", "SpeechEnd"]
    end = ends(events)[0]
    assert end.start_sample / rate == pytest.approx(1.0, abs=0.011)
    assert end.end_sample / rate == pytest.approx(1.8, abs=0.011)
    assert end.reason == "silence"


def test_start_is_known_within_60_ms_so_that_playback_can_stop() -> None:
    for offset in range(0, 160, 40):
        lead = 0.4 + offset / RATE
        event, known = timed(track((lead, QUIET), (0.2, -25)), chunk=40)[0]
        assert isinstance(event, SpeechStart)
        assert known / RATE - lead <= 0.06


def test_pause_and_end_come_when_their_time_has_come() -> None:
    events = {type(e): at / RATE for e, at in timed(track((1.0, QUIET), (0.8, -25), (1.2, QUIET)), chunk=160)}
    assert events[Pause] - 1.8 == pytest.approx(0.12, abs=0.011)
    assert events[SpeechEnd] - 1.8 == pytest.approx(0.5, abs=0.011)


def test_short_pause_does_not_end_the_turn() -> None:
    events = detect(track((1.0, QUIET), (0.5, -25), (0.3, QUIET), (0.5, -25), (1.0, QUIET)))
    assert kinds(events) == ["SpeechStart", "Pause", "Resume", "Pause", "SpeechEnd"]
    assert isinstance(events[2], Resume)
    assert events[1].at_sample / RATE == pytest.approx(1.5, abs=0.011)
    assert events[2].at_sample / RATE == pytest.approx(1.8, abs=0.011)
    assert ends(events)[0].end_sample / RATE == pytest.approx(2.3, abs=0.011)


def test_silence_length_decides_what_is_one_turn() -> None:
    audio = track((1.0, QUIET), (0.5, -25), (0.3, QUIET), (0.5, -25), (1.0, QUIET))
    assert len(ends(detect(audio, silence_s=0.2))) == 2
    assert len(ends(detect(audio, silence_s=0.4))) == 1


def test_long_turn_is_cut_and_goes_on_as_the_next() -> None:
    events = detect(track((1.0, QUIET), (2.5, -25), (1.0, QUIET)), max_turn_s=1.0)
    assert kinds(events) == [
        "SpeechStart",
        "SpeechEnd",
        "SpeechStart",
        "SpeechEnd",
        "SpeechStart",
        "Pause",
        "SpeechEnd",
    ]
    turns = ends(events)
    assert [turn.reason for turn in turns] == ["too long", "too long", "silence"]
    assert all(before.end_sample == after.start_sample for before, after in pairwise(turns))
    assert all((turn.end_sample - turn.start_sample) / RATE <= 1.0 + 1e-9 for turn in turns)
    assert turns[-1].end_sample / RATE == pytest.approx(3.5, abs=0.011)


@pytest.mark.parametrize("quiet_s", [0.995, 1.0, 1.005, 1.05, 1.1])
def test_speech_that_stops_where_it_is_cut_leaves_no_empty_turn(quiet_s: float) -> None:
    turns = ends(detect(track((1.0, QUIET), (quiet_s, -25), (1.0, QUIET)), max_turn_s=1.0))
    assert all(turn.end_sample > turn.start_sample for turn in turns)
    assert turns[-1].end_sample / RATE == pytest.approx(1.0 + quiet_s, abs=0.011)


def test_end_of_input_ends_the_speech_at_the_last_sample() -> None:
    audio = track((1.0, QUIET), (0.5037, -25))
    assert ends(detect(audio)) == [SpeechEnd(ends(detect(audio))[0].start_sample, audio.end_sample, "end of input")]


def test_session_can_go_on_behind_the_end_of_input() -> None:
    session = EnergyEndpointer(EnergyOptions(), Setup()).session(0)
    speech = track((1.0, QUIET), (0.5, -25), (0.2, QUIET))
    first = [*session.feed(speech), *session.flush()]
    more = Audio(track((1.0, QUIET), (0.5, -25), (1.0, QUIET)).samples, RATE, speech.end_sample)
    second = [*session.feed(more), *session.flush()]
    assert kinds(first) == kinds(second) == ["SpeechStart", "Pause", "SpeechEnd"]
    assert ends(second)[0].start_sample / RATE == pytest.approx(2.7, abs=0.011)


def test_indices_count_from_where_the_track_starts() -> None:
    audio = track((1.0, QUIET), (0.5, -25), (1.0, QUIET))
    moved = detect(Audio(audio.samples, RATE, 12_345))
    assert [e.start_sample - 12_345 for e in ends(moved)] == [e.start_sample for e in ends(detect(audio))]


BURSTS = track((0.6, QUIET), (0.4, -25), (0.2, QUIET), (0.02, -15), (0.1, QUIET), (0.3, -35), (0.7, QUIET), (0.5, -20))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3_000), max_size=40))
def test_events_do_not_depend_on_the_chunks(sizes: list[int]) -> None:
    session = EnergyEndpointer(EnergyOptions(), Setup()).session(0)
    events: list[EndpointEvent] = []
    start = 0
    for size in [*sizes, len(BURSTS.samples)]:
        events += session.feed(BURSTS.between(start, start + size))
        start = min(start + size, BURSTS.end_sample)
    assert [*events, *session.flush()] == WHOLE


WHOLE = detect(BURSTS, chunk=len(BURSTS.samples))


def test_chunk_invariance_is_tested_on_all_kinds_of_events() -> None:
    assert {"SpeechStart", "Pause", "Resume", "SpeechEnd"} == set(kinds(WHOLE))


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.zeros(3 * RATE), id="digital silence"),
        pytest.param(np.full(3 * RATE, 0.7), id="a constant"),
        pytest.param(noise(3, -60), id="a quiet room"),
        pytest.param(noise(3, -30), id="a loud steady noise"),
        pytest.param(0.3 + noise(3, -50), id="noise on an offset"),
        pytest.param(np.zeros(0), id="nothing"),
        pytest.param(np.ones(1), id="one sample"),
        pytest.param(0.5 * np.sin(2 * np.pi * 300 * np.arange(3 * RATE) / RATE), id="a steady tone"),
        pytest.param(1e-4 * np.sin(2 * np.pi * 300 * np.arange(3 * RATE) / RATE), id="hardly a sound"),
    ],
)
def test_what_is_no_speech_gives_no_events(samples: np.ndarray[Any, Any]) -> None:
    assert detect(Audio(samples, RATE)) == []


def test_click_is_no_speech() -> None:
    assert detect(track((1.0, QUIET), (0.02, -6), (1.0, QUIET))) == []


def test_click_in_a_pause_is_no_speech() -> None:
    events = detect(track((1.0, QUIET), (0.5, -25), (0.25, QUIET), (0.01, -6), (1.0, QUIET)))
    assert kinds(events) == ["SpeechStart", "Pause", "SpeechEnd"]
    assert ends(events)[0].end_sample / RATE == pytest.approx(1.5, abs=0.011)


def test_offset_of_the_sound_card_changes_nothing() -> None:
    audio = track((1.0, QUIET), (0.5, -25), (0.3, QUIET), (0.5, -25), (1.0, QUIET))
    assert detect(Audio(audio.samples + 0.5, RATE)) == detect(audio)


def test_clipped_speech_is_speech() -> None:
    audio = track((1.0, QUIET), (0.5, 10), (1.0, QUIET))
    turns = ends(detect(Audio(np.clip(audio.samples, -1, 1), RATE)))
    assert [(turn.start_sample, turn.end_sample) for turn in turns] == [(RATE, 3 * RATE // 2)]


def test_speech_at_the_very_beginning_is_heard() -> None:
    syllables = [(0.15, -22), (0.06, -45)] * 6
    turns = ends(detect(track(*syllables, (1.0, QUIET))))
    assert len(turns) == 1
    assert turns[0].start_sample <= 0.02 * RATE


def test_noise_that_stays_is_taken_for_background_after_a_while() -> None:
    events = detect(track((2.0, QUIET), (20.0, -30)), max_turn_s=60)
    assert ends(events)[0].reason == "silence"
    assert ends(events)[0].end_sample / RATE < 12


def test_long_speech_with_gaps_is_not_taken_for_background() -> None:
    syllables = [(0.2, -22), (0.05, -50)] * 80
    turns = ends(detect(track((1.0, QUIET), *syllables, (1.0, QUIET))))
    assert [turn.reason for turn in turns] == ["silence"]
    assert turns[0].end_sample / RATE == pytest.approx(21, abs=0.1)


def test_changing_rate_is_refused() -> None:
    session = EnergyEndpointer(EnergyOptions(), Setup()).session(0)
    session.feed(track((0.1, QUIET)))
    with pytest.raises(AudioError, match="from 16000 to 8000 Hz"):
        session.feed(track((0.1, QUIET), rate=8_000))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pause_s": 0.6}, "between 0 and silence_s"),
        ({"offset_db": 9.0}, "between 0 and onset_db"),
        ({"silence_s": 0.0}, ">"),
    ],
)
def test_contradicting_options_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EnergyOptions(**options)


def test_span_of_synthesised_speech() -> None:
    quiet = np.zeros(RATE // 2)
    speech = np.concatenate([noise(0.4, -20), np.zeros(RATE), noise(0.3, -20, seed=1)])
    assert speech_span(Audio(np.concatenate([quiet, speech, quiet]), RATE)) == (8_000, 8_000 + len(speech))
    assert speech_span(Audio(speech, RATE)) == (0, len(speech))
    assert speech_span(Audio(noise(0.15, -20), RATE)) == (0, 2_400)


@pytest.mark.parametrize("samples", [np.zeros(0), np.ones(1), np.zeros(RATE), np.full(RATE, 0.5)])
def test_span_of_silence_is_none(samples: np.ndarray[Any, Any]) -> None:
    assert speech_span(Audio(samples, RATE)) is None


# -- real speech ------------------------------------------------------------------------------------------------------


def sentences(folder: Path, count: int) -> list[Audio]:
    with (folder / "metadata.csv").open(encoding="utf-8") as table:
        ids = [row["id"] for row in csv.DictReader(table, delimiter="|")]
    chosen = np.random.default_rng(5).choice(len(ids), count, replace=False)
    return [read_audio(folder / "wavs" / f"{ids[index]}.flac") for index in chosen]


def loud_span(audio: Audio) -> tuple[int, int]:
    """An independent idea of the bounds: what lies within 30 dB of the loudest 5 ms."""
    size = audio.sample_rate // 200
    blocks = audio.samples[: len(audio.samples) // size * size].astype(np.float64).reshape(-1, size)
    levels = 10 * np.log10(blocks.var(axis=1) + 1e-12)
    loud = np.flatnonzero(levels > levels.max() - 30)
    return int(loud[0]) * size, int(loud[-1] + 1) * size


@pytest.mark.data
def test_real_sentences_in_noise_are_bounded_within_50_ms(kathleen: Path) -> None:
    errors = []
    for index, audio in enumerate(sentences(kathleen, 40)):
        rate = audio.sample_rate
        first, last = loud_span(audio)
        power_db = 10 * np.log10(np.mean(audio.samples[first:last].astype(np.float64) ** 2))
        samples = np.concatenate([np.zeros(rate), audio.samples, np.zeros(rate)])
        noisy = Audio(samples + noise(len(samples) / rate, power_db - 25, rate, index)[: len(samples)], rate)
        turns = ends(detect(noisy, chunk=661))
        assert len(turns) == 1
        errors.append((turns[0].start_sample - rate - first, turns[0].end_sample - rate - last))
    start_s, end_s = np.abs(np.array(errors)).T / rate
    assert np.median([start_s, end_s]) <= 0.02
    assert np.mean(start_s <= 0.05) >= 0.95
    assert np.mean(end_s <= 0.05) >= 0.9


@pytest.mark.data
def test_span_of_real_sentences(kathleen: Path) -> None:
    errors = []
    for audio in sentences(kathleen, 40):
        span = speech_span(audio)
        assert span is not None
        errors.append(np.subtract(span, loud_span(audio)) / audio.sample_rate)
    assert np.mean(np.abs(errors) <= 0.05) >= 0.9
