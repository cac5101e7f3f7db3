"""How fast the strategy ``neural`` answers, next to the same model in PyTorch, and what it costs to start.

Contenders take turns on the same exchanges, so what else the machine does hits them alike; all on one core. The model
of the default configuration reads learned word vectors and has random weights: its speed is that of a trained one.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from antiphon.features import PROSODY, Measurement
from antiphon.normalization import Prior
from antiphon.payloads import Control, Observation, Reply, VoiceCard
from antiphon.stages import Setup
from antiphon_entrain_neural.checkpoint import Card, Checkpoint, TrainingData, load_checkpoint, save_checkpoint
from antiphon_entrain_neural.config import Config, load_config
from antiphon_entrain_neural.export.exporting import export_onnx
from antiphon_entrain_neural.model.predictor import VECTORS, NeuralPredictor
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.serving.options import NeuralOptions
from antiphon_entrain_neural.serving.strategy import Neural, NeuralSession
from antiphon_entrain_neural.words import Vocabulary

from benchmarks.common import Figure, Report, Settings, command, figure, percentile, stopwatch

BUILTIN = "builtin:default"
WORDS = tuple(f"word{number}" for number in range(5000))
TEXT = " ".join(f"word{7 * number}" for number in range(12))
VOICE = VoiceCard("benchmark", 16000, tuple(Control(spec, 1.0, 0.2, -1e6, 1e6) for spec in PROSODY))

OPEN = """
import json, sys, time
started = time.perf_counter()
import antiphon.stages, antiphon.payloads, numpy
from pathlib import Path
memory = lambda: int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1e3
before = memory()
{open}
opened = time.perf_counter()
print(json.dumps([opened - started, memory() - before]))
"""
STARTS: Mapping[str, str] = {
    "ONNX Runtime": """
from antiphon.provider import load
options = load("antiphon_entrain_neural.serving.options:NeuralOptions", "")(Path(sys.argv[1]))
load("antiphon_entrain_neural.serving.strategy:Neural", "")(options, antiphon.stages.Setup()).session(0)
""",
    "PyTorch": """
from antiphon_entrain_neural.checkpoint import load_checkpoint
from antiphon_entrain_neural.model.predictor import NeuralPredictor
NeuralPredictor(load_checkpoint(sys.argv[1])).session()
""",
}


def run(settings: Settings) -> Report:
    """Time exchanges and starts of the neural strategy."""
    torch.set_num_threads(1)
    exchanges, starts = (50, 2) if settings.quick else (400, 7)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        default = export_onnx(untrained(Path(folder) / "model", load_config("default")).folder)
        for name, checkpoint in (("as configured by default", default), ("as it ships", load_checkpoint(BUILTIN))):
            seconds = _time(checkpoint, exchanges)
            medians = {contender: 1e3 * statistics.median(taken) for contender, taken in seconds.items()}
            onnx, eager = medians["ONNX Runtime"], medians["PyTorch"]
            parameters = sum(value.size for value in checkpoint.weights().values())
            model = f"{name} ({parameters:,} parameters)"
            slow = 1e3 * percentile(seconds["ONNX Runtime"], 99)
            figures += [
                figure(f"an exchange, model {model}", onnx, "ms", at_most=2),
                figure("  of 100 exchanges the slowest", slow, "ms"),
                figure("  in PyTorch", eager, "ms"),
                figure("  PyTorch by ONNX Runtime", eager / onnx, "times", at_least=1),
            ]
    opened = {name: [_start(code) for _ in range(starts)][1:] for name, code in STARTS.items()}
    for name, taken in opened.items():
        limit = 1000 if name == "ONNX Runtime" else None
        time_ms, memory = (statistics.median(values) for values in zip(*taken, strict=True))
        figures.append(figure(f"start on {name}, golden steps included", 1e3 * time_ms, "ms", at_most=limit))
        figures.append(figure(f"  memory that {name} and the model take", memory, "MB"))
    note = "An exchange: told of the user's turn, asked for ours, told of ours; with features, z-scores and 12 words."
    return Report("The neural strategy", figures, [note])


def untrained(folder: Path, config: Config) -> Checkpoint:
    """A checkpoint with random weights and as large a vocabulary as is learned at most."""
    torch.manual_seed(0)
    dims = config.text.dims
    model = StepModel(len(PROSODY), dims, config.model, config.text)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    vectors = np.random.default_rng(0).normal(size=(len(WORDS) + 1, dims)).astype(np.float32)
    data = TrainingData("nothing", "CC0-1.0", "0", 0, 0, {})
    card = Card("untrained", PROSODY, dims, config, data, {})
    return save_checkpoint(
        folder, card, Prior.load("builtin:default"), Vocabulary(WORDS), {**weights, VECTORS: vectors}
    )


def _time(checkpoint: Checkpoint, exchanges: int) -> dict[str, list[float]]:
    """Seconds of each exchange, by contender."""
    component = Neural(NeuralOptions(checkpoint.folder), Setup(voice=VOICE))
    eager = NeuralPredictor(checkpoint)
    sessions: dict[str, NeuralSession] = {"ONNX Runtime": component.session(0)}
    component.predictor.session = eager.session  # type: ignore[method-assign,assignment]
    sessions["PyTorch"] = component.session(0)
    seconds: dict[str, list[float]] = {name: [] for name in sessions}
    for turn in range(exchanges):
        for name, session in sessions.items():
            with stopwatch(seconds[name]):
                _exchange(session, turn)
    return {name: taken[10:] for name, taken in seconds.items()}


def _exchange(session: NeuralSession, turn: int) -> None:
    features = {spec.name: Measurement(3.0 + np.sin(turn + number)) for number, spec in enumerate(PROSODY)}
    session.observe(Observation(turn, "user", TEXT, features, {}, 2.0))
    session.propose(Reply(TEXT))
    session.realised(Observation(turn, "agent", TEXT, features, {}, 2.0))


def _start(code: str) -> tuple[float, float]:
    """Seconds and megabytes of a start in a process of its own."""
    program = [sys.executable, "-c", OPEN.format(open=code), BUILTIN]
    seconds, megabytes = json.loads(subprocess.run(program, capture_output=True, text=True, check=True).stdout)
    return seconds, megabytes


main = command(run)

if __name__ == "__main__":
    main()
