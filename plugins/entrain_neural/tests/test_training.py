"""Trainings: repeatable, resumable, stoppable; every setting works; what is reported is what it says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from antiphon.errors import InputError
from antiphon_corpus.best_loss import best_predictions, smooth_l1
from antiphon_corpus.model import TurnTable
from antiphon_corpus.simulate import Dynamics, simulate
from antiphon_corpus.turn_table import write_turn_table
from antiphon_entrain_neural.config import Config, load_config
from antiphon_entrain_neural.extras import require_training
from antiphon_entrain_neural.model.predictor import NeuralPredictor
from antiphon_entrain_neural.predictor import predict_all
from antiphon_entrain_neural.training.batches import Conversations
from antiphon_entrain_neural.training.callbacks import read_epochs
from antiphon_entrain_neural.training.fit import EPOCHS, STATE, Hardware, fit
from antiphon_entrain_neural.training.module import EntrainmentModule
from antiphon_entrain_neural.training.prepare import Prepared, prepare
from antiphon_entrain_neural.training.texts import Texts

TINY = ("model.encoder=6", "model.decoder_units=5", "model.prenet=4", "training.epochs=3", "training.batch=4")


def tiny(*more: str) -> Config:
    return load_config("default", (*TINY, *more))


@pytest.fixture(scope="module")
def table() -> TurnTable:
    return simulate(16, Dynamics(mean_exchanges=6, missing=0.1), seed=1).table


@pytest.fixture(scope="module")
def prepared(table) -> Prepared:
    return prepare(table, tiny(), name="simulated", licence="CC0-1.0")


def train(prepared: Prepared, config: Config, folder: Path, echo=lambda _: None, **more):
    return fit(prepared, config, folder, name="tiny", hardware=Hardware("cpu"), echo=echo, **more)


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_a_training_that_is_killed_goes_on_as_if_it_had_not_been(prepared, tmp_path) -> None:
    """With dropout, weight averaging, a learning-rate schedule and a mixture of truth and predictions."""
    config = tiny("training.averaging=0.8", "training.teacher_forcing.start=0.5", "training.warmup=3")
    train(prepared, config, tmp_path / "whole")

    class Killed(BaseException):
        pass

    def die(line: str) -> None:
        if line.startswith("epoch   1"):
            raise Killed

    with pytest.raises((Killed, SystemExit)):
        train(prepared, config, tmp_path / "killed", echo=die)
    assert not (tmp_path / "killed" / "card.json").exists()
    lines: list[str] = []
    train(prepared, config, tmp_path / "killed", echo=lines.append)
    assert lines[1].startswith("going on with epoch 1")
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")
    one, other = (read_epochs(tmp_path / run / STATE / EPOCHS) for run in ("whole", "killed"))
    assert [{**row, "seconds": 0} for row in one] == [{**row, "seconds": 0} for row in other]
    assert [row["epoch"] for row in one] == [0, 1, 2]


def test_the_seed_decides(prepared, tmp_path) -> None:
    for name, seed in (("one", 0), ("same", 0), ("other", 1)):
        train(prepared, tiny(f"training.seed={seed}", "training.epochs=1"), tmp_path / name)
    assert weights(tmp_path / "one") == weights(tmp_path / "same") != weights(tmp_path / "other")


def test_interrupting_keeps_the_best_epoch(prepared, tmp_path) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("epoch   1"):
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    checkpoint = train(prepared, tiny("training.epochs=500"), tmp_path / "run", echo=interrupt)
    assert signal.getsignal(signal.SIGINT) is before
    assert len(read_epochs(tmp_path / "run" / STATE / EPOCHS)) < 5
    assert checkpoint.card.metrics["validation_loss"] > 0


def test_the_loss_that_is_reported_is_free_running(prepared, tmp_path) -> None:
    """It is found again from the checkpoint, by predicting the validation split without being told our turns."""
    checkpoint = train(prepared, tiny(), tmp_path / "run")
    predictor, metrics = NeuralPredictor(checkpoint), checkpoint.card.metrics
    losses = {}
    for free_running, label in ((True, "validation_loss"), (False, "validation_loss_teacher_forced")):
        found = predict_all(predictor, prepared.validation, free_running=free_running)
        errors = [(f - c.z)[c.targets] for f, c in zip(found, prepared.validation, strict=True)]
        losses[label] = smooth_l1(np.concatenate(errors)).mean()
        assert metrics[label] == pytest.approx(losses[label], rel=1e-5)
    assert losses["validation_loss"] != pytest.approx(losses["validation_loss_teacher_forced"], rel=1e-4)
    by_feature = [metrics[f"validation_loss_{spec.name}"] for spec in prepared.features]
    counts = sum(c.targets.sum(axis=0) for c in prepared.validation)
    assert metrics["validation_loss"] == pytest.approx(np.average(by_feature, weights=counts), rel=1e-5)


IN_A_STEP = [
    "training.loss_of=both",
    "training.feed_back=both",
    "training.teacher_forcing.start=1.0",
    'training.teacher_forcing={schedule="linear", start=1.0, epochs=2}',
    "training.loss=mse",
    "model.partner=false",
    "model.attention=dual",
    "model.decoder=per-feature",
    "model.cell=lstm",
    "text.history=averaged",
    "text.next=none",
    "text.next=attention",
    "text.length=false",
    "data.us=second-speaker",
    "data.us_scale=conversation",
    "data.partner_scale=conversation",
    "data.memory_turns=5.0",
]


def loss_of_a_step(table: TurnTable, *settings: str) -> float:
    config = tiny("training.predict=both", *settings)
    prepared = prepare(table, config, name="simulated")
    torch.manual_seed(0)
    rows = None if prepared.vocabulary is None else len(prepared.vocabulary)
    module = EntrainmentModule(config, tuple(s.name for s in prepared.features), rows, prepared.dims)
    texts = Texts((text for c in prepared.train for text in c.texts), prepared.vocabulary)
    torch.manual_seed(0)
    loss = module.training_step(Conversations(prepared.train, texts).collate(range(8)), 0)
    loss.backward()
    return float(loss)


@pytest.fixture(scope="module")
def usual(table) -> float:
    return loss_of_a_step(table)


@pytest.mark.parametrize("setting", IN_A_STEP)
@pytest.mark.filterwarnings("ignore:You are trying to `self.log")
def test_every_setting_does_something(setting, usual, table) -> None:
    assert np.isfinite(loss_of_a_step(table, setting))
    assert loss_of_a_step(table, setting) != usual


@pytest.mark.parametrize("setting", ["optimizer=adam", "learning_rate=0.1", "schedule=plateau", "averaging=0.5"])
def test_every_setting_of_the_optimiser_does_something(setting, prepared, tmp_path) -> None:
    for name, more in (("usual", ()), ("other", (f"training.{setting}",))):
        train(prepared, tiny("training.epochs=1", *more), tmp_path / name)
    assert weights(tmp_path / "usual") != weights(tmp_path / "other")


@pytest.mark.parametrize("setting", ["evaluation_predict=both", "evaluation_loss_of=both"])
def test_evaluation_has_settings_of_its_own(setting, prepared, tmp_path) -> None:
    more = ("training.evaluation_predict=both", f"training.{setting}")
    one, other = (
        train(prepared, tiny("training.epochs=1", *settings), tmp_path / str(len(settings))).card.metrics
        for settings in ((), more)
    )
    assert one["training_loss"] == other["training_loss"]
    assert one["validation_loss"] != other["validation_loss"]


def test_the_test_split_is_never_looked_at(table, prepared, tmp_path) -> None:
    frame = table.frame.copy()
    held_out = frame["conversation"].isin(prepared.split.test)
    frame.loc[held_out, "rate"] *= 5
    frame.loc[held_out, "text"] = "other words"
    other = prepare(TurnTable.of(frame), tiny(), name="simulated")
    assert not np.array_equal(prepared.test[0].z, other.test[0].z)
    for name, data in (("one", prepared), ("other", other)):
        train(data, tiny("training.epochs=1"), tmp_path / name)
    assert weights(tmp_path / "one") == weights(tmp_path / "other")


def test_it_stops_when_nothing_improves(prepared, tmp_path) -> None:
    config = tiny("training.epochs=50", "training.learning_rate=1e-12", "training.patience=2", "training.averaging=0.0")
    train(prepared, config, tmp_path / "run")
    assert len(read_epochs(tmp_path / "run" / STATE / EPOCHS)) <= 6


def test_another_training_in_the_same_folder_is_refused(prepared, tmp_path) -> None:
    train(prepared, tiny("training.epochs=1"), tmp_path / "run")
    with pytest.raises(InputError, match="another training is there"):
        train(prepared, tiny("training.epochs=2"), tmp_path / "run")
    train(prepared, tiny("training.epochs=2"), tmp_path / "run", restart=True)


def test_a_training_that_diverges_says_so(prepared, tmp_path) -> None:
    config = tiny("training.learning_rate=1e30", "training.clip=none", "training.loss=mse", "training.patience=none")
    with pytest.raises(InputError, match=r"diverged; lower training.learning_rate"):
        train(prepared, config, tmp_path / "run")


def test_what_training_needs_is_named(monkeypatch) -> None:
    require_training("training")
    monkeypatch.setattr("antiphon_entrain_neural.extras.TRAINING", ("json", "a_package_that_is_not_there"))
    with pytest.raises(InputError, match=r"a_package_that_is_not_there.*antiphon-entrain-neural\[train\]"):
        require_training("training")


def command(folder: Path, *more: str) -> list[str]:
    settings = [argument for setting in (*TINY, "training.epochs=6") for argument in ("--set", setting)]
    program = [sys.executable, "-m", "antiphon", "entrain", "train", str(folder / "corpus.csv"), *settings]
    return [*program, "--accelerator", "cpu", *more]


@pytest.mark.long
def test_kill_and_go_on_at_the_command_line(table, tmp_path) -> None:
    write_turn_table(table, tmp_path / "corpus.csv")
    subprocess.run(command(tmp_path, "--out", str(tmp_path / "whole")), check=True)
    process = subprocess.Popen(command(tmp_path, "--out", str(tmp_path / "killed")), stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("epoch   2"):
            process.kill()
    assert process.wait() == -signal.SIGKILL
    subprocess.run(command(tmp_path, "--out", str(tmp_path / "killed")), check=True)
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")


@pytest.mark.long
def test_two_processes_train_one_model(table, tmp_path) -> None:
    write_turn_table(table, tmp_path / "corpus.csv")
    subprocess.run(command(tmp_path, "--out", str(tmp_path / "both"), "--devices", "2"), check=True)
    rows = read_epochs(tmp_path / "both" / STATE / EPOCHS)
    assert [row["epoch"] for row in rows] == list(range(6))
    assert rows[-1]["training_loss"] < rows[0]["training_loss"]


@pytest.mark.long
def test_it_learns_what_there_is_to_learn(tmp_path) -> None:
    """Of simulated conversations, nearly all that a predictor could who knows the process and its parameters."""
    simulation = simulate(300, seed=3)
    config = load_config("default", ('data.us="second-speaker"', "data.shares=[0.7, 0.1, 0.2]", "training.epochs=30"))
    prepared = prepare(simulation.table, config, name="simulated")
    predictor = NeuralPredictor(train(prepared, config, tmp_path / "run"))
    found = predict_all(predictor, prepared.test, free_running=True)
    best, names = best_predictions(simulation, free_running=True), simulation.table.frame["conversation"].astype(str)
    errors: dict[str, list[np.ndarray]] = {"model": [], "best": [], "zero": []}
    for conversation, predicted in zip(prepared.test, found, strict=True):
        rows = (names == conversation.name).to_numpy() & simulation.is_us
        z, us = conversation.z, conversation.is_us
        latent, known = simulation.latent[rows], best[rows]
        others = (latent.sum(axis=0) - latent) / (len(latent) - 1)  # the scale of `LeaveOneOutScale`
        spread = np.sqrt(((latent**2).sum(0) - latent**2 - (len(latent) - 1) * others**2) / (len(latent) - 2))
        errors["model"].append((predicted - z)[us])
        errors["best"].append((known - others) / spread - z[us])
        errors["zero"].append(z[us])
    loss = {name: smooth_l1(np.concatenate(parts)).mean() for name, parts in errors.items()}
    assert (loss["zero"] - loss["model"]) / (loss["zero"] - loss["best"]) >= 0.95, loss
