"""A dialogue from its profile to its recording, with fakes."""

import asyncio
import itertools
import json
from pathlib import Path

import attrs
import numpy as np
import pytest
from antiphon import hookimpl
from antiphon.audio_files import read_audio
from antiphon.engine import Engine, SessionResult, run_profile
from antiphon.errors import AntiphonError, RecordingError
from antiphon.profile import load_profile
from antiphon.recording.reader import read_recording
from antiphon.recording.records import TurnRecord
from antiphon.testing.dialogues import FAKE_DIALOGUE, fake_plugins

FAKES = fake_plugins()


def _hold(folder: Path, *overrides: str, profile: str = FAKE_DIALOGUE) -> SessionResult:
    path = folder / "profile.toml"
    path.write_text(profile)
    return run_profile(path, sessions=folder / "sessions", overrides=overrides, plugins=FAKES)


def _without_clock(turns: tuple[TurnRecord, ...]) -> list[TurnRecord]:
    """The turns without what the wall clock measured."""
    return [attrs.evolve(turn, latency_ms={}) for turn in turns]


def test_every_turn_of_the_user_is_answered_and_recorded(tmp_path: Path) -> None:
    result = _hold(tmp_path)
    assert result.reason == "end of input"
    assert [(t.turn, t.speaker, t.text) for t in result.turns] == [
        (0, "user", "hello there"),
        (0, "agent", "hello there"),
        (1, "user", "how are you today"),
        (1, "agent", "how are you today"),
        (2, "user", "goodbye"),
        (2, "agent", "goodbye"),
    ]
    recording = read_recording(result.info.folder)
    assert recording.turns == result.turns
    assert recording.complete
    assert {"profile.resolved.toml", "environment.json", "events.jsonl", "turns.jsonl", "user.wav", "agent.wav"} == {
        path.name for path in result.info.folder.iterdir()
    }


def test_turns_lie_on_one_time_line_and_their_audio_there(tmp_path: Path) -> None:
    result = _hold(tmp_path)
    times = [(turn.start_s, turn.end_s) for turn in result.turns]
    assert times == sorted(times)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(times))
    for track, speaker in (("user.wav", "user"), ("agent.wav", "agent")):
        audio = read_audio(result.info.folder / track)
        loud = np.abs(audio.samples) > 0.011
        spoken = np.zeros(len(loud), bool)
        for turn in result.turns:
            if turn.speaker == speaker:
                spoken[round(turn.start_s * audio.sample_rate) : round(turn.end_s * audio.sample_rate) + 1] = True
        assert loud[spoken].mean() > 0.8
        assert not loud[~spoken].any()


def test_what_was_requested_planned_and_realised_is_kept_apart(tmp_path: Path) -> None:
    agent = [turn for turn in _hold(tmp_path).turns if turn.speaker == "agent"]
    user = [turn for turn in _hold(tmp_path).turns if turn.speaker == "user"]
    for mine, theirs in zip(agent, user, strict=True):
        # The fake strategy asks for the user's z; the voice is told that on its own scale; a tone realises it.
        assert mine.target["pitch_mean"] == pytest.approx(theirs.normalised["pitch_mean"].value, abs=2.5)
        assert mine.features["pitch_mean"].value == pytest.approx(mine.controls["pitch_mean"], rel=0.02)
        assert mine.normalised["pitch_mean"].value == pytest.approx(mine.target["pitch_mean"], abs=0.1)


def test_a_users_side_transform_does_not_change_the_agents_z(tmp_path: Path) -> None:
    plain, logarithmic = (
        _hold(tmp_path, 'normalizer={use="causal"}', f"transform={transforms}")
        for transforms in ('[{use="to-voice"}]', '[{use="log", on="user"}, {use="to-voice"}]')
    )
    for one, other in zip(plain.turns, logarithmic.turns, strict=True):
        assert one.normalised["pitch_mean"].value == pytest.approx(other.normalised["pitch_mean"].value)


def test_the_turn_limit_ends_the_session(tmp_path: Path) -> None:
    result = _hold(tmp_path, "session.turns=2")
    assert result.reason == "turn limit"
    assert len(result.turns) == 4


