"""A whole training in a folder: goes on where it was interrupted, and leaves a voice.

The folder holds ``training.json`` (what is trained), ``checkpoints/``, ``log.csv`` and ``validation.csv``, ``samples/``
(pictures and audio of validation utterances), and ``voice/``, the averaged model as it was when last validated.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from antiphon.audio_files import write_wav
from antiphon.errors import InputError
from antiphon.payloads import Mel
from attrs import asdict, frozen

from antiphon_tts_tacotron2.griffin_lim import GriffinLimSession
from antiphon_tts_tacotron2.model.build import build, write_voice
from antiphon_tts_tacotron2.options import GriffinLimOptions
from antiphon_tts_tacotron2.preparation.prepared import read_prepared
from antiphon_tts_tacotron2.text.front_end import FrontEnd
from antiphon_tts_tacotron2.training import checkpoint
from antiphon_tts_tacotron2.training.checkpoint import Position
from antiphon_tts_tacotron2.training.config import Config
from antiphon_tts_tacotron2.training.data import Corpus
from antiphon_tts_tacotron2.training.log import Log
from antiphon_tts_tacotron2.training.loop import Schedule, Trainer
from antiphon_tts_tacotron2.training.pictures import draw_speech
from antiphon_tts_tacotron2.training.validation import Validation, validate

_SAMPLES = 2


@frozen
class Plan:
    """What a run is told.

    Attributes:
        minutes: end of training, if the steps do not end it sooner.
        start_from: weights to begin with: a safetensors file in this package's layout or the published one.
        save_minutes, validate_minutes: how often.
        free: validation utterances that the model speaks by itself.
    """

    config: Config
    name: str
    licence: str
    data: str
    minutes: float | None = None
    seed: int = 0
    device: str = "cpu"
    precision: str = "float32"
    start_from: Path | None = None
    save_minutes: float = 5.0
    validate_minutes: float = 15.0
    free: int = 8


Report = Callable[[Position, float, Mapping[str, float]], None]
"""Is told position, progress from 0 to 1, and what was measured, behind every step."""


def train(prepared_folder: Path, folder: Path, plan: Plan, report: Report) -> Validation:
    """Train to the end, or to a KeyboardInterrupt, which is raised again once a checkpoint is written.

    Raises:
        InputError: no prepared corpus, or the folder holds another training.
        ModelError: a checkpoint is damaged, or weights to start from do not fit.
    """
    prepared = read_prepared(prepared_folder)
    folder.mkdir(parents=True, exist_ok=True)
    _same_as_before(folder / "training.json", {"corpus": prepared.corpus, "seed": plan.seed, **asdict(plan.config)})
    training = plan.config.training
    corpus = Corpus(prepared_folder, prepared, FrontEnd(training.text), plan.config.model.reduction)
    model = build(plan.config, prepared, corpus.front_end, plan.seed, plan.start_from)
    trainer = Trainer(
        model,
        corpus,
        Schedule(training, plan.minutes),
        plan.seed,
        torch.device(plan.device),
        getattr(torch, plan.precision),
    )
    checkpoints = folder / "checkpoints"
    found = checkpoint.find(checkpoints)
    if found:
        trainer.resume(found[-1])
    run = _Run(folder, plan, trainer, corpus, report)
    try:
        trainer.run(run.after_step)
    finally:
        trainer.save(checkpoints)
    return run.validate()


class _Run:
    """What happens beside the steps."""

    def __init__(self, folder: Path, plan: Plan, trainer: Trainer, corpus: Corpus, report: Report) -> None:
        self._folder = folder
        self._plan = plan
        self._trainer = trainer
        self._corpus = corpus
        self._report = report
        self._steps = Log(folder, "log", trainer.position.step)
        self._validations = Log(folder, "validation", trainer.position.step)
        self._saved = self._validated = time.monotonic()

    def after_step(self, position: Position, measured: Mapping[str, float]) -> None:
        self._steps.write(position.step, position.elapsed_s / 60.0, measured)
        self._report(position, self._trainer.schedule.progress(position), measured)
        if time.monotonic() - self._saved > 60.0 * self._plan.save_minutes:
            self._trainer.save(self._folder / "checkpoints")
            self._saved = time.monotonic()
        if time.monotonic() - self._validated > 60.0 * self._plan.validate_minutes:
            self.validate()
            self._validated = time.monotonic()

    def validate(self) -> Validation:
        """Validate the averaged model, and keep it as a voice."""
        position, plan = self._trainer.position, self._plan
        model = self._trainer.averaged()
        validation = validate(model, self._corpus, plan.config.training.guidance_width, plan.free, plan.seed)
        if validation.measures:
            self._validations.write(position.step, position.elapsed_s / 60.0, validation.measures)
        self._keep_samples(validation, position.step)
        write_voice(
            self._folder / "voice",
            model,
            self._corpus,
            name=plan.name,
            licence=plan.licence,
            data=plan.data,
            measured={"steps": position.step, "validation": dict(validation.measures)},
        )
        return validation

    def _keep_samples(self, validation: Validation, step: int) -> None:
        settings = self._corpus.prepared.mel
        options = GriffinLimOptions(**{name: getattr(settings, name) for name in asdict(settings)})
        for number, spoken in enumerate(validation.spoken[:_SAMPLES], 1):
            speech = spoken.speech
            mel = speech.mel.cpu().numpy()
            path = self._folder / "samples" / f"step-{step:07d}-{number}"
            draw_speech(
                path.with_suffix(".png"),
                spoken.item.text,
                mel,
                speech.alignment.cpu().numpy(),
                self._corpus.mel(spoken.item),
            )
            write_wav(path.with_suffix(".wav"), GriffinLimSession(options, 0).vocode(Mel(mel, settings)))


def _same_as_before(path: Path, training: dict[str, Any]) -> None:
    """Keep what is trained, or refuse if the folder holds another training."""
    written = json.dumps(training, indent=1) + "\n"
    if path.exists() and path.read_text("utf-8") != written:
        raise InputError(f"{path.parent} holds another training (see {path.name}); choose another folder or delete it")
    path.write_text(written, "utf-8")
