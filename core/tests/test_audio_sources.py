"""The user's side from files and from a simulated user."""

import itertools
import math
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from antiphon.audio_files import WavWriter, write_wav
from antiphon.builtin.audio.file_in import FileIn, FileInSession
from antiphon.builtin.audio.options import FileInOptions, ScriptLine
from antiphon.builtin.audio.pacing import Pacer
from antiphon.builtin.audio.simulated import SimulatedUser, request_for
from antiphon.discovery import Plugins
from antiphon.errors import AudioError, ProfileError
from antiphon.payloads import Audio, SpeechRequest
from antiphon.speaking import speak_all
from antiphon.stages import Setup
from antiphon.testing import plugin
from antiphon.testing.conformance.inputs import VOICE
from antiphon.testing.conformance.options import choose
from antiphon.testing.fakes.tone import level_db, pitch_hz

RATE = 16_000


class Clock:
    """A clock that only moves when somebody sleeps or works; sleeping takes a little longer than asked."""

    def __init__(self, oversleep_s: float = 0.0) -> None:
        self.now = 1000.0
        self._oversleep_s = oversleep_s

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds + self._oversleep_s


def noise(seconds: float, rate: int = RATE) -> Audio:
    return Audio(np.random.default_rng(0).normal(0, 0.1, round(seconds * rate)), rate)


def read_all(session: Any) -> list[Audio]:
    return list(iter(session.read, None))


@pytest.fixture
def track(tmp_path: Path) -> Path:
    path = tmp_path / "user.wav"
    write_wav(path, noise(10.005))
    return path


# -- file -------------------------------------------------------------------------------------------------------------


def test_file_is_delivered_whole_in_equal_chunks(track: Path) -> None:
    chunks = read_all(FileIn(FileInOptions(track), Setup()).session(0))
    assert {len(chunk.samples) for chunk in chunks[:-1]} == {480}
    assert [chunk.start_sample for chunk in chunks] == list(range(0, 160_080, 480))
    np.testing.assert_allclose(np.concatenate([c.samples for c in chunks]), noise(10.005).samples, atol=2**-15)


def test_long_file_is_not_held_in_memory(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "long.wav", RATE) as file:
        file.write_silence(60 * RATE)
    session = FileIn(FileInOptions(tmp_path / "long.wav", chunk_s=0.1), Setup()).session(0)
    tracemalloc.start()
    try:
        for _ in iter(session.read, None):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**18  # the whole takes 3.8 MB


def test_unusable_file_is_an_error_when_the_session_starts(tmp_path: Path) -> None:
    (tmp_path / "user.wav").write_bytes(b"RIFF")
    with pytest.raises(AudioError, match=r"user\.wav"):
        FileIn(FileInOptions(tmp_path / "user.wav"), Setup()).session(0)


def test_only_a_continuous_timeline_is_live(track: Path) -> None:
    assert not FileInOptions(track).live
    assert FileInOptions(track, timeline="continuous").live


def arrivals(path: Path, pacer: Pacer, clock: Clock, work_s: Iterator[float]) -> list[tuple[float, float]]:
    """For each chunk when it came, and when its last sample is on the track, in seconds from the first read."""
    session = FileInSession(FileInOptions(path, pace="real"), pacer)
    begun, seen = clock.now, []
    while (chunk := session.read()) is not None:
        seen.append((clock.now - begun, chunk.end_sample / chunk.sample_rate))
        clock.now += next(work_s)
    return seen


def test_real_pace_neither_hurries_nor_drifts(track: Path) -> None:
    clock = Clock(oversleep_s=0.002)
    work = itertools.cycle([0.001, 0.02, 0.004])
    seen = arrivals(track, Pacer(0.2, clock, clock.sleep), clock, work)
    late = [came - due for came, due in seen]
    assert min(late) >= -1e-9
    assert max(late) <= 0.002 + 1e-9  # one sleep's inexactness, also after 334 chunks


def test_slow_listener_catches_up_on_a_track_that_runs_on(track: Path) -> None:
    clock = Clock()
    work = itertools.chain([0.01] * 10, [3.0], itertools.repeat(0.001))
    seen = arrivals(track, Pacer(None, clock, clock.sleep), clock, work)
    assert seen[11][0] - seen[11][1] > 2.5
    assert seen[-1][0] == pytest.approx(seen[-1][1])


def test_paused_track_goes_on_where_it_stopped(track: Path) -> None:
    clock = Clock()
    work = itertools.chain([0.01] * 10, [3.0], itertools.repeat(0.001))
    seen = arrivals(track, Pacer(0.2, clock, clock.sleep), clock, work)
    gaps = np.diff([came for came, _ in seen])
    assert gaps[10] == pytest.approx(3.0)
    np.testing.assert_allclose(gaps[11:-1], 0.03)  # no burst behind the pause


# -- simulated --------------------------------------------------------------------------------------------------------

SCRIPT = [
    {"text": "good morning to you"},
    {"text": "good morning to you", "pitch_st": 12.0, "intensity_db": -6.0, "rate_ratio": 2.0},
    {"text": "good morning to you", "controls": {"pitch_mean": 100.0, "rate": 5.0}},
]
FAKES = [("fakes", plugin)]


