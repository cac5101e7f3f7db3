"""Checkpoints that are damaged or meant to do harm: a clear error that names the file, and nothing else happens."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
from antiphon.errors import AntiphonError, ModelError, PipelineError
from antiphon.features import PROSODY
from antiphon.stages import Setup
from antiphon_entrain_neural.checkpoint import CARD, PRIOR, WEIGHTS, load_checkpoint
from antiphon_entrain_neural.model.predictor import NeuralPredictor
from antiphon_entrain_neural.serving.options import NeuralOptions
from antiphon_entrain_neural.serving.sidecar import SIDECAR
from antiphon_entrain_neural.serving.strategy import Neural
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SETUP = Setup(specs={spec.name: spec.on("z") for spec in PROSODY})
FILES = (CARD, PRIOR, WEIGHTS, SIDECAR, "observe.onnx", "predict.onnx")
GONE = "gone wrong"
FRESH = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Harm:
    """What a pickle can do to who opens it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (GONE,)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the checkpoint that comes with the package."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(load_checkpoint("builtin:default").folder, tmp_path / "model"))


def serve(folder: Path) -> None:
    """As a dialogue begins, and a conversation that PyTorch predicts."""
    component = Neural(NeuralOptions(folder), SETUP)
    component.session(0)
    NeuralPredictor(load_checkpoint(folder))


def refusal(folder: Path) -> str:
    """Why it cannot be served; nothing if it can be."""
    try:
        serve(folder)
    except AntiphonError as error:
        return str(error)
    return ""


def resign(folder: Path, *names: str) -> None:
    """Make the card name changed files as they are now, which anybody who gives a checkpoint away can do."""
    card = json.loads((folder / CARD).read_text())
    if SIDECAR not in names:
        sidecar = json.loads((folder / SIDECAR).read_text())
        for function in sidecar["functions"].values():
            function["sha256"] = digest(folder / function["file"])
        (folder / SIDECAR).write_text(json.dumps(sidecar))
    for name in card["files"]:
        card["files"][name] = digest(folder / name) if (folder / name).is_file() else "0"
    (folder / CARD).write_text(json.dumps(card))


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_copy_itself_can_be_served(folder: Path) -> None:
    resign(folder)
    serve(folder)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.5])
@pytest.mark.parametrize("name", FILES)
def test_truncated_files(folder: Path, name: str, share: float, signed: bool) -> None:
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(share * len(data))])
    if signed and name != CARD:
        resign(folder, name)
    with pytest.raises(AntiphonError, match=name if signed or name == CARD else "."):
        serve(folder)


@pytest.mark.parametrize("name", FILES)
def test_missing_files(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"{name}: it cannot be read: No such file"):
        serve(folder)


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_pipes_do_not_hang_anybody(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ModelError, match=f"{name}: it cannot be read: it is no plain file"):
        serve(folder)


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_unpickled(folder: Path, name: str) -> None:
    harm = io.BytesIO()
    pickle.dump(Harm(), harm)
    (folder / name).write_bytes(harm.getvalue())
    if name != CARD:
        resign(folder, name)
    with pytest.raises(AntiphonError):
        serve(folder)
    assert not Path(GONE).exists()


@pytest.mark.parametrize("name", [CARD, PRIOR, SIDECAR])
@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"schema":' * 50_000, id="deep objects"),
        pytest.param(b"9" * 100_000, id="a huge number"),
        pytest.param(b'{"schema": 1' + b', "a": 1' * 10_000 + b"}", id="wide"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"schema": 1}', id="empty"),
        pytest.param(b'{"schema": 2}', id="another version"),
        pytest.param(b'{"schema": NaN}', id="no number"),
    ],
)
def test_json_bombs(folder: Path, name: str, bomb: bytes) -> None:
    (folder / name).write_bytes(bomb)
    if name != CARD:
        resign(folder, name)
    with pytest.raises(AntiphonError, match=name):
        serve(folder)


def test_a_file_without_end_is_not_read(folder: Path) -> None:
    with (folder / CARD).open("wb") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    with pytest.raises(ModelError, match=r"card\.json: it cannot be read: it is larger than 64 MB"):
        serve(folder)


@pytest.mark.parametrize("name", ["../secret.json", "/etc/passwd", "a/b", "..", "", "a\x00b", 7])
def test_paths_that_lead_out_of_the_folder(folder: Path, name: Any) -> None:
    (folder.parent / "secret.json").write_text("{}")
    card = json.loads((folder / CARD).read_text())
    card["files"] = {**card["files"], str(name): "0" * 64}
    (folder / CARD).write_text(json.dumps(card))
    sidecar = json.loads((folder / SIDECAR).read_text())
    sidecar["functions"]["predict"]["file"] = name
    (folder / SIDECAR).write_text(json.dumps(sidecar))
    with pytest.raises(AntiphonError):
        serve(folder)


