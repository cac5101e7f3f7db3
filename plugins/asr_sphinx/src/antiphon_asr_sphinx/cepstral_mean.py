"""The mean of the cepstra that a session has heard, which Sphinx subtracts to cancel speaker, microphone and room.

Sphinx itself adapts a running mean only between utterances, and slowly: its starting value weighs as much as five
seconds of speech. Here the mean is a maximum a posteriori estimate whose prior weighs half a second, so that it fits
already in the first turn of a dialogue, and it follows the last five seconds of speech.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPHINX_WEIGHT = 500
"""Frames that Sphinx gives the value that it is told (CMN_WIN in its source)."""

PRIOR_WEIGHT = 50
"""Frames that the model's own mean weighs."""

MEMORY = 500
"""Frames after which older ones begin to be forgotten."""


class CepstralMean:
    """The state of one session; a shallow copy of it leads a life of its own.

    Values are exchanged with Sphinx as it writes them: numbers separated by commas.

    Args:
        prior: the model's mean.
    """

    def __init__(self, prior: str) -> None:
        self._prior = _parse(prior)
        self._sum = np.zeros_like(self._prior)
        self._frames = 0.0
        self._told = self._prior

    def tell(self) -> str:
        """The estimate; Sphinx must be set to it before more is observed."""
        self._told = (PRIOR_WEIGHT * self._prior + self._sum) / (PRIOR_WEIGHT + self._frames)
        return ",".join(f"{value:g}" for value in self._told)

    def observe(self, running: str, frames: int) -> None:
        """Learn from what Sphinx made of the value it was told, after so many more frames.

        Sphinx leaves frames of digital silence out; counted here, they weigh as frames at the present mean.
        """
        heard = (SPHINX_WEIGHT + frames) * _parse(running) - SPHINX_WEIGHT * self._told
        keep = min(1.0, MEMORY / (self._frames + frames)) if frames else 1.0
        self._sum = keep * (self._sum + heard)
        self._frames = keep * (self._frames + frames)


def _parse(text: str) -> NDArray[np.float64]:
    return np.array([float(value) for value in text.split(",")])
