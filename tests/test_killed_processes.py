"""A process of a real plugin is killed in a dialogue: the policy holds, it is recorded, and the dialogue goes on."""

import io
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from antiphon.engine import SessionResult
from antiphon.profile.toml import inline_table
from antiphon.recording.reader import read_recording

Hold = Callable[..., SessionResult]

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")

VOICE = {"use": "espeak", "options": {"name": "en-us+f5"}}
SCRIPT = [{"text": text} for text in ("i feel tired today", "my mother called me", "i had a strange dream")]
SPOKEN = ("audio_in=" + inline_table({"use": "simulated", "options": {"voice": VOICE, "script": SCRIPT}}),)
SILENT = 'audio_out={use="none"}'


class Killer:
    """Kills those of this process's children that are meant, when a kind of event comes for the second time."""

    def __init__(self, meant: Callable[[int], bool], kind: str) -> None:
        self._meant = meant
        self._kind = kind
        self._seen = 0
        self.killed: list[int] = []

    def __call__(self, kind: str, details: dict[str, Any]) -> None:
        if kind != self._kind:
            return
        self._seen += 1
        if self._seen == 2:
            self.killed = [pid for pid in children(os.getpid()) if self._meant(pid)]
            for pid in self.killed:
                os.kill(pid, signal.SIGKILL)
            while any(_state(pid) not in ("Z", "") for pid in self.killed):
                time.sleep(0.001)


def children(parent: int) -> list[int]:
    """The processes below a process."""
    pids = [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]
    mine = [pid for pid in pids if _status(pid, 1) == str(parent)]
    return [*mine, *(grandchild for child in mine for grandchild in children(child))]


def _status(pid: int, field: int) -> str:
    """A field of /proc/PID/stat, counted behind the name."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[field]
    except (OSError, IndexError):
        return ""


def _state(pid: int) -> str:
    return _status(pid, 0)


def runs_module(name: str) -> Callable[[int], bool]:
    return lambda pid: name in _read(pid, "cmdline")


def has_loaded(library: str) -> Callable[[int], bool]:
    return lambda pid: library in _read(pid, "maps")


def _read(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text(errors="replace")
    except OSError:
        return ""


def _failures(result: SessionResult) -> list[tuple[str, str]]:
    recording = read_recording(result.info.folder)
    assert recording.complete
    return [(event["stage"], event["policy"]) for event in recording.events if event["kind"] == "stage_failed"]


@pytest.fixture
def _typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hello\nI am unhappy\nmy mother called me\n"))


@pytest.mark.usefixtures("_typed")
def test_pyttsx3_speaks_at_the_second_attempt(hold: Hold) -> None:
    killer = Killer(runs_module("antiphon_tts_pyttsx3.worker"), "typed")
    result = hold("first-version-1-typed-neutral.toml", SILENT, on_event=killer)
    assert len(killer.killed) == 1
    assert _failures(result) == []
    agent = [turn for turn in result.turns if turn.speaker == "agent"]
    assert [turn.extras["attempts"] for turn in agent] == [1, 2, 1]
    assert all(turn.end_s > turn.start_s for turn in agent)


@pytest.mark.usefixtures("_typed")
def test_a_fallback_speaks_the_turn_in_which_pyttsx3_was_killed(hold: Hold) -> None:
    killer = Killer(runs_module("antiphon_tts_pyttsx3.worker"), "typed")
    result = hold("first-version-1-typed-neutral.toml", SILENT, "synthesizer.options.attempts=1", on_event=killer)
    assert len(killer.killed) == 1
    assert _failures(result) == [("synthesizer", "fallback")]
    agent = [turn for turn in result.turns if turn.speaker == "agent"]
    assert [turn.extras.get("fallback") for turn in agent] == [None, "espeak", None]
    assert all(turn.end_s > turn.start_s for turn in agent)


@pytest.mark.usefixtures("_typed")
def test_without_a_fallback_the_session_ends_cleanly(hold: Hold) -> None:
    killer = Killer(runs_module("antiphon_tts_pyttsx3.worker"), "typed")
    voice = 'synthesizer={use="pyttsx3", options={attempts=1}, on_error="fail"}'
    result = hold("first-version-1-typed-neutral.toml", SILENT, voice, on_event=killer, fails=True)
    assert "pyttsx3" in result.reason
    assert _failures(result) == [("synthesizer", "fail")]
    assert [turn.speaker for turn in result.turns] == ["user", "agent", "user"]


@pytest.mark.long
def test_praat_is_killed(hold: Hold) -> None:
    killer = Killer(has_loaded("parselmouth"), "speech_started")
    result = hold("talk.toml", *SPOKEN, SILENT, on_event=killer)
    assert len(killer.killed) == 1
    assert set(_failures(result)) == {("features.0", "skip")}
    user = [turn for turn in result.turns if turn.speaker == "user"]
    assert [turn.features["pitch_mean"].value is None for turn in user] == [False, True, False]
    assert "praat failed" in (user[1].features["pitch_mean"].reason or "")
    assert all(turn.text for turn in user)
    assert len(result.turns) == 6


@pytest.mark.long
def test_sphinx_is_killed(hold: Hold) -> None:
    killer = Killer(has_loaded("pocketsphinx"), "speech_started")
    result = hold("demo.toml", *SPOKEN, SILENT, on_event=killer)
    assert killer.killed
    assert set(_failures(result)) == {("recognizer", "skip")}
    user = [turn for turn in result.turns if turn.speaker == "user"]
    assert [bool(turn.text) for turn in user] == [True, False, True]
    assert all(turn.features["pitch_mean"].value for turn in user)
    assert len(result.turns) == 6
