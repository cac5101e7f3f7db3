"""The training loop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count, islice
from pathlib import Path

import torch
from attrs import evolve, frozen

from antiphon_tts_tacotron2.model.tacotron2 import Tacotron2
from antiphon_tts_tacotron2.training import checkpoint
from antiphon_tts_tacotron2.training.checkpoint import Position
from antiphon_tts_tacotron2.training.config import Training
from antiphon_tts_tacotron2.training.data import Batch, Corpus
from antiphon_tts_tacotron2.training.losses import losses

_GUIDED_SHARE, _LEAST_GUIDANCE = 1.0 / 3.0, 0.1
_LEAST_RATE = 0.01


@frozen
class Schedule:
    """How far training is, and what follows from it."""

    training: Training
    minutes: float | None

    def progress(self, position: Position) -> float:
        """0 at the start, 1 at the end of the steps or of the minutes, whichever is first."""
        by_time = position.elapsed_s / (60.0 * self.minutes) if self.minutes else 0.0
        return max(position.step / self.training.steps, by_time)

    def learning_rate(self, position: Position) -> float:
        """Rises over the first steps, then falls with a cosine to a hundredth."""
        rising = min(1.0, (position.step + 1) / max(1, self.training.warm_up_steps))
        falling = 0.5 + 0.5 * math.cos(math.pi * min(1.0, self.progress(position)))
        return self.training.learning_rate * rising * (_LEAST_RATE + (1.0 - _LEAST_RATE) * falling)

    def guidance(self, position: Position) -> float:
        """Weight of guided attention."""
        done = min(1.0, self.progress(position) / _GUIDED_SHARE)
        return self.training.guidance * (1.0 - (1.0 - _LEAST_GUIDANCE) * done)


class Trainer:
    """A model in training.

    Everything random in a step follows from the seed and the step's number, so a training that was interrupted goes on
    as if it had not been.
    """

    def __init__(
        self,
        model: Tacotron2,
        corpus: Corpus,
        schedule: Schedule,
        seed: int,
        device: torch.device,
        precision: torch.dtype,
    ) -> None:
        self.model = model.to(device)
        self.corpus = corpus
        self.schedule = schedule
        self.position = Position()
        self._seed = seed
        self._device = device
        self._precision = precision
        self._optimizer = torch.optim.Adam(model.parameters(), eps=1e-6, weight_decay=schedule.training.weight_decay)
        self.average = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
        self._scaler = torch.amp.GradScaler(device.type, enabled=precision == torch.float16)

    def save(self, folder: Path) -> Path:
        """Write a checkpoint."""
        return checkpoint.save(folder, self.position, self.model.state_dict(), self.average, self._optimizer)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint."""
        self.position, model, average = checkpoint.load(path, self._optimizer)
        self.model.load_state_dict(model)
        self.average = {name: tensor.to(self._device) for name, tensor in average.items()}

    def averaged(self) -> Tacotron2:
        """A copy of the model with averaged weights, ready to speak."""
        copy = Tacotron2(self.model.config).to(self._device)
        copy.load_state_dict(self.average)
        return copy.eval()

    def run(self, after: Callable[[Position, Mapping[str, float]], None]) -> None:
        """Train to the end; ``after`` is called behind every step with what was measured, and may raise to end it."""
        started = time.monotonic() - self.position.elapsed_s
        for epoch, index, batch in self._batches():
            if self.schedule.progress(self.position) >= 1.0:
                return
            measured = self.step(batch)
            self.position = evolve(
                self.position,
                step=self.position.step + 1,
                epoch=epoch,
                batch=index + 1,
                elapsed_s=time.monotonic() - started,
            )
            after(self.position, measured)

    def step(self, batch: Batch) -> dict[str, float]:
        """One step of the optimizer."""
        training = self.schedule.training
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + self.position.step)
        torch.manual_seed(self._seed * 1_000_003 + self.position.step)
        rate = self.schedule.learning_rate(self.position)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        batch = batch.to(self._device)
        reduction = self.model.config.reduction
        masks = self.model.prenet_masks(len(batch.frames), batch.frames.shape[1] // reduction, generator=generator)
        with torch.autocast(self._device.type, self._precision, enabled=self._precision != torch.float32):
            output = self.model(
                batch.symbols, batch.text_lengths, batch.controls, batch.frames, batch.frame_lengths, masks
            )
        parts = losses(output, batch, reduction, training.guidance_width)
        guidance = self.schedule.guidance(self.position)
        total = parts["mel"] + parts["postnet"] + parts["stop"] + guidance * parts["guidance"]
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(self._scaler.scale(total))
        self._scaler.unscale_(self._optimizer)
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), training.gradient_norm)
        if torch.isfinite(norm):
            self._scaler.step(self._optimizer)
        self._scaler.update()
        self._fold(self.position.step)
        measured = {name: value.item() for name, value in parts.items()}
        return measured | {"loss": total.item(), "gradient_norm": norm.item(), "learning_rate": rate}

    @torch.no_grad()
    def _fold(self, step: int) -> None:
        """Fold the weights into their average, faster while it is young."""
        kept = min(self.schedule.training.averaging, (1 + step) / (10 + step))
        for name, tensor in self.model.state_dict().items():
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor, 1.0 - kept)
            else:
                self.average[name].copy_(tensor)

    def _batches(self) -> Iterator[tuple[int, int, Batch]]:
        """Batches from where training is, with their epoch and number."""
        training, first = self.schedule.training, self.position
        for epoch in count(first.epoch):
            skipped = first.batch if epoch == first.epoch else 0
            batches = self.corpus.epoch(epoch, training.batch, training.natural_share, self._seed)
            for index, batch in enumerate(islice(batches, skipped, None), skipped):
                yield epoch, index, batch
