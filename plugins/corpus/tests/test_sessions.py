"""Recorded sessions as a corpus."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from antiphon.cli.main import main
from antiphon.errors import InputError, RecordingError
from antiphon.features import FeatureSpec, Measurement
from antiphon.recording.records import TurnRecord
from antiphon.recording.serialize import to_json
from antiphon_corpus.sessions import from_sessions
from antiphon_corpus.turn_table import read_turn_table
from click.testing import CliRunner

USER = TurnRecord(
    0, "user", 0.5, 1.5, "good day", features={"rate": Measurement(3.25), "pitch_mean": Measurement(None, "unvoiced")}
)
AGENT = TurnRecord(0, "agent", 2.0, 3.0, "hello", features={"rate": Measurement(4.0), "creak": Measurement(0.5)})
SILENT = TurnRecord(1, "user", 4.0, 4.0, "")


CREAK = {"name": "creak", "unit": "ratio", "definition": "share of creaky frames", "scale": "raw", "floor": 0.01}


def session(folder: Path, *turns: TurnRecord, features: Sequence[dict[str, object]] = ()) -> Path:
    folder.mkdir(parents=True)
    (folder / "environment.json").write_text(json.dumps({"features": features}), "utf-8")
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
    assert table.notices == ("left out creak: the recordings do not say what they mean",)


def test_features_of_plugins_mean_what_the_recording_says(tmp_path: Path) -> None:
    one = session(tmp_path / "s1", USER, AGENT, features=[CREAK])
    table = from_sessions([one, session(tmp_path / "s2", USER, AGENT)])
    assert table.features[-1] == FeatureSpec("creak", "ratio", "share of creaky frames", floor=0.01)
    assert table.frame["creak"].fillna(-1).tolist() == [-1, 0.5, -1, 0.5]
    other = session(tmp_path / "s3", USER, AGENT, features=[{**CREAK, "definition": "seconds of creak", "unit": "s"}])
    with pytest.raises(InputError, match=r's3: its creak is "seconds of creak" \[s\], but in .*s1 it is "share of'):
        from_sessions([one, other])
    wrong = session(tmp_path / "s4", USER, AGENT, features=[{**CREAK, "name": "rate"}])
    with pytest.raises(InputError, match=r"s4: its rate is .*, but in turn tables it is"):
        from_sessions([wrong])


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
    left: list[str] = []
    good = session(tmp_path / "good", USER, AGENT)
    table = from_sessions([tmp_path, good], on_failure=lambda folder, error: left.append(str(error)))
    assert len(table.frame) == 2
    assert "is not a session folder" in left[0]
    same = [session(tmp_path / "one" / "s", USER, AGENT), session(tmp_path / "two" / "s", USER, AGENT)]
    with pytest.raises(InputError, match="has the same name as"):
        from_sessions(same)


def test_the_command_imports_what_the_engine_records(tmp_path: Path) -> None:
    """With a feature that only its own file knows."""
    (tmp_path / "creak.py").write_text(
        "from antiphon.features import FeatureSpec, Measurement\n"
        "class Creak:\n"
        "    writes = (FeatureSpec('creak', 'ratio', 'share of creaky frames', floor=0.01),)\n"
        "    def __init__(self, options, setup): pass\n"
        "    def session(self, seed): return self\n"
        "    def extract(self, utterance, known): return {'creak': Measurement(0.01 * len(utterance.text))}\n"
    )
    (tmp_path / "profile.toml").write_text(
        'schema = 1\n[audio_in]\nuse = "terminal"\n[[features]]\nuse = "./creak.py:Creak"\n'
        '[normalizer]\nuse = "none"\n[responder]\nuse = "constant"\noptions.text = "go on"\n'
    )
    runner = CliRunner()
    sessions = tmp_path / "sessions"
    held = runner.invoke(
        main, ["run", str(tmp_path / "profile.toml"), "--sessions", str(sessions)], input="hello\nwell\n"
    )
    assert held.exit_code == 0, held.output
    (folder,) = sessions.iterdir()
    out = tmp_path / "table.csv"
    done = runner.invoke(main, ["corpus", "import", "sessions", str(folder), str(tmp_path), "-o", str(out)])
    assert done.exit_code == 1, "the second folder is no session"
    assert "is not a session folder" in done.output
    table = read_turn_table(out)
    assert table.frame["text"].tolist() == ["hello", "go on", "well", "go on"]
    assert table.frame["creak"].tolist() == [0.05, 0.05, 0.04, 0.05]
    record = json.loads((tmp_path / "table.import.json").read_text("utf-8"))
    assert record["sessions"] == [str(folder)]
    again = runner.invoke(main, ["corpus", "import", "sessions", str(folder), "-o", str(out)])
    assert (again.exit_code, "is there already" in again.output) == (1, True)
