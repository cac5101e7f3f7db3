"""The commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from antiphon.audio_files import read_audio
from antiphon.cli.main import main
from antiphon_tts_tacotron2.preparation.corpus import read_corpus
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


def test_another_voice_speaks_a_corpus(tmp_path):
    pytest.importorskip("antiphon_tts_espeak")
    (tmp_path / "sentences.txt").write_text("Good morning.\n\n...\nHow | are you?\n", "utf-8")
    spoken = antiphon(
        "synthesise", tmp_path / "sentences.txt", tmp_path / "corpus", "--takes", 2, "--option", "name=en-us+f5"
    )
    assert spoken.exit_code == 0, spoken.output
    recordings = read_corpus(tmp_path / "corpus")
    assert [recording.text for recording in recordings] == ["Good morning."] * 2 + ["How are you?"] * 2
    sounds = [read_audio(recording.path) for recording in recordings]
    assert len({len(sound.samples) for sound in sounds}) == 4  # every take has its own rate
    kept = recordings[0].path.stat().st_mtime_ns
    recordings[1].path.unlink()
    antiphon("synthesise", tmp_path / "sentences.txt", tmp_path / "corpus", "--takes", 2, "--option", "name=en-us+f5")
    assert recordings[0].path.stat().st_mtime_ns == kept
    assert read_audio(recordings[1].path) == sounds[1]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--voice", "espeek"], "espeak"),
        (["--option", "nome=x"], "nome"),
        (["--option", "name"], "NAME=TEXT"),
    ],
)
def test_voices_that_are_not_there_are_told(arguments, problem, tmp_path):
    pytest.importorskip("antiphon_tts_espeak")
    (tmp_path / "sentences.txt").write_text("Good morning.\n", "utf-8")
    refused(antiphon("synthesise", tmp_path / "sentences.txt", tmp_path / "corpus", *arguments), problem)


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
