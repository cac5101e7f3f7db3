"""Stages that raise, hang, die or return nonsense: the profile's policy holds, and it is recorded."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from antiphon.engine import Engine, SessionResult, run_profile
from antiphon.profile import load_profile
from antiphon.recording.reader import read_recording
from antiphon.testing.dialogues import FAKE_DIALOGUE, fake_plugins

FAKES = fake_plugins()
STAGES = {
    "recognizer": ("fake", "recognize"),
    "features.0": ("fake", "extract"),
    "normalizer": ("fake", "normalize"),
    "responder": ("fake", "respond"),
    "strategy": ("fake", "propose"),
    "synthesizer": ("fake", "synthesize"),
}


def _hold(folder: Path, *overrides: str) -> SessionResult:
    path = folder / "profile.toml"
    path.write_text(FAKE_DIALOGUE)
    return run_profile(path, sessions=folder / "sessions", overrides=overrides, plugins=FAKES)


def _broken(stage: str, fault: str, policy: str, *, place: str = "", hang_s: float = 30) -> Sequence[str]:
    """The second exchange of the dialogue goes wrong in a stage, whose component runs in a place."""
    name, method = STAGES[stage]
    return [
        f'{stage}.use="{name}{place}"',
        f'{stage}.options={{fault="{fault}", fault_in="{method}", fault_at=1, hang_s={hang_s}}}',
        f"{stage}.timeout_s=0.3",
        f"{stage}.on_error={policy}",
        f"{stage}.on_timeout={policy}",
    ]


def _failures(result: SessionResult) -> list[tuple[str, str]]:
    events = read_recording(result.info.folder).events
    return [(event["stage"], event["policy"]) for event in events if event["kind"] == "stage_failed"]


@pytest.mark.parametrize("fault", ["raise", "hang", "garbage"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_may_be_skipped_costs_its_part_of_the_turn_alone(tmp_path: Path, stage: str, fault: str) -> None:
    result = _hold(tmp_path, *_broken(stage, fault, '"skip"'))
    assert result.reason == "end of input"
    assert len(result.turns) == 6
    assert set(_failures(result)) == {(stage, "skip")}
    second = [turn for turn in result.turns if turn.turn == 1]
    user, agent = second
    if stage == "recognizer":
        assert user.text == ""
    if stage == "features.0":
        assert {m.reason for m in user.features.values()} == {"fake failed"}
    if stage == "normalizer":
        assert all(m.value is None for m in user.normalised.values())
    if stage == "responder":
        assert agent.text == ""
    if stage == "strategy":
        assert agent.target == {}
    if stage == "synthesizer":
        assert agent.start_s == agent.end_s
    last_user, last_agent = (turn for turn in result.turns if turn.turn == 2)
    assert last_user.text
    assert last_agent.text == last_user.text
    assert last_agent.end_s > last_agent.start_s


@pytest.mark.parametrize("fault", ["raise", "hang"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_must_not_fail_ends_the_session_cleanly(tmp_path: Path, stage: str, fault: str) -> None:
    result = _hold(tmp_path, *_broken(stage, fault, '"fail"'))
    assert result.error is not None
    assert stage in result.reason
    recording = read_recording(result.info.folder)
    assert recording.complete
    assert [turn.turn for turn in recording.turns][:2] == [0, 0]


@pytest.mark.parametrize("stage", ["recognizer", "responder", "strategy", "synthesizer"])
def test_a_fallback_takes_over_for_the_turn(tmp_path: Path, stage: str) -> None:
    result = _hold(tmp_path, *_broken(stage, "raise", '{fallback="fake"}'))
    assert result.reason == "end of input"
    assert set(_failures(result)) == {(stage, "fallback")}
    user, agent = (turn for turn in result.turns if turn.turn == 1)
    assert user.text
    assert agent.text
    assert agent.end_s > agent.start_s


@pytest.mark.parametrize("stage", ["recognizer", "features.0", "synthesizer"])
def test_a_worker_process_that_dies_is_started_again(tmp_path: Path, stage: str) -> None:
    result = _hold(tmp_path, *_broken(stage, "die", '"skip"', place="-process"))
    assert result.reason == "end of input"
    assert set(_failures(result)) == {(stage, "skip")}
    user, agent = (turn for turn in result.turns if turn.turn == 2)
    assert user.text
    assert user.features["pitch_mean"].value is not None
    assert agent.end_s > agent.start_s


@pytest.mark.parametrize("stage", ["features.0", "normalizer", "responder", "strategy"])
@pytest.mark.parametrize("fault", ["raise", "hang", "garbage"])
def test_a_fault_on_the_engines_own_thread_is_noticed(tmp_path: Path, stage: str, fault: str) -> None:
    result = _hold(tmp_path, *_broken(stage, fault, '"skip"', place="-instant", hang_s=0.4))
    assert result.reason == "end of input"
    assert len(result.turns) == 6
    assert set(_failures(result)) == {(stage, "skip")}


def test_a_worker_process_that_hangs_is_ended_and_started_again(tmp_path: Path) -> None:
    result = _hold(tmp_path, *_broken("synthesizer", "hang", '"skip"', place="-process"))
    assert set(_failures(result)) == {("synthesizer", "skip")}
    assert [turn.end_s > turn.start_s for turn in result.turns if turn.speaker == "agent"] == [True, False, True]


def test_a_fallback_that_fails_as_well_ends_the_session(tmp_path: Path) -> None:
    policy = '{fallback="fake", options={fault="raise"}}'
    result = _hold(tmp_path, *_broken("responder", "raise", policy))
    assert "fallback" in result.reason


def test_a_voice_that_breaks_off_is_heard_until_then(tmp_path: Path) -> None:
    result = _hold(
        tmp_path,
        'synthesizer={use="fake-streaming", on_error="skip", '
        'options={fault="raise", fault_in="stream", fault_at=2, fault_calls=1000}}',
    )
    whole = _hold(tmp_path)
    first, complete = (next(t for t in r.turns if t.speaker == "agent") for r in (result, whole))
    assert 0 < first.end_s - first.start_s < complete.end_s - complete.start_s
    assert "error" in first.extras


def test_one_session_that_fails_does_not_touch_another(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(FAKE_DIALOGUE)
    profile = load_profile(path, _broken("responder", "hang", '"skip"'), FAKES)

    async def together() -> list[SessionResult]:
        async with Engine(profile, FAKES) as engine:
            return await asyncio.gather(*(engine.session(tmp_path / "s", seed=n) for n in range(3)))

    for result in asyncio.run(together()):
        assert [turn.text for turn in result.turns if turn.speaker == "agent"] == ["hello there", "", "goodbye"]