@pytest.mark.parametrize("key", ["features", "config", "data", "files", "dims", "name", "metrics"])
@pytest.mark.parametrize("value", [None, 0, -1, "text", [], {}, [[]], [{}], {"a": {}}, 1e308])
def test_cards_with_something_else_in_place_of(folder: Path, key: str, value: Any) -> None:
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps({**card, key: value}))
    said = refusal(folder)
    assert not said or str(folder) in said  # a name may be any text


@pytest.mark.parametrize(
    ("key", "value"),
    [("encoder", 10**9), ("history_turns", 10**12), ("encoder_layers", 10**6), ("decoder_units", 65_536)],
)
def test_cards_that_ask_for_more_memory_than_there_is(folder: Path, key: str, value: int) -> None:
    card = json.loads((folder / CARD).read_text())
    card["config"]["model"][key] = value
    (folder / CARD).write_text(json.dumps(card))
    with pytest.raises(ModelError, match=f"does not fit the configuration|model.{key}: must be <= "):
        NeuralPredictor(load_checkpoint(folder))


@pytest.mark.parametrize("shape", [[10**12], [-1, 2], [0], ["n"], [[]], "text", None, [1.5], [1, 1]])
def test_state_of_impossible_shape(folder: Path, shape: Any) -> None:
    sidecar = json.loads((folder / SIDECAR).read_text())
    sidecar["state"]["encoder"] = shape
    (folder / SIDECAR).write_text(json.dumps(sidecar))
    resign(folder, SIDECAR)
    with pytest.raises(ModelError, match=SIDECAR):
        serve(folder)


def test_functions_of_another_model(folder: Path) -> None:
    """The card and the sidecar agree with the files, but they are not what they are said to be."""
    (folder / "predict.onnx").write_bytes((folder / "observe.onnx").read_bytes())
    resign(folder)
    with pytest.raises(ModelError, match=r"steps\.json"):
        serve(folder)


def test_external_data_of_an_onnx_file_is_not_read(folder: Path, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    (tmp_path / "secret.bin").write_bytes(bytes(1 << 20))
    model = onnx.load(folder / "predict.onnx")
    for initializer in model.graph.initializer:
        if len(initializer.raw_data) > 64:
            initializer.ClearField("raw_data")
            initializer.data_location = onnx.TensorProto.EXTERNAL
            del initializer.external_data[:]
            initializer.external_data.add(key="location", value=str(tmp_path / "secret.bin"))
            break
    (folder / "predict.onnx").write_bytes(model.SerializeToString())
    resign(folder)
    with pytest.raises(ModelError, match=r"predict\.onnx: ONNX Runtime cannot open it"):
        serve(folder)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@FRESH
@given(data=st.data(), value=JSON)
def test_any_value_anywhere_in_card_prior_and_sidecar(folder: Path, data: st.DataObject, value: Any) -> None:
    """One place of one of the files holds something else: it can be served, or there is a clear error."""
    name = data.draw(st.sampled_from([CARD, PRIOR, SIDECAR]))
    original = {file: (folder / file).read_bytes() for file in FILES}
    tables = json.loads(original[name])
    place: Any = tables
    for _ in range(data.draw(st.integers(1, 4))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner:
            break
        place, last = inner, (place, key)
    else:
        place, key = last
    place[key] = value
    (folder / name).write_text(json.dumps(tables))
    if name != CARD:
        resign(folder, name)
    try:
        said = refusal(folder)
    finally:
        for file, content in original.items():
            (folder / file).write_bytes(content)
    assert not said or str(folder) in said or "z-score" in said


@FRESH
@given(data=st.data(), byte=st.integers(0, 255))
def test_any_byte_of_weights_and_functions(folder: Path, data: st.DataObject, byte: int) -> None:
    """A changed byte that the card knows of: another model, or a clear error."""
    name = data.draw(st.sampled_from([WEIGHTS, "observe.onnx", "predict.onnx"]))
    original = {file: (folder / file).read_bytes() for file in FILES}
    changed = bytearray(original[name])
    changed[data.draw(st.integers(0, len(changed) - 1))] = byte
    (folder / name).write_bytes(bytes(changed))
    resign(folder)
    try:
        said = refusal(folder)
    finally:
        for file, content in original.items():
            (folder / file).write_bytes(content)
    assert not said or str(folder) in said


def test_a_profile_check_says_what_is_wrong_with_the_checkpoint(folder: Path) -> None:
    (folder / PRIOR).write_text("{}")
    with pytest.raises(PipelineError, match=r"strategy neural: .*prior\.json: it is not the file"):
        NeuralOptions(folder).reads()
    with pytest.raises(PipelineError, match=r'no such folder.*"builtin:default"'):
        NeuralOptions(folder / "nowhere").reads()
