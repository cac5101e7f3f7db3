"""How well a model does on utterances that it was not trained on: told the true frames, and left to itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from attrs import frozen
from numpy.typing import NDArray

from antiphon_tts_tacotron2.model.tacotron2 import Speech, Tacotron2
from antiphon_tts_tacotron2.preparation.item import NATURAL, Item
from antiphon_tts_tacotron2.training.data import Corpus
from antiphon_tts_tacotron2.training.losses import losses

_BATCH = 16
LIMIT_FACTOR = 2.5
"""The model may speak so many times as long as its text lets expect."""


@frozen
class Spoken:
    """A validation utterance as the model says it by itself."""

    item: Item
    speech: Speech


@frozen
class Validation:
    """Measures by name, and the first utterances to look at and listen to.

    ``mel``, ``postnet``, ``stop``, ``guidance``: the losses with true frames. Left to itself: ``free_mel``, the mean
    absolute difference of natural-log mel spectrograms along the best path of dynamic time warping; ``duration_error``,
    mean absolute ln of the duration's ratio to the recording's; ``not_stopped``, share that ran into the limit;
    ``not_finished``, share whose attention never reached the last tenth of the text; ``focus``, mean of the largest
    attention weight of each step.
    """

    measures: Mapping[str, float]
    spoken: Sequence[Spoken]


def validate(model: Tacotron2, corpus: Corpus, guidance_width: float, free: int, seed: int) -> Validation:
    """Validate a model in evaluation mode; ``free`` utterances are spoken by the model itself."""
    items = [item for item in corpus.prepared.items["validation"] if item.variant == NATURAL]
    if not items:
        return Validation({}, ())
    spoken = [Spoken(item, speak_item(model, corpus, item, seed)) for item in _spread(items, free)]
    return Validation(_forced(model, corpus, items, guidance_width, seed) | _free(corpus, spoken), spoken)


def speak_item(model: Tacotron2, corpus: Corpus, item: Item, seed: int) -> Speech:
    """An utterance with the prosody of its recording, in the model's own time."""
    device = model.mel_mean.device
    mel, reduction = corpus.prepared.mel, model.config.reduction
    expected_s = corpus.prepared.expected_duration.of(corpus.phonemes(item))
    steps = max(4, round(LIMIT_FACTOR * expected_s * mel.sample_rate / mel.hop / reduction))
    masks = model.prenet_masks(steps, generator=torch.Generator().manual_seed(seed))
    symbols = torch.tensor(corpus.codes(item), device=device)
    return model.speak(symbols, torch.tensor(corpus.controls(item), device=device), masks)


def _forced(model: Tacotron2, corpus: Corpus, items: Sequence[Item], width: float, seed: int) -> dict[str, float]:
    reduction, totals = model.config.reduction, dict[str, float]()
    generator = torch.Generator().manual_seed(seed)
    for start in range(0, len(items), _BATCH):
        chosen = items[start : start + _BATCH]
        batch = corpus.collate(chosen).to(model.mel_mean.device)
        masks = model.prenet_masks(len(chosen), batch.frames.shape[1] // reduction, generator=generator)
        with torch.inference_mode():
            output = model(batch.symbols, batch.text_lengths, batch.controls, batch.frames, batch.frame_lengths, masks)
            parts = losses(output, batch, reduction, width)
        for name, value in parts.items():
            totals[name] = totals.get(name, 0.0) + value.item() * len(chosen) / len(items)
    return totals


def _free(corpus: Corpus, spoken: Sequence[Spoken]) -> dict[str, float]:
    if not spoken:
        return {}
    measured = []
    for one in spoken:
        speech, true = one.speech, corpus.mel(one.item)
        alignment = speech.alignment.cpu().numpy()
        reached = alignment.argmax(1).max() >= 0.9 * (alignment.shape[1] - 1)
        measured.append(
            {
                "free_mel": warped_distance(speech.mel.cpu().numpy(), true),
                "duration_error": abs(math.log(len(speech.mel) / len(true))),
                "not_stopped": float(not speech.stopped),
                "not_finished": float(not reached),
                "focus": float(alignment.max(1).mean()),
            }
        )
    return {name: float(np.mean([one[name] for one in measured])) for name in measured[0]}


def warped_distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Mean absolute difference of two spectrograms along the best path of dynamic time warping (steps of one)."""
    costs = np.abs(one[:, None, :] - other[None, :, :]).mean(2, dtype=np.float64)
    rows, columns = costs.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    length = np.zeros((rows + 1, columns + 1))
    total[0, 0] = 0.0
    for diagonal in range(2, rows + columns + 1):
        i = np.arange(max(1, diagonal - columns), min(rows, diagonal - 1) + 1)
        j = diagonal - i
        before = np.stack((total[i - 1, j - 1], total[i - 1, j], total[i, j - 1]))
        lengths = np.stack((length[i - 1, j - 1], length[i - 1, j], length[i, j - 1]))
        best = before.argmin(0)
        at = np.arange(len(i))
        total[i, j] = before[best, at] + costs[i - 1, j - 1]
        length[i, j] = lengths[best, at] + 1
    return float(total[rows, columns] / length[rows, columns])


def _spread(items: Sequence[Item], count: int) -> list[Item]:
    """So many of the items, of different phrases where there are enough, evenly over the list."""
    first_takes = list({item.text: item for item in reversed(items)}.values())[::-1]
    chosen = first_takes if len(first_takes) >= count else list(items)
    step = max(1, len(chosen) // max(1, count))
    return chosen[::step][:count]
