"""Recorded sessions as a corpus."""

from pathlib import Path

import numpy as np
import pytest
from antiphon.errors import InputError, RecordingError
from antiphon.features import Measurement
from antiphon.recording.records import TurnRecord
from antiphon.recording.serialize import to_json
from antiphon_corpus.sessions import from_sessions

USER = TurnRecord(
    0, "user", 0.5, 1.5, "good day", features={"rate": Measurement(3.25), "pitch_mean": Measurement(None, "unvoiced")}
)
AGENT = TurnRecord(0, "agent", 2.0, 3.0, "hello", features={"rate": Measurement(4.0), "creak": Measurement(0.5)})
SILENT = TurnRecord(1, "user", 4.0, 4.0, "")


def session(folder: Path, *turns: TurnRecord) -> Path:
    folder.mkdir(parents=True)
    (folder / "turns.jsonl").write_text("".join(to_json(turn) + "\n" for turn in turns), "utf-8")
    return folder


def test_a_session_is_a_conversation(tmp_path: Path) -> None:
    table = from_sessions([session(tmp_path / "s1", USER, AGENT, SILENT), session(tmp_path / "s2", AGENT, USER)])
    frame = table.frame
    assert frame["conversation"].tolist() == ["s1", "s1", "s2", "s2"]
    assert frame["speaker"].tolist() == ["s1:user", "agent", "s2:user", "agent"]
    assert frame["turn"].tolist() == [0, 1, 0, 1]
    assert frame["start_s"].tolist() == [0.5, 2.0, 0.5, 2.0]
    assert frame["text"].tolist() == ["good day", "hello"] * 2
    assert frame["rate"].tolist() == [3.25, 4.0] * 2
    assert np.isnan(frame["pitch_mean"]).all()
    assert [spec.name for spec in table.features] == ["rate", "pitch_mean"]
    assert table.notices == ("left out creak: not among Antiphon's features",)


def test_sessions_without_an_answer_are_dropped_with_a_notice(tmp_path: Path) -> None:
    folders = [session(tmp_path / "s1", USER, AGENT), session(tmp_path / "s2", USER)]
    table = from_sessions(folders)
    assert table.frame["conversation"].unique().tolist() == ["s1"]
    assert "dropped 1 conversations of one speaker" in table.notices[0]


def test_folders_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not a session folder"):
        from_sessions([tmp_path])
    with pytest.raises(InputError, match=r"there is no turn in .*empty"):
        from_sessions([session(tmp_path / "empty", SILENT)])
    same = [session(tmp_path / "one" / "s", USER, AGENT), session(tmp_path / "two" / "s", USER, AGENT)]
    with pytest.raises(InputError, match="has the same name as"):
        from_sessions(same)