def test_a_typed_dialogue_has_turns_without_audio(tmp_path: Path) -> None:
    result = _hold(tmp_path, 'audio_in={use="fake-text"}', 'synthesizer={use="none"}', "transform=[]", "features=[]")
    assert [turn.text for turn in result.turns if turn.speaker == "user"] == ["hello", "how are you", "goodbye"]
    assert all(turn.start_s == turn.end_s for turn in result.turns)
    assert not (result.info.folder / "user.wav").exists()


@pytest.mark.parametrize("pace", ["paused", "continuous"])
def test_a_replay_gives_identical_turns(tmp_path: Path, pace: str) -> None:
    live = pace == "continuous"
    overrides = (f"audio_in.options.live={json.dumps(live)}", 'audio_out={use="none"}')
    first = _hold(tmp_path, *overrides)
    again = run_profile(
        first.info.folder / "profile.resolved.toml",
        sessions=tmp_path / "replays",
        overrides=[f'audio_in={{use="recording", options={{path="{first.info.folder}", live=false}}}}'],
        plugins=FAKES,
    )
    assert _without_clock(again.turns) == _without_clock(first.turns)


def test_a_replay_of_a_typed_dialogue_gives_identical_turns(tmp_path: Path) -> None:
    silent = ('synthesizer={use="none"}', "transform=[]", "features=[]")
    first = _hold(tmp_path, 'audio_in={use="fake-text"}', *silent)
    again = _hold(tmp_path, f'audio_in={{use="recording", options={{path="{first.info.folder}"}}}}', *silent)
    assert _without_clock(again.turns) == _without_clock(first.turns)


def test_the_same_seed_gives_the_same_session_and_another_one_another(tmp_path: Path) -> None:
    noisy = "strategy.options.noise=0.5"
    first, same = _hold(tmp_path, noisy), _hold(tmp_path, noisy)
    other = _hold(tmp_path, noisy, "session.seed=8")
    assert _without_clock(first.turns) == _without_clock(same.turns)
    assert [t.target for t in first.turns] != [t.target for t in other.turns]