def simulated(voice: dict[str, Any] | None = None, **options: Any) -> SimulatedUser:
    table = {"voice": voice or {"use": "fake"}, "script": SCRIPT, "noise_db": -100.0, **options}
    selection = choose(Plugins(FAKES, installed=False), "audio_in", "simulated", table)
    return SimulatedUser(selection.options, Setup())


def turns(chunks: list[Audio]) -> list[Audio]:
    """The stretches that are not silent."""
    samples = np.concatenate([chunk.samples for chunk in chunks])
    rate = chunks[0].sample_rate
    blocks = np.abs(samples[: len(samples) // 80 * 80]).reshape(-1, 80).max(axis=1) > 1e-3
    edges = np.flatnonzero(np.diff(np.concatenate([[False], blocks, [False]]).astype(int))) * 80
    return [Audio(samples[a:b], rate, a) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@pytest.mark.parametrize("use", ["fake", "fake-streaming"])
def test_simulated_user_speaks_with_the_prosody_of_the_script(use: str) -> None:
    plain, raised, absolute = turns(read_all(simulated({"use": use}).session(0)))
    assert pitch_hz(raised) == pytest.approx(2 * pitch_hz(plain), rel=0.01)
    assert raised.duration_s == pytest.approx(plain.duration_s / 2, abs=0.01)
    assert level_db(raised.samples) == pytest.approx(level_db(plain.samples) - 6, abs=0.2)
    assert pitch_hz(absolute) == pytest.approx(100, rel=0.01)


def test_silence_lies_before_and_behind_each_turn() -> None:
    chunks = read_all(simulated(lead_in_s=0.7, silence_s=1.3).session(0))
    spoken = turns(chunks)
    ends = [0.7, *(turn.end_sample / RATE + 1.3 for turn in spoken)]
    starts = [turn.start_sample / RATE for turn in spoken] + [chunks[-1].end_sample / RATE]
    assert starts == pytest.approx(ends, abs=0.011)


def test_noise_has_its_level_and_follows_the_seed() -> None:
    user = simulated(noise_db=-40.0, lead_in_s=2.0)
    first, again, other = (np.concatenate([c.samples for c in read_all(user.session(seed))]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert 20 * math.log10(first[: 2 * RATE].std()) == pytest.approx(-40, abs=0.2)


def test_script_can_be_repeated() -> None:
    assert len(turns(read_all(simulated(repeat=2).session(0)))) == 6
    endless = simulated(repeat=0).session(0)
    assert all(endless.read() is not None for _ in range(3000))


def test_track_can_have_another_rate_than_the_voice() -> None:
    chunks = read_all(simulated(sample_rate=48_000).session(0))
    assert {chunk.sample_rate for chunk in chunks} == {48_000}
    assert pitch_hz(turns(chunks)[0]) == pytest.approx(150, rel=0.01)


def test_prosody_stays_within_the_limits_of_the_voice() -> None:
    line = ScriptLine("hello", {"pitch_range": 9.0}, pitch_st=36, intensity_db=-60, rate_ratio=0.01)
    limits = {c.feature.name: c for c in VOICE.controls}
    assert request_for(line, VOICE).controls == {
        "pitch_mean": limits["pitch_mean"].high,
        "pitch_range": limits["pitch_range"].high,
        "intensity_mean": limits["intensity_mean"].low,
        "rate": limits["rate"].low,
    }


def test_control_that_the_voice_lacks_is_an_error_that_names_it() -> None:
    with pytest.raises(
        ProfileError, match=r'script: the voice "hum" cannot control pitch_range.*can control pitch_mean'
    ):
        simulated(script=[{"text": "hello", "controls": {"pitch_range": 2.0}}])


@pytest.mark.parametrize(("use", "why"), [("none", "has no audio"), ("fake-mel", "needs a vocoder")])
def test_voice_that_cannot_be_heard_is_refused_with_the_profile(use: str, why: str) -> None:
    with pytest.raises(ProfileError, match=f'voice: the voice "{use}" {why}; choose one'):
        simulated({"use": use})


def test_absolute_and_relative_prosody_exclude_one_another() -> None:
    with pytest.raises(ProfileError, match=r'script.*either "pitch_st" or "pitch_mean"'):
        simulated(script=[{"text": "hello", "pitch_st": 2.0, "controls": {"pitch_mean": 100.0}}])


def test_voice_may_say_a_line_with_nothing_to_hear() -> None:
    assert speak_all(choose_voice("fake-streaming"), SpeechRequest("...")) is None


@pytest.mark.parametrize("text", ["one", "one two three four"])
def test_both_kinds_of_voices_speak_whole_utterances(text: str) -> None:
    whole, pieces = (speak_all(choose_voice(use), SpeechRequest(text)) for use in ("fake", "fake-streaming"))
    assert whole is not None
    assert whole == pieces


def choose_voice(use: str) -> Any:
    voice = choose(Plugins(FAKES, installed=False), "synthesizer", use, {})
    return voice.provider.open(voice.options, Setup()).session(0)
