"""One utterance on its way to a sound device: what is queued, handed over, and heard."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np
import soxr
from antiphon.payloads import Samples


class Playback:
    """A gapless queue that the device's callback empties.

    `fill` runs on the device's thread, everything else on the caller's. Times are seconds on the stream's clock.

    Args:
        sample_rate: Hz, of what is added.
        device_rate: Hz, of what the device takes; the queue converts.
    """

    def __init__(self, sample_rate: int, device_rate: int) -> None:
        self.sample_rate = sample_rate
        self._device_rate = device_rate
        self._converter = self._new_converter()
        self._lock = threading.Lock()
        self._queued: deque[Samples] = deque()
        self._waiting = 0
        self._handed_over: list[tuple[float, int]] = []
        self._ran_dry = False
        self._added = 0
        self.gaps = 0
        """How often more came after the device had run dry: silence was heard within the utterance."""

    @property
    def waiting_s(self) -> float:
        """Seconds that are queued and not yet handed over."""
        return self._waiting / self._device_rate

    def add(self, samples: Samples) -> None:
        """Queue more of the utterance."""
        self._added += len(samples)
        if self._converter is not None:
            samples = self._converter.resample_chunk(samples)
        self._queue(samples)

    def flush(self) -> None:
        """Queue what the converter holds back for samples that may follow."""
        if self._converter is not None:
            self._queue(self._converter.resample_chunk(np.zeros(0, np.float32), last=True))
            self._converter = self._new_converter()

    def fill(self, out: Samples, heard_at: float) -> None:
        """Fill the device's block, whose first sample will be heard at `heard_at`; what is missing becomes silence."""
        position = 0
        with self._lock:
            while self._queued and position < len(out):
                piece = self._queued.popleft()
                count = min(len(piece), len(out) - position)
                out[position : position + count] = piece[:count]
                position += count
                if count < len(piece):
                    self._queued.appendleft(piece[count:])
            self._waiting -= position
            self._ran_dry = position < len(out)
            if position:
                self._handed_over.append((heard_at, position))
        out[position:] = 0

    def heard(self, now: float) -> int:
        """How many of the added samples have been heard by `now`."""
        with self._lock:
            heard = sum(min(max(0.0, (now - at) * self._device_rate), count) for at, count in self._handed_over)
        return min(self._added, round(heard * self.sample_rate / self._device_rate))

    def pending_s(self, now: float) -> float:
        """Seconds that will still sound: queued, or handed over and not yet heard."""
        with self._lock:
            at, count = self._handed_over[-1] if self._handed_over else (now, 0)
            return self._waiting / self._device_rate + max(0.0, at + count / self._device_rate - now)

    def _queue(self, samples: Samples) -> None:
        if len(samples):
            with self._lock:
                self._queued.append(samples)
                self._waiting += len(samples)
                self.gaps += self._ran_dry
                self._ran_dry = False

    def _new_converter(self) -> Any:
        if self.sample_rate == self._device_rate:
            return None
        return soxr.ResampleStream(self.sample_rate, self._device_rate, 1, dtype="float32")
