"""The user's side on the session's clock, which counts its samples."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import evolve

from antiphon.engine.stage import StageSession
from antiphon.errors import StageError
from antiphon.payloads import Audio, Typed
from antiphon.recording.grid import on_the_grid

TYPED_CLOCK_HZ = 48_000
"""The clock's rate in sessions whose user types; only the agent's audio moves it."""


class UserTrack:
    """Reads the user's side chunk by chunk and keeps the session's clock.

    A source that is not live stands still while the agent speaks; the clock goes on by `advance`, and the source's
    next chunk lies behind the gap. A chunk that says that it starts later than the clock is believed (a replay, or a
    device that lost samples).

    Args:
        source: the audio_in stage.
        keep: takes every chunk for the recording.
        on_event: takes typed turns.
        realtime: the source runs by the wall clock, also between two reads.
    """

    def __init__(
        self,
        source: StageSession,
        keep: Callable[[Audio], None],
        on_event: Callable[..., None],
        *,
        realtime: bool,
    ) -> None:
        self._source = source
        self._keep = keep
        self._on_event = on_event
        self._realtime = realtime
        self._rate: int | None = None
        self._last_read = time.monotonic()
        self.position = 0

    @property
    def rate(self) -> int:
        """Samples of the clock per second."""
        return self._rate or TYPED_CLOCK_HZ

    @property
    def now_s(self) -> float:
        """Seconds since the start of the session."""
        behind = time.monotonic() - self._last_read if self._realtime and self._rate else 0.0
        return self.position / self.rate + behind

    async def read(self) -> Audio | Typed | None:
        """The next chunk on the session's clock and as the recording keeps it, a typed turn, or None at the end.

        Raises:
            StageError: the source failed, or changed its sample rate.
        """
        item: Audio | Typed | None = await self._source.call("read", deadline=False)
        self._last_read = time.monotonic()
        if isinstance(item, Typed):
            self._on_event("typed", text=item.text)
            return item
        if item is None:
            return None
        if self._rate is None:
            self._rate = item.sample_rate
            self.position = round(self.position * self._rate / TYPED_CLOCK_HZ)
        if item.sample_rate != self._rate:
            raise StageError("audio_in", f"changed its sample rate from {self._rate} to {item.sample_rate} Hz")
        start = max(self.position, item.start_sample)
        chunk: Audio = evolve(item, samples=on_the_grid(item.samples), start_sample=start)
        self.position = chunk.end_sample
        self._keep(chunk)
        return chunk

    def advance(self, seconds: float) -> None:
        """Let the clock go on without the user."""
        self.position += round(seconds * self.rate)
