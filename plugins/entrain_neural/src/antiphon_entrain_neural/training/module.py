"""The model and its training, for Lightning."""

from __future__ import annotations

from typing import Any, cast

import lightning as L
import torch
from torch import Tensor

from antiphon_entrain_neural.config import Config
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.training.batches import Batch
from antiphon_entrain_neural.training.losses import counted, summed_loss
from antiphon_entrain_neural.training.schedules import learning_rate_share, truth_probability
from antiphon_entrain_neural.training.texts import TextReader
from antiphon_entrain_neural.training.unroll import unroll

VALIDATION_LOSS = "validation_loss"
"""Smooth L1, free-running: what the best epoch is chosen by."""


class EntrainmentModule(L.LightningModule):
    """Trains a step model; validation is always free-running.

    Args:
        config: the model and its training.
        features: names of what is predicted.
        vocabulary: rows of the table of learned word vectors; None where they are given.
        dims: of a word vector.
    """

    def __init__(self, config: Config, features: tuple[str, ...], vocabulary: int | None, dims: int) -> None:
        super().__init__()
        self.config, self.features = config, features
        self.model = StepModel(len(features), dims, config.model, config.text)
        self.reader = TextReader.of_size(vocabulary, dims)

    @property
    def truth(self) -> float:
        """Probability of teacher forcing in this epoch."""
        return truth_probability(self.config.training.teacher_forcing, self.current_epoch)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Randomness is that of the step alone, so that a training that was resumed goes on as it would have."""
        torch.manual_seed((self.config.training.seed * 1_000_003 + self.global_step) * 1_009 + self.global_rank)

    def training_step(self, batch: Batch, _: int) -> Tensor:
        training = self.config.training
        predicted = unroll(
            self.model,
            self.reader,
            batch,
            truth=self.truth,
            predict=training.predict,
            feed_back=training.feed_back,
        )
        counts = counted(batch, training.loss_of)
        count = counts.sum().clamp(min=1)
        loss = summed_loss(predicted, batch, counts, training.loss).sum() / count
        self.log("training_loss", loss, on_step=False, on_epoch=True, batch_size=int(count), sync_dist=True)
        return loss

    def validation_step(self, batch: Batch, _: int) -> None:
        training = self.config.training
        counts = counted(batch, training.evaluation_loss_of)
        for label, truth in ((VALIDATION_LOSS, 0.0), (f"{VALIDATION_LOSS}_teacher_forced", 1.0)):
            predicted = unroll(
                self.model,
                self.reader,
                batch,
                truth=truth,
                predict=training.evaluation_predict,
                feed_back=training.feed_back,
            )
            sums = summed_loss(predicted, batch, counts, "smooth-l1")
            self._log_mean(label, sums.sum(), counts.sum())
            if not truth:
                for feature, total, count in zip(self.features, sums, counts.sum((0, 1)), strict=True):
                    self._log_mean(f"{label}_{feature}", total, count)

    def _log_mean(self, label: str, total: Tensor, count: Tensor) -> None:
        if count > 0:  # weighted by the count, so that the epoch's figure is the mean over all of its turns
            self.log(label, total / count, on_epoch=True, batch_size=int(count), sync_dist=True)

    def configure_optimizers(self) -> Any:
        training = self.config.training
        kind = torch.optim.Adam if training.optimizer == "adam" else torch.optim.AdamW
        optimizer = kind(self.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay)
        if training.schedule == "plateau":
            plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=3)
            return {"optimizer": optimizer, "lr_scheduler": {"scheduler": plateau, "monitor": VALIDATION_LOSS}}
        steps = cast(int, self.trainer.estimated_stepping_batches)
        rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate_share(training, step, steps))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": rate, "interval": "step"}}
