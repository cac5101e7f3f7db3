"""What training minimises."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from antiphon_tts_tacotron2.model.layers import lengths_to_mask
from antiphon_tts_tacotron2.model.tacotron2 import Output
from antiphon_tts_tacotron2.training.data import Batch

STOP_STEPS = 2
"""The last steps of an utterance are those at which to stop: one alone is too rare to be learned well."""

STOP_WEIGHT = 5.0


def losses(output: Output, batch: Batch, reduction: int, guidance_width: float) -> Mapping[str, Tensor]:
    """Means over what is no padding, by name: ``mel`` and ``postnet`` (absolute plus squared error of normalised
    frames), ``stop`` (cross entropy), ``guidance`` (Tachibana et al. 2018: attention far off the diagonal)."""
    inside = ~lengths_to_mask(batch.frame_lengths, batch.frames.shape[1])
    steps, texts = batch.frame_lengths // reduction, batch.text_lengths.to(batch.frame_lengths.device)
    step_inside = inside[:, ::reduction]
    numbers = torch.arange(step_inside.shape[1], device=steps.device)
    target = (numbers[None] >= (steps - STOP_STEPS)[:, None]).float()
    stop = functional.binary_cross_entropy_with_logits(
        output.decoded.stop.float(), target, pos_weight=target.new_tensor(STOP_WEIGHT), reduction="none"
    )
    return {
        "mel": _distance(output.decoded.frames.float(), batch.frames, inside),
        "postnet": _distance(output.sharpened.float(), batch.frames, inside),
        "stop": stop[step_inside].mean(),
        "guidance": guided_attention(output.decoded.alignments, texts, steps, guidance_width),
    }


def _distance(frames: Tensor, target: Tensor, inside: Tensor) -> Tensor:
    difference = (frames - target)[inside]
    return difference.abs().mean() + difference.square().mean()


def guided_attention(alignments: Tensor, texts: Tensor, steps: Tensor, width: float) -> Tensor:
    """Attention off the diagonal: mean over steps i of sum_j a_ij (1 - exp(-(j / J - i / I)^2 / 2 width^2))."""
    rows = torch.arange(alignments.shape[1], device=alignments.device)[None, :, None] / steps[:, None, None]
    columns = torch.arange(alignments.shape[2], device=alignments.device)[None, None] / texts[:, None, None]
    penalty = 1.0 - torch.exp(-((columns - rows) ** 2) / (2.0 * width**2))
    off = (alignments * penalty).sum(2)
    inside = ~lengths_to_mask(steps, alignments.shape[1])
    return off[inside].mean()
