"""Preparation of corpora."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from antiphon.audio_files import read_audio
from antiphon.calibration.meter import Meter
from antiphon.errors import InputError
from antiphon_tts_tacotron2.mel import STANDARD, log_mel
from antiphon_tts_tacotron2.preparation.corpus import read_corpus
from antiphon_tts_tacotron2.preparation.finish import doubtful
from antiphon_tts_tacotron2.preparation.item import Item, stable_seed
from antiphon_tts_tacotron2.preparation.prepare import Preparation, prepare
from antiphon_tts_tacotron2.preparation.prepared import read_prepared
from antiphon_tts_tacotron2.preparation.splits import split_by_phrase
from antiphon_tts_tacotron2.text.front_end import FrontEnd
from hypothesis import given
from hypothesis import strategies as st

from .conftest import TEXTS, write_wave


def quiet(done: int, total: int) -> None:
    """Progress that nobody sees."""


def test_items_have_the_features_and_mel_spectrograms_of_their_recordings(spoken_corpus, prepared_folder):
    items = {item.name: item for split in read_prepared(prepared_folder).items.values() for item in split}
    audio = read_audio(spoken_corpus / "wavs" / "u2.wav")
    measured = Meter().measure(audio, TEXTS[1])
    for name in ("pitch_mean", "pitch_range", "intensity_mean", "rate"):
        assert items["u2"].features[name] == pytest.approx(measured[name], rel=0.01)
    cached = np.load(prepared_folder / "mels" / "u2.npy")
    assert cached.shape == (items["u2"].frames, 80)
    assert cached[:50] == pytest.approx(log_mel(audio.samples)[:50], abs=0.01)


def test_variants_are_moved(prepared_folder):
    items = {item.name: item for split in read_prepared(prepared_folder).items.values() for item in split}
    pairs = [(items[name], items[f"{name}+1"]) for name in items if f"{name}+1" in items]
    assert len(pairs) == 7
    for one, other in pairs:
        assert (one.id, one.text) == (other.id, other.text)
        assert 0.0 < abs(np.log(one.features["pitch_mean"] / other.features["pitch_mean"])) < np.log(2) * 4.5 / 12
    rates = [np.log(b.features["rate"] / a.features["rate"]) + np.log(b.frames / a.frames) for a, b in pairs]
    assert rates == pytest.approx(np.zeros(7), abs=0.02)  # faster is shorter


def test_takes_of_a_phrase_are_in_one_split(prepared_folder):
    prepared = read_prepared(prepared_folder)
    (split_of_first,) = [split for split, items in prepared.items.items() if any(item.id == "u0" for item in items)]
    assert {"u0", "u1"} <= {item.id for item in prepared.items[split_of_first]}
    assert all(prepared.items[split] for split in ("train", "validation", "test"))


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.sampled_from(["One.", "one", "Two!", "three?", "four"]))
)
def test_splits_are_by_phrase_whatever_its_marks(texts):
    splits = split_by_phrase(texts, seed=0)
    assert splits.keys() == texts.keys()
    by_phrase: dict[str, set[str]] = {}
    for id_, text in texts.items():
        by_phrase.setdefault(text.strip(".!?").lower(), set()).add(splits[id_])
    assert all(len(found) == 1 for found in by_phrase.values())
    assert not texts or "train" in splits.values()


def test_scales_come_from_the_training_split_alone(prepared_folder):
    prepared = read_prepared(prepared_folder)
    train = prepared.items["train"]
    pitch = prepared.controls[0]
    xs = np.log([item.features["pitch_mean"] for item in train])
    assert (pitch.median, pitch.sd) == pytest.approx((np.median(xs), xs.std()))
    natural = np.log([item.features["pitch_mean"] for item in train if item.variant == 0])
    assert (pitch.natural_mean, pitch.natural_sd) == pytest.approx((natural.mean(), natural.std()))
    mels = np.concatenate([np.load(prepared_folder / "mels" / f"{item.name}.npy") for item in train]).astype(np.float64)
    assert prepared.mel_mean == pytest.approx(mels.mean(0), abs=1e-3)
    assert prepared.mel_sd == pytest.approx(np.maximum(mels.std(0), 0.01), abs=1e-3)


def test_intensity_has_the_width_of_the_gains(prepared_folder):
    prepared = read_prepared(prepared_folder)
    intensity = next(scale for scale in prepared.controls if scale.feature == "intensity_mean")
    assert intensity.sd > prepared.gain_db / np.sqrt(3)


def copied(corpus: Path, folder: Path) -> Path:
    return Path(shutil.copytree(corpus, folder / "corpus"))


def test_what_cannot_be_used_is_told_and_left_out(spoken_corpus, tmp_path):
    corpus = copied(spoken_corpus, tmp_path)
    wavs = corpus / "wavs"
    time_s = np.arange(22_050) / 22_050
    write_wave(wavs / "silent.wav", np.zeros(22_050))
    write_wave(wavs / "clipped.wav", 4 * np.sin(2 * np.pi * 150 * time_s))
    write_wave(wavs / "short.wav", 0.3 * np.sin(2 * np.pi * 150 * time_s[:3000]))
    write_wave(wavs / "noise.wav", np.random.default_rng(0).normal(0, 0.1, 22_050))
    write_wave(wavs / "wordless.wav", 0.3 * np.sin(2 * np.pi * 150 * time_s))
    (wavs / "damaged.wav").write_bytes(b"RIFF....WAVEnonsense")
    (wavs / "empty.wav").write_bytes(b"")
    names = ("silent", "clipped", "short", "noise", "damaged", "empty", "missing")
    with (corpus / "metadata.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{name}|Some words to say.\n" for name in names)
        file.write("wordless|...\n")
    problems = prepare(corpus, tmp_path / "out", Preparation(variants=0), 1, quiet).problems
    assert problems.keys() == {*names, "wordless"}
    told = {name: problems[name] for name in ("silent", "clipped", "short", "missing")}
    assert "silent: its peak" in told["silent"]
    assert "samples are at full scale" in told["clipped"]
    assert "0.14 s of speech" in told["short"]
    assert told["missing"] == "no audio file of this name"
    assert "pitch_mean" in problems["noise"] or "jitter" in problems["noise"]


def test_wrong_transcripts_are_doubted():
    texts = [" ".join(TEXTS[n % 6 : n % 6 + 1 + n % 3]) for n in range(40)]
    symbols = {str(n): FrontEnd().read(text) for n, text in enumerate(texts)}
    frames = {id_: int(10 + 6 * len(read)) for id_, read in symbols.items()}
    frames["7"] *= 3
    items = [Item(id_, texts[int(id_)], 0, count, {}) for id_, count in frames.items()]
    found = doubtful(items, symbols, STANDARD)
    assert list(found) == ["7"]
    assert "the transcript seems wrong" in found["7"]


def test_other_rates_and_channels_are_read(spoken_corpus, tmp_path):
    import soundfile

    corpus = copied(spoken_corpus, tmp_path)
    samples = read_audio(corpus / "wavs" / "u3.wav").samples
    soundfile.write(corpus / "wavs" / "u3.wav", np.repeat(samples, 2)[:, None].repeat(2, 1), 44_100)
    prepared = prepare(corpus, tmp_path / "out", Preparation(variants=0), 1, quiet)
    item = next(item for split in prepared.items.values() for item in split if item.id == "u3")
    assert item.frames == pytest.approx(1 + len(samples) / STANDARD.hop, abs=4)


def test_preparation_goes_on_where_it_was_cut_short(prepared_folder, spoken_corpus, tmp_path):
    folder = Path(shutil.copytree(prepared_folder, tmp_path / "out"))
    lines = (folder / "outcomes.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "outcomes.jsonl").write_bytes(b"".join(lines[:4]) + lines[4][:50])
    (folder / "preparation.json").unlink()
    kept = (folder / "mels" / "u0.npy").stat().st_mtime_ns
    done: list[int] = []
    prepared = prepare(spoken_corpus, folder, Preparation(variants=1), 1, lambda number, total: done.append(number))
    assert done == [5, 6, 7]
    assert (folder / "mels" / "u0.npy").stat().st_mtime_ns == kept
    assert prepared == read_prepared(prepared_folder)


@pytest.mark.long
def test_preparation_survives_a_kill(prepared_folder, spoken_corpus, tmp_path):
    command = [
        sys.executable,
        "-m",
        "antiphon",
        "tacotron2",
        "prepare",
        str(spoken_corpus),
        str(tmp_path),
        "--variants",
        "1",
    ]
    process = subprocess.Popen([*command, "--jobs", "2"], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while not (tmp_path / "outcomes.jsonl").exists() and process.poll() is None:
            time.sleep(0.02)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert read_prepared(tmp_path).items == read_prepared(prepared_folder).items


def test_a_folder_of_another_preparation_is_refused(prepared_folder, spoken_corpus, tmp_path):
    folder = Path(shutil.copytree(prepared_folder, tmp_path / "out"))
    with pytest.raises(InputError, match="prepared with another seed and variants"):
        prepare(spoken_corpus, folder, Preparation(variants=2, seed=1), 1, quiet)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "lists no recordings"),
        ("id|text\n", "lists no recordings"),
        ("only an id\n", "metadata.csv:1: not of the form"),
        ("a|Hello.\nb\n", "metadata.csv:2: not of the form"),
        ("a|Hello.\na|Again.\n", 'metadata.csv:2: the id "a" is there twice'),
    ],
)
def test_damaged_lists_are_told_with_their_line(content, problem, tmp_path):
    (tmp_path / "metadata.csv").write_text(content, "utf-8")
    with pytest.raises(InputError, match=problem):
        read_corpus(tmp_path)


def test_a_folder_without_a_list_is_told(tmp_path):
    with pytest.raises(InputError, match=r"metadata\.csv: cannot be read"):
        read_corpus(tmp_path)


def test_a_list_that_is_not_utf8_is_told(tmp_path):
    (tmp_path / "metadata.csv").write_bytes("a|Café.".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_corpus(tmp_path)


def test_texts_are_found_in_both_kinds_of_list(tmp_path):
    (tmp_path / "metadata.csv").write_text("x1|Dr. No|Doctor No\n", "utf-8")
    assert read_corpus(tmp_path)[0].text == "Doctor No"
    (tmp_path / "metadata.csv").write_text("id|text|duration_s\nx1|Doctor No|3.1\n", "utf-8")
    assert read_corpus(tmp_path)[0].text == "Doctor No"


def test_a_corpus_of_which_nothing_is_usable_is_refused(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "metadata.csv").write_text("a|Hello.\nb|World.\n", "utf-8")
    with pytest.raises(InputError, match="no audio file of this name"):
        prepare(tmp_path / "corpus", tmp_path / "out", Preparation(), 1, quiet)


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 99}', '{"schema": 1}', '{"schema": 1, "corpus": 3}'])
def test_damaged_preparations_are_refused(content, tmp_path):
    (tmp_path / "preparation.json").write_text(content, "utf-8")
    with pytest.raises(InputError, match=r"preparation\.json"):
        read_prepared(tmp_path)


def test_seeds_are_the_same_in_every_process():
    assert stable_seed(0, "u1", 1) == stable_seed(0, "u1", 1) != stable_seed(0, "u1", 2)
    assert stable_seed("123456789") == 0xCBF43926  # the check value of CRC-32


def test_a_preparation_is_read_as_it_was_written(prepared_folder):
    prepared = read_prepared(prepared_folder)
    assert json.loads((prepared_folder / "preparation.json").read_text("utf-8"))["schema"] == 1
    assert prepared.mel == STANDARD
