"""Exported step functions: the same model in every format and in another language."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from antiphon.cli.main import main
from antiphon.errors import ModelError
from antiphon_entrain_neural.checkpoint import Checkpoint, load_checkpoint
from antiphon_entrain_neural.config import Config, ModelConfig, TextConfig
from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.export.exporting import export, open_export
from antiphon_entrain_neural.model.predictor import NeuralPredictor
from antiphon_entrain_neural.predictor import predict
from antiphon_entrain_neural.serving.predictor import OnnxPredictor
from antiphon_entrain_neural.serving.sidecar import PREDICT, SIDECAR, Sidecar
from antiphon_entrain_neural.serving.steps import Runtime, Steps
from click.testing import CliRunner

PARITY = 1e-5
EXCHANGES = 100
"""300 steps, of which 200 observe."""
REPLAY = Path(__file__).resolve().parents[1] / "examples" / "replay-steps.mjs"

MODELS = {
    "no words": Config(text=TextConfig(next="none")),
    "words averaged": Config(text=TextConfig(history="averaged", next="averaged")),
    "words attended, LSTM, two heads, a decoder for each feature": Config(
        model=ModelConfig(cell="lstm", encoder_layers=2, decoder_layers=2, attention="dual", decoder="per-feature"),
        text=TextConfig(history="averaged", next="attention"),
    ),
    "no attention": Config(model=ModelConfig(attention="none", linear=False), text=TextConfig(next="none")),
}
FORMATS = ("onnx", "pt2", "torchscript")


@pytest.fixture(scope="module")
def exported(random_checkpoint: Callable[..., Checkpoint], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model as TorchScript, which is exported fastest."""
    folder = tmp_path_factory.mktemp("exported")
    export(random_checkpoint(folder / "model", MODELS["words averaged"]), folder / "out", "torchscript")
    return folder / "out"


def apart(runtime: Runtime, sidecar: Sidecar) -> float:
    """The largest difference from the golden values, over all golden steps in turn."""
    steps = Steps(runtime, sidecar)
    largest = 0.0
    for golden in sidecar.golden:
        made = steps(golden.function, golden.inputs)
        assert made.keys() == golden.outputs.keys()
        largest = max(largest, *(float(np.abs(made[n] - v).max(initial=0)) for n, v in golden.outputs.items()), 0.0)
    return largest


@pytest.mark.long
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("model", MODELS)
def test_every_format_gives_what_pytorch_does(
    random_checkpoint: Callable[..., Checkpoint], tmp_path: Path, model: str, format: Any
) -> None:
    checkpoint = random_checkpoint(tmp_path / "model", MODELS[model])
    sidecar = export(checkpoint, tmp_path / "out", format, exchanges=EXCHANGES)
    assert len(sidecar.golden) == 3 * EXCHANGES
    z = np.concatenate([step.outputs["z"] for step in sidecar.golden if step.function == PREDICT])
    assert z.std(axis=0).min() > 0.01  # the outputs do depend on what is told
    assert apart(*open_export(tmp_path / "out")) < PARITY


def test_an_exported_model_gives_what_pytorch_does(exported: Path) -> None:
    assert apart(*open_export(exported)) < PARITY


def test_golden_steps_are_the_predictor_itself(
    random_checkpoint: Callable[..., Checkpoint], draw_conversation: Callable[..., Conversation], tmp_path: Path
) -> None:
    """The default checkpoint's ONNX functions, which lie in the package, against its weights in PyTorch."""
    checkpoint = load_checkpoint("builtin:default")
    runtime = OnnxPredictor(checkpoint)
    assert apart(runtime.runtime, runtime.sidecar) < PARITY


def test_state_goes_in_and_out_and_is_never_changed_in_place() -> None:
    predictor = OnnxPredictor(load_checkpoint("builtin:default"))
    sidecar, runtime = predictor.sidecar, predictor.runtime
    start = {f"state_{name}": value for name, value in sidecar.start().items()}
    golden = sidecar.golden[0]
    function = sidecar.functions[golden.function]
    given = {name: {**golden.inputs, **start}[name] for name in function.inputs}
    before = {name: value.copy() for name, value in given.items()}
    after = runtime(golden.function, given)
    assert all(np.array_equal(before[name], given[name]) for name in given)
    assert all(np.any(after[f"next_{name}"] != start[f"state_{name}"]) for name in ("encoder", "turns", "latest"))
    again = runtime(golden.function, given)
    assert all(np.array_equal(after[name], again[name]) for name in after)


