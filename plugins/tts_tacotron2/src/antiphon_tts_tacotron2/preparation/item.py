"""What preparation keeps of an utterance."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from attrs import asdict, frozen

NATURAL = 0
"""The variant that is the recording itself."""


@frozen
class Item:
    """An utterance whose mel spectrogram lies in ``mels/<name>.npy``.

    Attributes:
        variant: 0 for the recording itself, else the number of a variant that was moved.
        frames: of the mel spectrogram.
        features: raw values by name.
    """

    id: str
    text: str
    variant: int
    frames: int
    features: Mapping[str, float]

    @property
    def name(self) -> str:
        return self.id if self.variant == NATURAL else f"{self.id}+{self.variant}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@frozen
class Outcome:
    """The items of a recording, or why it is left out."""

    id: str
    items: tuple[Item, ...] = ()
    problem: str | None = None


def stable_seed(*parts: object) -> int:
    """The same number for the same parts, in every process and version of Python."""
    return zlib.crc32("\0".join(map(str, parts)).encode())
