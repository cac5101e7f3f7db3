"""What is recorded survives kills, Ctrl-C and full disks."""

import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from antiphon.audio_files import read_audio
from antiphon.recording.export import write_csv, write_textgrid
from antiphon.recording.reader import Recording, read_recording
from antiphon.testing.dialogues import FAKE_DIALOGUE

ENDLESS = """
import sys
from pathlib import Path
from antiphon.engine import run_profile
from antiphon.testing.dialogues import fake_plugins

if __name__ == "__main__":
    try:
        profile, sessions, *overrides = sys.argv[1:]
        result = run_profile(Path(profile), sessions=Path(sessions), plugins=fake_plugins(), overrides=overrides)
        print("ended:", result.reason)
    except KeyboardInterrupt:
        sys.exit(130)
"""
MANY_TURNS = "audio_in.options={turns=400, pitch_step=1.0}"


def _start(folder: Path, *overrides: str, limit_bytes: int | None = None) -> subprocess.Popen[str]:
    (folder / "profile.toml").write_text(FAKE_DIALOGUE)
    (folder / "hold.py").write_text(ENDLESS)

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore it, and so would the child
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.Popen(
        [sys.executable, str(folder / "hold.py"), str(folder / "profile.toml"), str(folder / "s"), *overrides],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
    )


def _folder(parent: Path) -> Path:
    (folder,) = (parent / "s").iterdir()
    return folder


def _wait_for_turns(parent: Path, count: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        turns = list((parent / "s").glob("*/turns.jsonl"))
        if turns and turns[0].read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.005)
    raise AssertionError("the session did not get that far")


def _check_readable(folder: Path, at_least: int) -> Recording:
    recording = read_recording(folder)
    assert len(recording.turns) >= at_least
    user, agent = read_audio(folder / "user.wav"), read_audio(folder / "agent.wav")
    # All audio of a finished turn is there (the agent's latest audio may belong to a turn that was not finished).
    assert max(t.end_s for t in recording.turns if t.speaker == "user") <= user.duration_s + 1e-3
    assert max(t.end_s for t in recording.turns if t.speaker == "agent") <= agent.duration_s + 1e-3
    write_csv(folder, folder / "export.csv")
    assert len((folder / "export.csv").read_text("utf-8").splitlines()) == len(recording.turns) + 1
    pytest.importorskip("praatio")
    write_textgrid(folder, folder / "export.TextGrid")
    return recording


@pytest.mark.parametrize("attempt", range(3))
def test_after_a_kill_at_any_moment_every_finished_turn_can_be_read(tmp_path: Path, attempt: int) -> None:
    process = _start(tmp_path, MANY_TURNS)
    _wait_for_turns(tmp_path, 4)
    time.sleep(random.Random(attempt).uniform(0, 0.5))
    process.kill()
    process.wait()
    recording = _check_readable(_folder(tmp_path), 4)
    assert not recording.complete


@pytest.mark.long
@pytest.mark.parametrize("attempt", range(25))
def test_after_many_more_kills_too(tmp_path: Path, attempt: int) -> None:
    test_after_a_kill_at_any_moment_every_finished_turn_can_be_read(tmp_path, 100 + attempt)


def test_every_truncation_of_the_turns_file_is_readable(tmp_path: Path) -> None:
    process = _start(tmp_path)
    process.wait()
    turns = _folder(tmp_path) / "turns.jsonl"
    whole = turns.read_bytes()
    for length in range(0, len(whole), 97):
        turns.write_bytes(whole[:length])
        assert len(read_recording(turns.parent).turns) == whole[:length].count(b"\n")


@pytest.mark.parametrize("recognizer", ["fake-streaming", "fake-streaming-process"])
def test_ctrl_c_ends_within_a_second_with_a_complete_folder(tmp_path: Path, recognizer: str) -> None:
    process = _start(tmp_path, MANY_TURNS, f'recognizer.use="{recognizer}"')
    _wait_for_turns(tmp_path, 2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    recording = _check_readable(_folder(tmp_path), 2)
    assert recording.complete
    assert recording.events[-1]["reason"] == "interrupted"
    assert process.returncode == 130


def test_ctrl_c_ends_a_stage_that_hangs(tmp_path: Path) -> None:
    hanging = 'responder.options={fault="hang", fault_at=1, hang_s=600}'
    process = _start(tmp_path, hanging, "responder.timeout_s=600")
    _wait_for_turns(tmp_path, 2)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert read_recording(_folder(tmp_path)).complete


def test_a_full_disk_is_told_and_what_was_written_stays_readable(tmp_path: Path) -> None:
    process = _start(tmp_path, MANY_TURNS, limit_bytes=400_000)
    output, errors = process.communicate(timeout=120)
    assert "cannot" in output
    assert "Traceback" not in errors
    recording = read_recording(_folder(tmp_path))
    assert len(recording.turns) >= 2
    assert (recording.folder / "user.wav").stat().st_size <= 400_000
    assert len(read_audio(recording.folder / "user.wav").samples) > 0
