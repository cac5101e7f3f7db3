"""Measures the noise of a room while a recording runs, and says when nothing good can come of it."""

from __future__ import annotations

import logging

import numpy as np
from antiphon.payloads import Samples

log = logging.getLogger(__name__)

QUIETEST_SHARE = 0.2
"""The noise is the level below which this share of the chunks lies: somebody who already speaks does not count."""

LOUD_ROOM_DB = -35.0
"""Re full scale. Speech at a microphone lies at -30 to -15 dB, and recognisers need some 15 dB above the noise."""


class NoiseMeter:
    """Collects the levels of the first chunks and logs one judgement. The audio itself passes untouched.

    Args:
        duration_s: how much audio is listened to.
    """

    def __init__(self, duration_s: float) -> None:
        self._remaining_s = duration_s
        self._powers: list[float] = []
        self.level_db: float | None = None
        """The measured noise re full scale; None until enough was heard; minus infinity for digital silence."""

    def hear(self, samples: Samples, sample_rate: int) -> None:
        """Take in the next chunk; does nothing once the measurement is made."""
        if self._remaining_s <= 0 or not len(samples):
            return
        self._powers.append(float(np.mean(np.square(samples - np.mean(samples), dtype=np.float64))))
        self._remaining_s -= len(samples) / sample_rate
        if self._remaining_s <= 0:
            self._judge()

    def _judge(self) -> None:
        power = float(np.quantile(self._powers, QUIETEST_SHARE))
        self.level_db = 10 * float(np.log10(power)) if power > 0 else -np.inf
        if max(self._powers) == 0:
            log.warning("the microphone delivers digital silence: it is muted, or the wrong device is chosen")
        elif self.level_db > LOUD_ROOM_DB:
            log.warning(
                "the room is loud: %.0f dB re full scale; lower the microphone's gain, or come closer to it",
                self.level_db,
            )
        else:
            log.info("noise of the room: %.0f dB re full scale", self.level_db)
