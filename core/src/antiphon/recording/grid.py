"""The sample grid of recordings."""

from __future__ import annotations

import numpy as np

from antiphon.payloads import Samples

FULL_SCALE = 32768.0


def on_the_grid(samples: Samples) -> Samples:
    """Samples as a 16-bit recording keeps them, as float32 with full scale ±1; louder ones are clipped.

    Everything that is heard passes through this before any stage sees it, so that a replay of the recording feeds
    every stage the same numbers, bit for bit.
    """
    pcm = np.clip(np.rint(samples * FULL_SCALE), -32768, 32767)
    return np.asarray(pcm / FULL_SCALE, dtype=np.float32)
