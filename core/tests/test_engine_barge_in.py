"""The user talks over the agent."""

from pathlib import Path

import attrs
import numpy as np
import pytest
from antiphon.audio_files import read_audio, write_wav
from antiphon.engine import SessionResult, run_profile
from antiphon.errors import ProfileError
from antiphon.payloads import Audio
from antiphon.recording.reader import read_recording
from antiphon.testing.dialogues import FAKE_DIALOGUE, fake_plugins

FAKES = fake_plugins()
RATE = 16_000
TURN_S, REPLY_STARTS_S, INTERRUPTION_S = 1.0, 2.5, 3.0
LONG_REPLY = 'responder={use="constant", options={text="one two three four five six seven eight nine ten"}}'


def _user_track(folder: Path, *tones: tuple[float, float], length_s: float = 8.0) -> Path:
    """Speech-like tone complexes from, for so many seconds, over a little noise."""
    time = np.arange(round(length_s * RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * 150 * k * time) / k for k in range(1, 8)) * 0.1
    sounding = np.zeros(len(time), bool)
    for start, duration in tones:
        sounding |= (time >= start) & (time < start + duration)
    noise = np.random.default_rng(1).normal(0, 1e-4, len(time))
    path = folder / "user.wav"
    write_wav(path, Audio(voice * sounding + noise, RATE))
    return path


def _hold(folder: Path, audio: Path, *overrides: str) -> SessionResult:
    path = folder / "profile.toml"
    path.write_text(FAKE_DIALOGUE)
    source = f'audio_in={{use="file", options={{path="{audio}", timeline="continuous"}}}}'
    basics = [source, 'endpoint={use="energy"}', LONG_REPLY, 'session.duplex="barge-in"']
    return run_profile(path, sessions=folder / "s", overrides=[*basics, *overrides], plugins=FAKES)


def test_the_agent_falls_silent_within_100_ms_and_its_turn_is_cut_to_what_was_heard(tmp_path: Path) -> None:
    result = _hold(tmp_path, _user_track(tmp_path, (1.0, 1.0), (INTERRUPTION_S, 1.0)))
    first, agent, second, _ = result.turns
    assert (first.speaker, agent.speaker, second.speaker) == ("user", "agent", "user")
    assert agent.interrupted
    assert agent.start_s < INTERRUPTION_S < agent.end_s <= INTERRUPTION_S + 0.1
    assert second.start_s == pytest.approx(INTERRUPTION_S, abs=0.05)
    assert second.end_s == pytest.approx(INTERRUPTION_S + 1.0, abs=0.05)
    assert 0 < agent.extras["heard_share"] < 1


def test_the_recording_holds_only_what_was_heard(tmp_path: Path) -> None:
    result = _hold(tmp_path, _user_track(tmp_path, (1.0, 1.0), (INTERRUPTION_S, 1.0)), "session.turns=1")
    agent = next(turn for turn in result.turns if turn.speaker == "agent")
    audio = read_audio(result.info.folder / "agent.wav")
    assert audio.duration_s == pytest.approx(agent.end_s, abs=2e-4)


def test_what_was_not_heard_is_not_measured(tmp_path: Path) -> None:
    result = _hold(tmp_path, _user_track(tmp_path, (1.0, 1.0), (INTERRUPTION_S, 1.0)))
    agent = next(turn for turn in result.turns if turn.interrupted)
    assert agent.features["duration"].value == pytest.approx(agent.end_s - agent.start_s, abs=0.05)


def test_the_interrupting_speech_is_recognised_from_its_start(tmp_path: Path) -> None:
    result = _hold(tmp_path, _user_track(tmp_path, (1.0, 1.0), (INTERRUPTION_S, 1.0)))
    assert [turn.text for turn in result.turns if turn.speaker == "user"] == ["hello there", "how are you today"]


def test_without_an_interruption_the_agent_is_heard_to_the_end(tmp_path: Path) -> None:
    result = _hold(tmp_path, _user_track(tmp_path, (1.0, 1.0)))
    (agent,) = (turn for turn in result.turns if turn.speaker == "agent")
    assert not agent.interrupted
    assert agent.end_s - agent.start_s > 3


def test_in_half_duplex_the_user_is_not_heard_meanwhile(tmp_path: Path) -> None:
    audio = _user_track(tmp_path, (1.0, 1.0), (INTERRUPTION_S, 1.0))
    result = _hold(tmp_path, audio, 'session.duplex="half"')
    assert [turn.speaker for turn in result.turns] == ["user", "agent"]
    assert not result.turns[1].interrupted


def test_an_interruption_shorter_than_the_synthesis_is_the_next_turn(tmp_path: Path) -> None:
    result = _hold(tmp_path, _user_track(tmp_path, (1.0, 1.0), (INTERRUPTION_S, 0.2)))
    assert [turn.speaker for turn in result.turns] == ["user", "agent", "user", "agent"]


def test_a_replay_interrupts_at_the_same_sample(tmp_path: Path) -> None:
    first = _hold(tmp_path, _user_track(tmp_path, (1.0, 1.0), (INTERRUPTION_S, 1.0)))
    again = run_profile(
        read_recording(first.info.folder).profile_path,
        sessions=tmp_path / "replays",
        overrides=[f'audio_in={{use="recording", options={{path="{first.info.folder}", live=true}}}}'],
        plugins=FAKES,
    )
    without_clock = [[attrs.evolve(turn, latency_ms={}) for turn in result.turns] for result in (first, again)]
    assert without_clock[0] == without_clock[1]


def test_a_device_is_stopped_and_says_what_was_heard(tmp_path: Path) -> None:
    track = _user_track(tmp_path, (0.3, 0.5), (1.8, 0.5), length_s=3.5)
    result = _hold(
        tmp_path,
        track,
        f'audio_in={{use="file", options={{path="{track}", timeline="continuous", pace="real"}}}}',
        'audio_out={use="fake", options={speed=1.0}}',
    )
    agent = next(turn for turn in result.turns if turn.speaker == "agent")
    assert agent.interrupted
    assert agent.start_s < 1.8 < agent.end_s < 3.0


def test_a_source_that_waits_for_the_agent_cannot_barge_in(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="barge-in"):
        _hold(tmp_path, _user_track(tmp_path, (1.0, 1.0)), 'audio_in.options.timeline="pause"')
