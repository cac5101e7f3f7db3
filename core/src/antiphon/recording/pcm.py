"""16-bit PCM, the sample format of recordings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon.payloads import Samples

FULL_SCALE = 32768.0


def to_pcm16(samples: Samples) -> NDArray[np.int16]:
    """Round to 16 bit; what is louder than full scale is clipped."""
    return np.clip(np.rint(samples * FULL_SCALE), -32768, 32767).astype(np.int16)


def from_pcm16(pcm: NDArray[np.int16]) -> Samples:
    """16-bit samples as float32 with full scale ±1; exact."""
    return pcm.astype(np.float32) / np.float32(FULL_SCALE)


def on_the_grid(samples: Samples) -> Samples:
    """Samples as a recording keeps them.

    Everything that is heard passes through this before any stage sees it, so that a replay of the recording feeds
    every stage the same numbers, bit for bit.
    """
    return from_pcm16(to_pcm16(samples))
