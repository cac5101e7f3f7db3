"""What happens beside a training: a table of what each epoch gave, and Ctrl-C."""

from __future__ import annotations

import csv
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback

from antiphon_entrain_neural.training.module import VALIDATION_LOSS, EntrainmentModule


class EpochTable(Callback):
    """Writes a row an epoch to a CSV file; a training that is resumed goes on in the same file.

    Args:
        path: of the file.
        echo: is told a line an epoch, for people.
    """

    def __init__(self, path: Path, echo: Callable[[str], None]) -> None:
        self._path, self._echo = path, echo
        self._started = time.monotonic()

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._started = time.monotonic()

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        assert isinstance(pl_module, EntrainmentModule)
        if not trainer.is_global_zero or VALIDATION_LOSS not in trainer.callback_metrics:
            return
        row: dict[str, Any] = {
            "epoch": trainer.current_epoch,
            "seconds": round(time.monotonic() - self._started, 2),
            "learning_rate": trainer.optimizers[0].param_groups[0]["lr"],
            "truth": pl_module.truth,
            **{name: float(value) for name, value in sorted(trainer.callback_metrics.items())},
        }
        self._write([*(earlier for earlier in read_epochs(self._path) if earlier["epoch"] < row["epoch"]), row])
        self._echo(
            f"epoch {row['epoch']:3d}  training {row['training_loss']:.4f}  validation {row[VALIDATION_LOSS]:.4f} "
            f"free-running, {row[f'{VALIDATION_LOSS}_teacher_forced']:.4f} teacher-forced  {row['seconds']:.1f} s"
        )

    def _write(self, rows: list[dict[str, Any]]) -> None:
        draft = self._path.with_suffix(".draft")
        with draft.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[-1]), restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        draft.replace(self._path)


def read_epochs(path: Path) -> list[dict[str, float]]:
    """The rows of an epoch table; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]


class StopOnInterrupt(Callback):
    """The first Ctrl-C ends the training after the batch that is under way; the second ends it at once.

    Attributes:
        interrupted: whether there was one.
    """

    def __init__(self, echo: Callable[[str], None]) -> None:
        self._echo = echo
        self._before: Any = None
        self.interrupted = False

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if threading.current_thread() is not threading.main_thread():
            return

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.interrupted = trainer.should_stop = True
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._echo("stopping; the best epoch so far is kept (Ctrl-C again to stop at once)")

        self._before = signal.signal(signal.SIGINT, stop)

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        trainer.should_stop = trainer.should_stop or self.interrupted

    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
