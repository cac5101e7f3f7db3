"""The demo, run by the command line: its output, its recording, its replay, its export."""

import csv
import itertools
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
import pytest
from antiphon.audio_files import read_audio
from antiphon.cli.main import main
from antiphon.recording.plot import COLOURS
from antiphon.recording.reader import Recording, read_recording
from antiphon.recording.records import TurnRecord
from click.testing import CliRunner

CommandLine = Callable[..., subprocess.CompletedProcess[str]]


@attrs.frozen
class Demo:
    output: str
    recording: Recording


@pytest.fixture(scope="module")
def demo(antiphon: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, run once."""
    sessions = tmp_path_factory.mktemp("demo") / "sessions"
    process = antiphon("run", "profiles/demo.toml", "--sessions", sessions, "--set", "audio_in.options.pace=fast")
    assert process.stderr == ""
    (folder,) = sessions.iterdir()
    return Demo(process.stdout, read_recording(folder))


def test_it_holds_at_least_six_exchanges(demo: Demo) -> None:
    turns = demo.recording.turns
    assert [turn.speaker for turn in turns] == ["user", "agent"] * (len(turns) // 2)
    assert len(turns) >= 12
    assert all(turn.text for turn in turns)
    assert all(first.end_s <= second.start_s for first, second in itertools.pairwise(turns))


def test_it_prints_each_turn_a_table_and_where_everything_is(demo: Demo) -> None:
    lines = demo.output.splitlines()
    for turn in demo.recording.turns:
        assert any(turn.text in line and turn.speaker in line and f"{turn.start_s:.2f} s" in line for line in lines)
    _, _, table = demo.output.partition("speaker")
    rows = re.findall(r"^ +(\d+) +(user|agent) ", table, re.MULTILINE)
    assert rows == [(str(turn.turn), turn.speaker) for turn in demo.recording.turns]
    assert "[Hz]" in table
    assert f"plot     {demo.recording.folder / 'turns.png'}" in lines
    assert any(line.startswith(f"session  {demo.recording.folder}  (") for line in lines)


def test_the_plot_shows_both_speakers(demo: Demo) -> None:
    image = pytest.importorskip("matplotlib.image").imread(demo.recording.folder / "turns.png")
    height, width, _ = image.shape
    assert height >= 400
    assert width >= 600
    for colour in COLOURS.values():
        wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        close = np.abs(image[:, :, :3] - wanted).max(axis=2) < 0.02
        assert close.sum() > 200


def test_the_folder_holds_the_whole_session(demo: Demo) -> None:
    folder = demo.recording.folder
    assert {path.name for path in folder.iterdir()} == {
        "profile.resolved.toml", "environment.json", "events.jsonl", "turns.jsonl",
        "user.wav", "agent.wav", "turns.png",
    }  # fmt: skip
    assert demo.recording.complete
    for speaker in ("user", "agent"):
        track = read_audio(folder / f"{speaker}.wav")
        assert track.duration_s >= max(turn.end_s for turn in demo.recording.turns if turn.speaker == speaker) - 0.001
        for turn in (turn for turn in demo.recording.turns if turn.speaker == speaker):
            spoken = track.between(round(turn.start_s * track.sample_rate), round(turn.end_s * track.sample_rate))
            assert np.sqrt(np.mean(np.square(spoken.samples))) > 0.01


def test_the_first_turns_of_a_replay_are_the_same(demo: Demo, antiphon: CommandLine, tmp_path: Path) -> None:
    again = _replay(antiphon, demo.recording.folder, tmp_path, "--set", "session.turns=2")
    assert _without_clock(again) == _without_clock(demo.recording.turns[:4])


@pytest.mark.long
def test_a_whole_replay_is_the_same(demo: Demo, antiphon: CommandLine, tmp_path: Path) -> None:
    again = _replay(antiphon, demo.recording.folder, tmp_path)
    assert _without_clock(again) == _without_clock(demo.recording.turns)


def test_show_prints_the_turns_and_draws_them(demo: Demo, tmp_path: Path) -> None:
    folder, plot = demo.recording.folder, tmp_path / "plot.png"
    shown = _here("session", "show", folder, "--plot", plot)
    assert len(re.findall(r"^ +\d+ +(?:user|agent) ", shown, re.MULTILINE)) == len(demo.recording.turns)
    assert "session finished: turn limit" in shown
    assert plot.read_bytes() == (folder / "turns.png").read_bytes()


def test_export_as_csv(demo: Demo, tmp_path: Path) -> None:
    file = _export(demo, tmp_path / "turns.csv")
    with file.open(newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["text"] for row in rows] == [turn.text for turn in demo.recording.turns]
    for row, turn in zip(rows, demo.recording.turns, strict=True):
        pitch = turn.features["pitch_mean"].value
        assert row["pitch_mean"] == ("" if pitch is None else str(pitch))


def test_export_as_parquet(demo: Demo, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(_export(demo, tmp_path / "turns.parquet")).to_pylist()
    assert [row["start_s"] for row in table] == [turn.start_s for turn in demo.recording.turns]
    assert [row["pitch_mean.told"] for row in table] == [t.controls.get("pitch_mean") for t in demo.recording.turns]


def test_export_as_textgrid(demo: Demo, tmp_path: Path) -> None:
    textgrid = pytest.importorskip("praatio.textgrid")
    file = _export(demo, tmp_path / "turns.TextGrid")
    grid = textgrid.openTextgrid(str(file), includeEmptyIntervals=False)
    for speaker in ("user", "agent"):
        expected = [t for t in demo.recording.turns if t.speaker == speaker]
        entries = grid.getTier(speaker).entries
        assert [entry.label for entry in entries] == [turn.text for turn in expected]
        assert [entry.start for entry in entries] == pytest.approx([turn.start_s for turn in expected], abs=1e-3)


def _replay(antiphon: CommandLine, folder: Path, sessions: Path, *arguments: str) -> tuple[TurnRecord, ...]:
    output = antiphon("replay", folder, "--sessions", sessions, "-q", *arguments).stdout
    return read_recording(Path(output.strip())).turns


def _without_clock(turns: tuple[TurnRecord, ...]) -> list[TurnRecord]:
    """The turns without what the wall clock measured."""
    return [attrs.evolve(turn, latency_ms={}) for turn in turns]


def _here(*arguments: object) -> str:
    """What a command prints, run in this process, which saves its start."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def _export(demo: Demo, file: Path) -> Path:
    arguments = ("--format", file.suffix[1:].lower(), "--out", file)
    assert _here("session", "export", demo.recording.folder, *arguments).strip() == str(file)
    return file
