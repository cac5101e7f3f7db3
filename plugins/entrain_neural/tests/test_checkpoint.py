"""Checkpoints: written and read without loss, and refused with file and remedy where anything is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from antiphon.errors import ModelError
from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, RATE, Measurement
from antiphon.normalization import Prior
from antiphon_entrain_neural.checkpoint import Card, TrainingData, add_files, load_checkpoint, save_checkpoint
from antiphon_entrain_neural.config import Config, ModelConfig, TextConfig
from antiphon_entrain_neural.model.predictor import VECTORS, NeuralPredictor, load_model
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.predictor import predict, predict_all
from antiphon_entrain_neural.words import Vocabulary

FEATURES = (PITCH_MEAN, INTENSITY_MEAN, RATE)
CONFIG = Config(text=TextConfig(history="averaged", next="attention", dims=4, size=5), model=ModelConfig(encoder=8))
PRIOR = Prior.estimate(
    [[{spec.name: Measurement(value) for spec in FEATURES} for value in (50.0, 60.0, 70.0 + n)] for n in range(3)],
    FEATURES,
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The folder of a model that was never trained."""
    torch.manual_seed(3)
    model = StepModel(3, 4, CONFIG.model, CONFIG.text)
    vocabulary = Vocabulary(("yes", "no", "žluťoučký"))
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    weights[VECTORS] = np.random.default_rng(0).normal(size=(len(vocabulary), 4)).astype(np.float32)
    data = TrainingData("simulated", "CC0-1.0", "0" * 64, 10, 100, {"seed": 0})
    card = Card("test", FEATURES, 4, CONFIG, data, {"validation_loss": 0.4})
    return save_checkpoint(tmp_path_factory.mktemp("made") / "model", card, PRIOR, vocabulary, weights).folder


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "model"))


def test_it_is_read_as_it_was_written(whole) -> None:
    checkpoint = load_checkpoint(whole)
    assert checkpoint.card.features == FEATURES
    assert checkpoint.card.config == CONFIG
    assert checkpoint.card.data.licence == "CC0-1.0"
    assert checkpoint.prior == PRIOR
    assert checkpoint.vocabulary == Vocabulary(("yes", "no", "žluťoučký"))
    assert all(path.suffix in {".json", ".safetensors"} for path in whole.iterdir())


def test_a_model_predicts_the_same_turn_by_turn_and_all_at_once(whole, draw_conversation) -> None:
    predictor = NeuralPredictor(load_checkpoint(whole))
    conversations = [draw_conversation(turns, seed) for seed, turns in enumerate((7, 12, 1, 9))]
    for free_running in (True, False):
        together = predict_all(predictor, conversations, free_running=free_running)
        for conversation, found in zip(conversations, together, strict=True):
            np.testing.assert_allclose(found, predict(predictor, conversation, free_running=free_running), atol=2e-6)
            np.testing.assert_array_equal(np.isfinite(found).all(axis=1), conversation.is_us)


def test_sessions_do_not_share_anything(whole, draw_conversation) -> None:
    predictor = NeuralPredictor(load_checkpoint(whole))
    talks = [draw_conversation(8, seed) for seed in (1, 2)]
    sessions = [predictor.session() for _ in talks]
    found = [np.full_like(talk.z, np.nan) for talk in talks]
    for number in range(8):
        for talk, session, values in zip(talks, sessions, found, strict=True):
            turn = talk.turn(number)
            if turn.is_us:
                values[number] = session.predict(turn.text).z
            session.observe(turn)
    for talk, values in zip(talks, found, strict=True):
        np.testing.assert_array_equal(values, predict(predictor, talk, free_running=False))


def test_reading_it_imports_no_torch(whole) -> None:
    program = (
        "import sys; from antiphon_entrain_neural.checkpoint import load_checkpoint; "
        f"load_checkpoint({str(whole)!r}).weights(); print(sorted(m for m in sys.modules if m in ('torch', 'pickle5')))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_further_files_are_named_by_the_card(folder) -> None:
    checkpoint = add_files(load_checkpoint(folder), {"step.onnx": b"graph"})
    assert checkpoint.read("step.onnx") == b"graph"
    again = add_files(checkpoint, {"more.json": b"{}"})
    assert again.has("step.onnx")
    (folder / "step.onnx").write_bytes(b"grabh")
    with pytest.raises(ModelError, match=r"step\.onnx: it is not the file that card\.json was written for; copy"):
        load_checkpoint(folder).read("step.onnx")


@pytest.mark.parametrize("name", ["card.json", "prior.json", "vocabulary.json", "model.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "empty", "other"])
def test_damaged_files_are_named(folder, name, damage) -> None:
    path = folder / name
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"truncated": data[: len(data) // 2], "empty": b"", "other": b"[" * 100_000}[damage])
    with pytest.raises(ModelError, match=rf"{name}: it .*(copy|schema)"):
        load_checkpoint(folder).weights()


def rewrite(folder: Path, **changes) -> None:
    """Change the card, as somebody who means harm might."""
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **changes}))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema": 99}, "it has schema 99; train the model again"),
        ({"features": []}, "it names no features"),
        ({"features": [{"name": "rate"}]}, "unit"),
        ({"config": {"model": {"encodr": 3}}}, r'model\.encodr: unknown key; did you mean "encoder"'),
        ({"config": {"model": {"encoder": -3}}}, r"model\.encoder: must be > 0"),
        ({"config": {"text": {"embedding": {"use": "unheard-of"}}}}, 'no plugin registers embedding "unheard-of"'),
        ({"files": {"../../etc/passwd": "0"}}, "is no file of the folder"),
        ({"files": {}}, r"it does not name prior\.json"),
        ({"data": {}}, "corpus"),
        ({"dims": "many"}, "invalid literal"),
    ],
)
def test_a_card_that_is_wrong_is_refused(folder, changes, told) -> None:
    rewrite(folder, **changes)
    with pytest.raises(ModelError, match=rf"card\.json: .*{told}"):
        load_checkpoint(folder)


def test_a_card_of_other_features_does_not_fit_the_prior(folder) -> None:
    card = json.loads((folder / "card.json").read_text())
    other = {**card["features"][2], "unit": "words/s"}
    rewrite(folder, features=[*card["features"][:2], other])
    with pytest.raises(ModelError, match="words/s"):
        load_checkpoint(folder)
    rewrite(folder, features=[*card["features"][:2], {**card["features"][2], "name": "tempo"}])
    with pytest.raises(ModelError, match=r"prior\.json: it lacks tempo"):
        load_checkpoint(folder)


def test_weights_of_another_model_are_refused(folder) -> None:
    card = json.loads((folder / "card.json").read_text())
    card["config"]["model"]["encoder"] = 9
    rewrite(folder, config=card["config"])
    with pytest.raises(ModelError, match=r"model\.safetensors: it does not fit the configuration in the card: .*9"):
        load_model(load_checkpoint(folder))


def test_a_folder_that_is_none_is_refused(tmp_path) -> None:
    with pytest.raises(ModelError, match="there is no such folder"):
        load_checkpoint(tmp_path / "nothing")
    with pytest.raises(ModelError, match="there is no such folder"):
        load_checkpoint("builtin:nothing")
