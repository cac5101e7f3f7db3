"""Batches of a prepared corpus; which utterances are in a batch depends on the seed and the epoch alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from antiphon.features import INTENSITY_MEAN
from attrs import frozen
from numpy.typing import NDArray
from torch import Tensor

from antiphon_tts_tacotron2.mel import FLOOR
from antiphon_tts_tacotron2.preparation.finish import control_x
from antiphon_tts_tacotron2.preparation.item import NATURAL, Item
from antiphon_tts_tacotron2.preparation.prepared import Prepared, load_mel
from antiphon_tts_tacotron2.text.front_end import FrontEnd

_DB = math.log(10.0) / 20.0
_BATCHES_SORTED = 8  # utterances of this many batches are sorted by length, so that batches need little padding


@frozen
class Batch:
    """Utterances, padded: the arguments of `Tacotron2.forward` but for the masks."""

    symbols: Tensor
    text_lengths: Tensor
    controls: Tensor
    frames: Tensor
    frame_lengths: Tensor

    def to(self, device: torch.device) -> Batch:
        """The batch on a device; lengths of texts stay where packing wants them."""
        return Batch(
            self.symbols.to(device),
            self.text_lengths,
            self.controls.to(device),
            self.frames.to(device),
            self.frame_lengths.to(device),
        )


class Corpus:
    """A prepared corpus as a model reads it."""

    def __init__(self, folder: Path, prepared: Prepared, front_end: FrontEnd, reduction: int) -> None:
        self.prepared = prepared
        self.front_end = front_end
        self._folder = folder
        self._reduction = reduction
        self._mean = np.array(prepared.mel_mean, np.float32)
        self._sd = np.array(prepared.mel_sd, np.float32)
        phonemes = FrontEnd("phonemes")
        items = [item for split in prepared.items.values() for item in split]
        self._phonemes = {text: phonemes.read(text) for text in {item.text for item in items}}
        self._codes = {text: front_end.encode(front_end.read(text)) for text in self._phonemes}

    def epoch(self, epoch: int, batch: int, natural_share: float, seed: int) -> Iterator[Batch]:
        """All training recordings once, each as itself or as one of its variants."""
        random = np.random.default_rng((seed, epoch))
        takes: dict[str, list[Item]] = {}
        for item in self.prepared.items["train"]:
            takes.setdefault(item.id, []).append(item)
        chosen = [_choose(variants, natural_share, random) for variants in takes.values()]
        order = [chosen[i] for i in random.permutation(len(chosen))]
        groups = [
            order[start : start + batch * _BATCHES_SORTED] for start in range(0, len(order), batch * _BATCHES_SORTED)
        ]
        batches = [
            group[start : start + batch]
            for group in (sorted(group, key=lambda item: item.frames) for group in groups)
            for start in range(0, len(group), batch)
        ]
        for index in random.permutation(len(batches)):
            gains = random.uniform(-1.0, 1.0, len(batches[index])) * self.prepared.gain_db
            yield self.collate(batches[index], gains)

    def collate(self, items: Sequence[Item], gains_db: Sequence[float] | NDArray[np.float64] | None = None) -> Batch:
        """Utterances as a batch, made louder by the gains."""
        gains = np.zeros(len(items)) if gains_db is None else np.asarray(gains_db)
        mels = [self._frames(item, float(gain)) for item, gain in zip(items, gains, strict=True)]
        codes = [self._codes[item.text] for item in items]
        symbols = np.zeros((len(items), max(map(len, codes))), np.int64)
        frames = np.zeros((len(items), max(map(len, mels)), mels[0].shape[1]), np.float32)
        for row, (code, mel) in enumerate(zip(codes, mels, strict=True)):
            symbols[row, : len(code)] = code
            frames[row, : len(mel)] = mel
        controls = np.array(
            [self.controls(item, float(gain)) for item, gain in zip(items, gains, strict=True)], np.float32
        )
        return Batch(
            torch.from_numpy(symbols),
            torch.tensor([len(code) for code in codes]),
            torch.from_numpy(controls),
            torch.from_numpy(frames),
            torch.tensor([len(mel) for mel in mels]),
        )

    def phonemes(self, item: Item) -> Sequence[str]:
        """The phonemes of its text, whatever the model reads."""
        return self._phonemes[item.text]

    def codes(self, item: Item) -> list[int]:
        """What the model reads of its text."""
        return self._codes[item.text]

    def mel(self, item: Item) -> NDArray[np.float32]:
        """Its natural-log mel spectrogram."""
        return load_mel(self._folder, item)

    def controls(self, item: Item, gain_db: float = 0.0) -> list[float]:
        """The control vector of an utterance."""
        values = []
        for scale in self.prepared.controls:
            x = control_x(
                scale.feature, item, self._phonemes[item.text], self.prepared.expected_duration, self.prepared.mel
            )
            values.append(scale.scaled(x + gain_db if scale.feature == INTENSITY_MEAN.name else x))
        return values

    def _frames(self, item: Item, gain_db: float) -> NDArray[np.float32]:
        """Normalised frames, as many as the decoder's steps make."""
        mel = np.maximum(load_mel(self._folder, item) + np.float32(gain_db * _DB), np.float32(math.log(FLOOR)))
        normalised: NDArray[np.float32] = np.pad(
            (mel - self._mean) / self._sd, ((0, -len(mel) % self._reduction), (0, 0)), mode="edge"
        )
        return normalised


def _choose(variants: Sequence[Item], natural_share: float, random: np.random.Generator) -> Item:
    moved = [item for item in variants if item.variant != NATURAL]
    draw, which = random.random(), random.random()
    return moved[int(which * len(moved))] if moved and draw >= natural_share else variants[0]
