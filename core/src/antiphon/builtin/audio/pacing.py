"""Keeps a track that is computed or read from a file at the pace of real time."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pacer:
    """Waits for moments of a track, which starts at the first wait.

    Every moment is reckoned from that start, so that neither the work between two calls nor inexact sleeping adds up.

    Args:
        patience_s: a call that comes later than this means that the listener was away on purpose (the agent spoke),
            and the track goes on from there; None for a track that runs on whether anybody listens or not.
        clock: a monotonic clock, in seconds.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        patience_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._patience_s = patience_s
        self._clock = clock
        self._sleep = sleep
        self._start: float | None = None

    def wait_until(self, moment_s: float) -> None:
        """Return when `moment_s` of the track has come."""
        now = self._clock()
        if self._start is None:
            self._start = now
        late = now - (self._start + moment_s)
        if self._patience_s is not None and late > self._patience_s:
            self._start += late
        while (wait := self._start + moment_s - self._clock()) > 0:
            self._sleep(wait)


def pacer_for(pace: str, *, live: bool) -> Pacer | None:
    """The pacer of a source; None if it delivers as fast as it can."""
    if pace == "fast":
        return None
    return Pacer(None if live else 0.2)
