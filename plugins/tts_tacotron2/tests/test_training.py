"""Training."""

from __future__ import annotations

import csv
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import attrs
import numpy as np
import pytest

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors.torch")
pytest.importorskip("matplotlib")

from antiphon.audio_files import read_audio  # noqa: E402
from antiphon.errors import InputError, ModelError  # noqa: E402
from antiphon.features import PROSODY  # noqa: E402
from antiphon_tts_tacotron2.model.build import build, load_model  # noqa: E402
from antiphon_tts_tacotron2.preparation.prepared import read_prepared  # noqa: E402
from antiphon_tts_tacotron2.text.front_end import FrontEnd  # noqa: E402
from antiphon_tts_tacotron2.training import checkpoint  # noqa: E402
from antiphon_tts_tacotron2.training.checkpoint import Position  # noqa: E402
from antiphon_tts_tacotron2.training.config import Training, read_config  # noqa: E402
from antiphon_tts_tacotron2.training.data import Corpus  # noqa: E402
from antiphon_tts_tacotron2.training.loop import Schedule, Trainer  # noqa: E402
from antiphon_tts_tacotron2.training.run import Plan, train  # noqa: E402


@pytest.fixture
def plan(tiny_toml) -> Plan:
    return Plan(read_config(str(tiny_toml)), name="tiny", licence="CC0-1.0", data="eSpeak NG", free=2)


@pytest.fixture
def corpus(prepared_folder) -> Corpus:
    return Corpus(prepared_folder, read_prepared(prepared_folder), FrontEnd(), 3)


def trainer(plan: Plan, corpus: Corpus, precision: torch.dtype = torch.float32) -> Trainer:
    model = build(plan.config, corpus.prepared, corpus.front_end, plan.seed, None)
    return Trainer(model, corpus, Schedule(plan.config.training, None), plan.seed, torch.device("cpu"), precision)


def ignore(position: Position, *_: object) -> None:
    """Progress that nobody sees."""


def stop_at(step: int):
    def stop(position: Position, *_: object) -> None:
        if position.step == step:
            raise KeyboardInterrupt

    return stop


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return safetensors.load_file(checkpoint.find(folder / "checkpoints")[-1] / "model.safetensors")


def test_the_loss_falls(plan, corpus):
    training = Training(steps=15, batch=5, learning_rate=1e-2, warm_up_steps=1)
    one, seen = trainer(attrs.evolve(plan, config=attrs.evolve(plan.config, training=training)), corpus), []
    one.run(lambda position, measured: seen.append(measured["mel"] + measured["postnet"]))
    assert len(seen) == 15
    assert np.mean(seen[-3:]) < 0.95 * np.mean(seen[:3])


def test_bfloat16_does_about_the_same(plan, corpus):
    batch = next(corpus.epoch(0, 2, 0.5, 0))
    exact, rough = (trainer(plan, corpus, dtype).step(batch) for dtype in (torch.float32, torch.bfloat16))
    for name in ("mel", "postnet", "stop", "guidance"):
        assert rough[name] == pytest.approx(exact[name], rel=0.05)


def test_an_interrupted_training_goes_on_as_if_it_had_not_been(plan, prepared_folder, tmp_path):
    plan = attrs.evolve(plan, free=0)
    train(prepared_folder, tmp_path / "whole", plan, ignore)
    with pytest.raises(KeyboardInterrupt):
        train(prepared_folder, tmp_path / "cut", plan, stop_at(4))
    train(prepared_folder, tmp_path / "cut", plan, ignore)
    whole, cut = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert whole.keys() == cut.keys()
    assert all(torch.equal(whole[name], cut[name]) for name in whole)
    rows = list(csv.DictReader((tmp_path / "cut" / "log.csv").open(encoding="utf-8")))
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4, 5, 6]