@pytest.mark.parametrize("recognizer", ["fake-streaming", "fake-streaming-process"])
def test_interleaved_sessions_are_as_sessions_apart(tmp_path: Path, recognizer: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(FAKE_DIALOGUE)
    profile = load_profile(path, [f'recognizer.use="{recognizer}"', "strategy.options.noise=0.5"], FAKES)

    async def together(seeds: list[int]) -> list[SessionResult]:
        async with Engine(profile, FAKES) as engine:
            return await asyncio.gather(*(engine.session(tmp_path / "sessions", seed=seed) for seed in seeds))

    interleaved = asyncio.run(together([1, 2, 3]))
    for seed, result in zip([1, 2, 3], interleaved, strict=True):
        (apart,) = asyncio.run(together([seed]))
        assert _without_clock(apart.turns) == _without_clock(result.turns)


def test_a_recogniser_is_told_of_pauses_and_of_those_that_were_none(tmp_path: Path) -> None:
    """The user hesitates in each turn. The fake recogniser leaves out what it hears behind the last pause."""
    folders = {name: tmp_path / name for name in ("fake-pausing", "fake-pausing-process", "fake-streaming")}
    ends_s = {}
    for name, folder in folders.items():
        folder.mkdir()
        result = _hold(folder, f'recognizer.use="{name}"', "audio_in.options.hesitation_s=0.15")
        user = [turn for turn in result.turns if turn.speaker == "user"]
        ends_s[name] = [turn.words[-1].end_s - (turn.end_s - turn.start_s) for turn in user]
    assert ends_s["fake-pausing"] == ends_s["fake-pausing-process"]
    for told, untold in zip(ends_s["fake-pausing"], ends_s["fake-streaming"], strict=True):
        assert 0 < told <= 0.13 < 0.18 < untold


def test_mel_voices_speak_through_a_vocoder(tmp_path: Path) -> None:
    result = _hold(tmp_path, 'synthesizer={use="fake-mel"}', 'vocoder={use="fake"}')
    agent = read_audio(result.info.folder / "agent.wav")
    assert np.abs(agent.samples).max() > 0.01


def test_a_device_is_told_to_play_and_waited_for(tmp_path: Path) -> None:
    result = _hold(tmp_path, 'audio_out={use="fake", options={speed=50.0}}')
    assert result.reason == "end of input"
    assert sum(turn.speaker == "agent" for turn in result.turns) == 3


def test_a_recording_says_what_its_features_mean(tmp_path: Path) -> None:
    folder = _hold(tmp_path).info.folder
    recording = read_recording(folder)
    measured = {name for turn in recording.turns for name in turn.features}
    assert measured <= {spec.name for spec in recording.features}
    profile = load_profile(tmp_path / "profile.toml", plugins=FAKES)
    assert recording.features == tuple(profile.flow.extracted.values()) != ()
    environment = json.loads((folder / "environment.json").read_text())
    del environment["features"]  # as before recordings said it
    (folder / "environment.json").write_text(json.dumps(environment))
    assert read_recording(folder).features == ()
    (folder / "environment.json").write_text(json.dumps({"features": [{"name": "creak"}]}))
    with pytest.raises(RecordingError, match=r"environment\.json is damaged: features"):
        _ = read_recording(folder).features


def test_the_environment_names_versions_plugins_and_files(tmp_path: Path) -> None:
    environment = json.loads((_hold(tmp_path).info.folder / "environment.json").read_text())
    assert environment["packages"]["antiphon"] == environment["antiphon"]
    assert {"stage": "strategy", "name": "neutral", "distribution": "antiphon", "version": environment["antiphon"]} in (
        environment["plugins"]
    )
    assert environment["seed"] == 7


def test_latencies_of_the_answer_are_measured_by_the_engine(tmp_path: Path) -> None:
    slow = "responder.options.delay_s=0.05"
    agent = [turn for turn in _hold(tmp_path, slow).turns if turn.speaker == "agent"]
    user = [turn for turn in _hold(tmp_path, slow).turns if turn.speaker == "user"]
    assert all(turn.latency_ms["response"] >= 50 for turn in agent)
    assert all(turn.latency_ms["responder"] >= 50 for turn in user)


@pytest.mark.parametrize(
    ("stage", "speaker"),
    [
        ("recognizer", "user"),
        ("features.0", "user"),
        ("normalizer", "user"),
        ("strategy", "user"),
        ("synthesizer", "agent"),
    ],
)
def test_every_stage_has_its_latency_in_the_record_of_its_turn(tmp_path: Path, stage: str, speaker: str) -> None:
    table, _, number = stage.partition(".")
    slow = f"{table}=[{{use='fake', options.delay_s=0.05}}]" if number else f"{table}.options.delay_s=0.05"
    turns = _hold(tmp_path, slow, "audio_in.options.chunk_s=0.1", "audio_in.options.turns=1").turns
    assert all(turn.latency_ms[stage] >= 50 for turn in turns if turn.speaker == speaker)
    assert not any(stage in turn.latency_ms for turn in turns if turn.speaker != speaker)


def test_an_observer_that_fails_is_left_out_and_the_dialogue_goes_on(tmp_path: Path) -> None:
    heard: list[str] = []

    class Listening:
        @hookimpl
        def antiphon_turn_finished(self, turn: TurnRecord) -> None:
            heard.append(turn.text)

    class Failing:
        calls = 0

        @hookimpl
        def antiphon_turn_finished(self, session: object, turn: TurnRecord) -> None:
            Failing.calls += 1
            raise RuntimeError("no")

    plugins = fake_plugins(("failing", Failing()), ("listening", Listening()))
    path = tmp_path / "profile.toml"
    path.write_text(FAKE_DIALOGUE)
    result = run_profile(path, sessions=tmp_path, plugins=plugins)
    assert len(result.turns) == len(heard) == 6
    assert Failing.calls == 1
    failures = [e for e in read_recording(result.info.folder).events if e["kind"] == "observer_failed"]
    assert [failure["plugin"] for failure in failures] == ["failing"]


def test_a_component_that_cannot_be_opened_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(AntiphonError, match="strategy"):
        _hold(tmp_path, 'strategy.options={fault="raise", fault_in="open"}')
