"""What is minimised and what is reported: errors of measured features of the turns that count."""

from __future__ import annotations

from typing import Literal

from torch import Tensor
from torch.nn.functional import mse_loss, smooth_l1_loss

from antiphon_entrain_neural.config import Whose
from antiphon_entrain_neural.training.batches import Batch


def counted(batch: Batch, whose: Whose) -> Tensor:
    """1 where a measured feature of a turn counts, shape ``(B, T, features)``."""
    turns = batch.real if whose == "both" else batch.is_us
    return batch.valid * turns.unsqueeze(2)


def summed_loss(predicted: Tensor, batch: Batch, counts: Tensor, kind: Literal["mse", "smooth-l1"]) -> Tensor:
    """Sum of the losses of each feature over what counts, shape ``(features,)``; smooth L1 with beta 1."""
    loss = smooth_l1_loss if kind == "smooth-l1" else mse_loss
    return (loss(predicted, batch.z, reduction="none") * counts).sum((0, 1))