@pytest.mark.parametrize("change", ["file", "golden", "no golden"])
def test_what_does_not_give_its_golden_values_is_refused(exported: Path, tmp_path: Path, change: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(exported, folder)
    sidecar = json.loads((folder / SIDECAR).read_text())
    if change == "file":
        (folder / "predict.pt").write_bytes((folder / "observe.pt").read_bytes())
        message = "predict.pt is not the file"
    elif change == "golden":
        outputs = next(step["outputs"] for step in sidecar["golden"] if step["function"] == "predict")
        outputs["z"][0][0] += 0.01
        message = r"step 1 \(predict\) does not give its golden values: z is 0.01 from"
    else:
        sidecar["golden"] = []
        message = "no golden steps"
    (folder / SIDECAR).write_text(json.dumps(sidecar))
    with pytest.raises(ModelError, match=message):
        open_export(folder)


def test_the_sidecar_says_all_that_a_host_program_needs(exported: Path) -> None:
    sidecar = json.loads((exported / SIDECAR).read_text())
    assert [feature["name"] for feature in sidecar["features"]][:2] == ["pitch_mean", "pitch_range"]
    assert sidecar["features"][0]["unit"] == "Hz"
    assert sidecar["words"] == {"kind": "rows", "count": 4, "dims": 16}
    assert sidecar["functions"]["observe"]["inputs"]["words"] == {"dtype": "int64", "shape": ["words"]}
    assert (exported / "prior.json").is_file()
    assert json.loads((exported / "vocabulary.json").read_text())["words"] == ["yes", "no", "well"]


def test_the_command_writes_a_folder(random_checkpoint: Callable[..., Checkpoint], tmp_path: Path) -> None:
    random_checkpoint(tmp_path / "model", MODELS["no words"])
    command = ["entrain", "export", str(tmp_path / "model"), "-o", str(tmp_path / "out"), "--format", "torchscript"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert "18 golden steps replayed" in result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"observe.pt", "predict.pt", "prior.json", SIDECAR}


def test_only_onnx_goes_into_the_checkpoint_itself(
    random_checkpoint: Callable[..., Checkpoint], tmp_path: Path
) -> None:
    random_checkpoint(tmp_path / "model")
    result = CliRunner().invoke(main, ["entrain", "export", str(tmp_path / "model"), "--format", "pt2"])
    assert result.exit_code == 2
    assert "--out" in result.output


@pytest.mark.long
def test_a_checkpoint_gets_its_step_functions_by_the_command(
    random_checkpoint: Callable[..., Checkpoint], draw_conversation: Callable[..., Conversation], tmp_path: Path
) -> None:
    checkpoint = random_checkpoint(tmp_path / "model", MODELS["words averaged"])
    result = CliRunner().invoke(main, ["entrain", "export", str(checkpoint.folder)])
    assert result.exit_code == 0, result.output
    complete = load_checkpoint(checkpoint.folder)
    drawn = draw_conversation(60)
    wide = {"z": np.tile(drawn.z, 3)[:, :7], "valid": np.tile(drawn.valid, 3)[:, :7]}
    conversation = attrs.evolve(drawn, features=complete.feature_names, **wide)
    here, there = (predict(one(complete), conversation, free_running=True) for one in (OnnxPredictor, NeuralPredictor))
    np.testing.assert_allclose(here, there, atol=PARITY)


@pytest.mark.long
@pytest.mark.parametrize("model", MODELS)
def test_node_replays_the_golden_steps(
    random_checkpoint: Callable[..., Checkpoint], tmp_path: Path, node_modules: Path, model: str
) -> None:
    export(random_checkpoint(tmp_path / "model", MODELS[model]), tmp_path / "out", "onnx", exchanges=EXCHANGES)
    shutil.copy(REPLAY, tmp_path / "replay-steps.mjs")
    (tmp_path / "node_modules").symlink_to(node_modules)
    process = subprocess.run(
        ["node", "replay-steps.mjs", "out"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert process.returncode == 0, process.stderr
    steps, difference = process.stdout.split(" steps, at most ")
    assert int(steps) == 3 * EXCHANGES
    assert float(difference.split()[0]) < PARITY


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """onnxruntime-node, as npm installs it; its install script would fetch CUDA, which nothing here needs."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("needs Node.js and npm")
    folder = tmp_path_factory.mktemp("node")
    command = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "onnxruntime-node@1"]
    process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    if process.returncode:
        pytest.skip(f"npm cannot install onnxruntime-node: {process.stderr.strip()[-300:]}")
    return folder / "node_modules"