def test_a_run_leaves_a_voice_logs_pictures_and_audio(plan, prepared_folder, tmp_path):
    validation = train(prepared_folder, tmp_path, plan, ignore)
    assert {
        "mel",
        "postnet",
        "stop",
        "free_mel",
        "duration_error",
        "not_stopped",
        "focus",
    } <= validation.measures.keys()
    assert list((tmp_path / "samples").glob("*.png"))
    assert all(read_audio(path).duration_s > 0.0 for path in (tmp_path / "samples").glob("*.wav"))
    voice, model = load_model(tmp_path / "voice")
    assert (voice.name, voice.licence, voice.measured["steps"]) == ("tiny", "CC0-1.0", 6)
    assert [scale.feature for scale in voice.controls] == [spec.name for spec in PROSODY]
    average = safetensors.load_file(checkpoint.find(tmp_path / "checkpoints")[-1] / "average.safetensors")
    assert all(torch.equal(tensor, average[name]) for name, tensor in model.state_dict().items())


def test_nothing_that_is_written_is_a_pickle(plan, prepared_folder, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(prepared_folder, tmp_path, plan, stop_at(1))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 6
    assert not [path for path in files if path.read_bytes()[:2] in (b"\x80\x02", b"\x80\x04", b"\x80\x05", b"PK")]


def test_a_training_can_begin_with_the_weights_of_a_voice(plan, prepared_folder, tmp_path):
    train(prepared_folder, tmp_path / "first", attrs.evolve(plan, free=0), ignore)
    start = tmp_path / "first" / "voice" / "model.safetensors"
    prepared = read_prepared(prepared_folder)
    model = build(plan.config, prepared, FrontEnd(), 1, start)
    given = safetensors.load_file(start)
    assert all(torch.equal(tensor, given[name]) for name, tensor in model.state_dict().items())


def test_a_folder_of_another_training_is_refused(plan, prepared_folder, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(prepared_folder, tmp_path, plan, stop_at(1))
    with pytest.raises(InputError, match="holds another training"):
        train(prepared_folder, tmp_path, attrs.evolve(plan, seed=1), ignore)


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "position.json"])
def test_a_damaged_checkpoint_is_told(name, plan, prepared_folder, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(prepared_folder, tmp_path, plan, stop_at(1))
    path = checkpoint.find(tmp_path / "checkpoints")[-1] / name
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(ModelError, match="damaged"):
        train(prepared_folder, tmp_path, plan, ignore)


def test_only_the_last_checkpoints_are_kept_and_halves_are_not_seen(plan, corpus, tmp_path):
    one = trainer(plan, corpus)
    for step in range(4):
        one.position = Position(step=step)
        one.save(tmp_path)
    (tmp_path / ".step-0000009.part").mkdir()
    assert [path.name for path in checkpoint.find(tmp_path)] == ["step-0000002", "step-0000003"]


@pytest.mark.long
def test_training_survives_a_kill(tiny_toml, prepared_folder, tmp_path):
    command = [sys.executable, "-m", "antiphon", "tacotron2", "train", str(prepared_folder)]
    arguments = ["--config", str(tiny_toml), "--threads", "1", "--save-minutes", "0", "--precision", "float32"]
    subprocess.run([*command, str(tmp_path / "whole"), *arguments], check=True, stdout=subprocess.DEVNULL)
    cut = tmp_path / "cut"
    process = subprocess.Popen([*command, str(cut), *arguments], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while not checkpoint.find(cut / "checkpoints") and process.poll() is None:
            time.sleep(0.005)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run([*command, str(cut), *arguments], check=True, stdout=subprocess.DEVNULL)
    one, other = weights(tmp_path / "whole"), weights(cut)
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_writes_a_checkpoint_first(number, tiny_toml, prepared_folder, tmp_path):
    command = [sys.executable, "-m", "antiphon", "tacotron2", "train", str(prepared_folder), str(tmp_path)]
    arguments = ["--config", str(tiny_toml), "--threads", "1", "--steps", "100000"]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)
    while not (tmp_path / "log.csv").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(number)
    assert "run the same command again" in process.communicate()[0]
    assert process.returncode == 130
    assert checkpoint.find(tmp_path / "checkpoints")


def test_batches_depend_on_seed_and_epoch_alone(corpus):
    def mels(epoch: int, seed: int) -> list[torch.Tensor]:
        return [batch.frames for batch in corpus.epoch(epoch, 2, 0.5, seed)]

    first, again, next_, other = mels(0, 0), mels(0, 0), mels(1, 0), mels(0, 1)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    for different in (next_, other):
        assert not all(a.shape == b.shape and torch.equal(a, b) for a, b in zip(first, different, strict=False))


def test_an_epoch_has_every_recording_once(corpus):
    ids = {item.id for item in corpus.prepared.items["train"]}
    assert sum(len(batch.frames) for batch in corpus.epoch(0, 2, 0.5, 0)) == len(ids)


def test_a_gain_moves_mel_and_control_together(corpus):
    item = corpus.prepared.items["train"][0]
    plain, louder = corpus.collate([item]), corpus.collate([item], [3.0])
    index = [scale.feature for scale in corpus.prepared.controls].index("intensity_mean")
    scale = corpus.prepared.controls[index]
    moved = float(louder.controls[0, index] - plain.controls[0, index])
    assert moved == pytest.approx(3.0 / (3 * scale.sd), rel=1e-3)
    sd = torch.tensor(corpus.prepared.mel_sd)
    difference = ((louder.frames - plain.frames) * sd)[0, 20]
    assert difference.median().item() == pytest.approx(3.0 * np.log(10) / 20, rel=1e-3)


def test_a_natural_utterance_is_asked_for_what_it_has(corpus):
    for item in corpus.prepared.items["train"]:
        for scale, c in zip(corpus.prepared.controls, corpus.controls(item), strict=True):
            if scale.feature not in ("rate", "intensity_mean") and abs(c) < 1.0:
                raw = np.exp(scale.unscaled(c))
                assert raw == pytest.approx(item.features[scale.feature], rel=1e-3)


def test_the_rate_rises_then_falls_to_the_end():
    schedule = Schedule(Training(steps=1000, warm_up_steps=100, learning_rate=1.0), None)
    rates = [schedule.learning_rate(Position(step=step)) for step in range(1001)]
    assert rates[0] == pytest.approx(0.01, rel=0.01)
    assert np.argmax(rates) == pytest.approx(99, abs=1)
    assert all(a >= b for a, b in itertools.pairwise(rates[100:]))
    assert rates[-1] == pytest.approx(0.01)


def test_minutes_end_a_training_before_its_steps():
    schedule = Schedule(Training(steps=1000), 10.0)
    assert schedule.progress(Position(step=10, elapsed_s=300.0)) == 0.5
    assert schedule.progress(Position(step=900, elapsed_s=300.0)) == 0.9
    assert schedule.guidance(Position()) == pytest.approx(10 * schedule.guidance(Position(elapsed_s=600.0)))


def test_the_average_follows_the_weights(plan, corpus):
    one = trainer(plan, corpus)
    one.run(ignore)
    own = one.model.state_dict()
    name = "decoder.frames.weight"
    assert not torch.equal(one.average[name], own[name])
    assert (one.average[name] - own[name]).abs().max() < 0.05
    assert torch.equal(one.averaged().state_dict()[name], one.average[name])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[model", "not TOML"),
        ("[training]\n", "model"),
        ("[model]\nreduction = 1\nwings = 2\n[training]\n", "wings"),
    ],
)
def test_wrong_configurations_are_told(content, problem, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(InputError, match=problem):
        read_config(str(path))


def test_an_unknown_configuration_is_told_which_there_are():
    with pytest.raises(InputError, match="there are full, small"):
        read_config("medium")


def test_a_missing_cache_is_told(corpus, prepared_folder, tmp_path):
    folder = Path(shutil.copytree(prepared_folder, tmp_path / "copy"))
    item = corpus.prepared.items["train"][0]
    (folder / "mels" / f"{item.name}.npy").unlink()
    other = Corpus(folder, corpus.prepared, FrontEnd(), 3)
    with pytest.raises(InputError, match="prepare the corpus again"):
        other.collate([item])
