"""The commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from antiphon.cli.main import main
from antiphon_tts_tacotron2.voice import read_voice
from click.testing import CliRunner, Result


def antiphon(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["tacotron2", *map(str, arguments)])


def test_help_names_the_commands():
    told = antiphon("--help").output
    assert "prepare" in told
    assert "train" in told


def test_a_voice_from_recordings_in_two_commands(spoken_corpus, tiny_toml, tmp_path):
    pytest.importorskip("torch")
    with (spoken_corpus / "metadata.csv").open(encoding="utf-8") as file:
        lines = file.read()
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "wavs").symlink_to(spoken_corpus / "wavs")
    (corpus / "metadata.csv").write_text(lines + "lost|Not there.\n", "utf-8")
    prepared = antiphon("prepare", corpus, tmp_path / "prepared", "--variants", 0, "--jobs", 1)
    assert prepared.exit_code == 0, prepared.output
    assert "lost: no audio file of this name" in prepared.output
    trained = antiphon(
        "train", tmp_path / "prepared", tmp_path / "run", "--config", tiny_toml, "--steps", 2, "--name", "tiny",
        "--device", "cpu", "--precision", "float32",
    )  # fmt: skip
    assert trained.exit_code == 0, trained.output
    assert "free_mel" in trained.output
    assert read_voice(tmp_path / "run" / "voice").name == "tiny"


def refused(result: Result, problem: str) -> None:
    """A problem is told in words, without a traceback."""
    assert result.exit_code not in (0, 130)
    told = result.output + str(result.exception or "")
    assert problem in told
    assert "Traceback" not in told


def test_what_is_missing_is_told(tmp_path: Path):
    pytest.importorskip("torch")
    (tmp_path / "empty").mkdir()
    refused(antiphon("prepare", tmp_path / "empty", tmp_path / "out"), "metadata.csv: cannot be read")
    refused(antiphon("train", tmp_path / "empty", tmp_path / "out"), "run antiphon tacotron2 prepare")
    refused(antiphon("train", tmp_path, tmp_path / "out", "--config", "huge"), "there are full, small")


def test_a_device_that_is_not_there_is_told(tmp_path: Path):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    refused(antiphon("train", tmp_path, tmp_path / "out", "--device", "cuda"), "device cuda:")
