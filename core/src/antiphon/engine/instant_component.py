"""A component whose calls take microseconds, on the engine's own thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from antiphon.errors import StageTimeout


class InstantComponent:
    """Makes every call to one component at once, where it is asked for.

    A change of threads takes longer than such a call, tenths of a millisecond on a machine that was idle, and a turn
    has many of them. A call that misses its deadline is noticed when it returns.
    """

    def __init__(self, stage: str, open_component: Callable[[], Any]) -> None:
        self.stage = stage
        self._open_component = open_component
        self._component: Any = None
        self._sessions: dict[str, Any] = {}

    async def open(self) -> None:
        """Open the component; this may take long, so it has a thread of its own."""
        self._component = await asyncio.to_thread(self._open_component)

    async def start_session(self, key: str, seed: int) -> None:
        """A fresh session object, from now on known as `key`."""
        self._sessions[key] = self._component.session(seed)

    async def call(self, key: str, method: str, *args: Any, timeout_s: float | None) -> Any:
        """Call a method of a session.

        Raises:
            StageTimeout: it took longer than the deadline.
        """
        started = time.monotonic()
        result = getattr(self._sessions[key], method)(*args)
        self._check(method, started, timeout_s)
        return result

    async def stream(self, key: str, method: str, *args: Any, timeout_s: float | None) -> AsyncIterator[Any]:
        """Iterate over what a generator method yields; the deadline holds for each piece."""
        started = time.monotonic()
        for piece in getattr(self._sessions[key], method)(*args):
            self._check(method, started, timeout_s)
            yield piece
            started = time.monotonic()

    async def end_session(self, key: str) -> None:
        """Forget a session, closing it where it can be closed."""
        close(self._sessions.pop(key, None))

    def close(self) -> None:
        """Close the component."""
        close(self._component)

    def join(self, timeout_s: float) -> None:
        """There is nothing to wait for."""

    def _check(self, method: str, started: float, timeout_s: float | None) -> None:
        if timeout_s is not None and time.monotonic() - started > timeout_s:
            raise StageTimeout(self.stage, f"{method} took longer than {timeout_s:g} s")


def close(thing: Any) -> None:
    """Close a component or session, if it can be closed."""
    method = getattr(thing, "close", None)
    if method:
        method()
