"""A component and its sessions, on a thread of their own."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from antiphon.engine.instant_component import close
from antiphon.engine.worker import RemoteComponent
from antiphon.errors import StageDied, StageTimeout

_END = object()


class ComponentThread:
    """Makes every call to one component on one thread, in order, so that calls never overlap.

    A call that misses its deadline cannot be stopped in Python. Its thread is abandoned (it is a daemon and ends with
    the process) and a new one goes on with the other sessions; the session that hangs is made anew from its seed. A
    worker process is ended instead, and started again.
    """

    def __init__(self, stage: str, open_component: Callable[[], Any]) -> None:
        self.stage = stage
        self._open_component = open_component
        self._component: Any = None
        self._sessions: dict[str, tuple[Any, int]] = {}
        self._jobs = self._start()

    async def open(self) -> None:
        """Open the component."""

        def work() -> None:
            self._component = self._open_component()

        await self._submit(_Job(work))

    async def start_session(self, key: str, seed: int) -> None:
        """A fresh session object, from now on known as `key`."""

        def work() -> None:
            self._sessions[key] = (self._component.session(seed), seed)

        await self._submit(_Job(work))

    async def call(self, key: str, method: str, *args: Any, timeout_s: float | None) -> Any:
        """Call a method of a session. The deadline counts from when the call is made, not from when it is queued.

        Raises:
            StageTimeout: the deadline has passed; the session was made anew.
        """
        job = _Job(lambda: getattr(self._sessions[key][0], method)(*args))
        future = self._submit(job)
        try:
            return await _before_deadline(future, job, timeout_s)
        except asyncio.TimeoutError:
            await self._abandon(key)
            raise StageTimeout(self.stage, f"{method} took longer than {timeout_s:g} s") from None
        except StageDied:
            self._revive()
            raise
        finally:
            job.cancelled = True

    async def stream(self, key: str, method: str, *args: Any, timeout_s: float | None) -> AsyncIterator[Any]:
        """Iterate over what a generator method yields; the deadline holds for each piece.

        The generator runs as one call. Leaving the iteration closes it after the piece that is being made.
        """
        loop = asyncio.get_running_loop()
        pieces = _Pieces(loop)
        cancelled = threading.Event()

        def work() -> None:
            if cancelled.is_set():
                return
            iterator = getattr(self._sessions[key][0], method)(*args)
            try:
                for piece in iterator:
                    if cancelled.is_set():
                        break
                    loop.call_soon_threadsafe(pieces.put, piece)
            finally:
                close(iterator)

        job = _Job(work)
        future = self._submit(job)
        future.add_done_callback(lambda _: pieces.put(_END))
        try:
            while True:
                try:
                    piece = await _before_deadline(pieces.next(), job, timeout_s)
                except asyncio.TimeoutError:
                    await self._abandon(key)
                    raise StageTimeout(self.stage, f"{method} gave nothing for {timeout_s:g} s") from None
                if piece is _END:
                    future.result()
                    return
                yield piece
        except StageDied:
            self._revive()
            raise
        finally:
            cancelled.set()
            future.add_done_callback(_retrieve)

    async def end_session(self, key: str) -> None:
        """Forget a session, closing it where it can be closed."""

        def work() -> None:
            session, _ = self._sessions.pop(key, (None, 0))
            close(session)

        await self._submit(_Job(work))

    def close(self) -> None:
        """Close the component and end the thread, without waiting for a call that hangs."""
        component = self._component
        self._jobs.put(_Job(lambda: close(component)))
        self._jobs.put(None)

    def join(self, timeout_s: float) -> None:
        """Wait until all is closed, unless a call hangs."""
        self._thread.join(timeout_s)

    def _revive(self) -> None:
        """Start a worker process anew, ahead of the next call, whose deadline does not count that."""
        self._submit(_Job(self._component.revive)).add_done_callback(_retrieve)

    async def _abandon(self, key: str) -> None:
        if isinstance(self._component, RemoteComponent):  # its thread is free again as soon as the process is gone
            self._component.kill()
            self._revive()
            return
        hanging, self._jobs = self._jobs, self._start()
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.put(hanging.get_nowait())  # what other sessions had waiting behind the call that hangs
        hanging.put(None)  # the old thread ends when its call returns, if it ever does
        _, seed = self._sessions[key]
        await self.start_session(key, seed)

    def _submit(self, job: _Job) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()

        def deliver(setter: str, value: Any) -> None:
            if not future.done():
                getattr(future, setter)(value)

        def respond(setter: str, value: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(deliver, setter, value)

        job.respond = respond
        self._jobs.put(job)
        return future

    def _start(self) -> queue.SimpleQueue[_Job | None]:
        jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=_serve, args=(jobs,), name=f"antiphon-{self.stage}", daemon=True)
        self._thread.start()
        return jobs


class _Job:
    """Work for the thread, and when it was begun."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.respond: Callable[[str, Any], None] = lambda setter, value: None
        self.cancelled = False
        self._begun_at: float | None = None

    def run(self) -> None:
        if self.cancelled:
            return
        self._begun_at = time.monotonic()
        try:
            result = self.work()
        except BaseException as error:  # handed to whoever made the call
            self.respond("set_exception", _as_exception(error))
        else:
            self.respond("set_result", result)

    def remaining_s(self, timeout_s: float, since: float) -> float:
        """Seconds until a deadline that counts from `since`; all of them while the work waits behind that of others."""
        if self._begun_at is None:
            return timeout_s
        return max(0.0, max(self._begun_at, since) + timeout_s - time.monotonic())


class _Pieces:
    """A queue of one consumer, whose items can be waited for as futures, without a task for each."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready: deque[Any] = deque()
        self._awaited: asyncio.Future[Any] | None = None

    def put(self, piece: Any) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(piece)
        else:
            self._ready.append(piece)

    def next(self) -> asyncio.Future[Any]:
        """The next piece, or the promise of it."""
        self._awaited = self._loop.create_future()
        if self._ready:
            self._awaited.set_result(self._ready.popleft())
        return self._awaited


async def _before_deadline(result: asyncio.Future[Any], job: _Job, timeout_s: float | None) -> Any:
    """Wait for something of a job, for `timeout_s` of the time that the thread works on it.

    Not by `asyncio.wait_for`, which until Python 3.12 drops a cancellation (a Ctrl-C) that comes with the result, nor
    by `asyncio.wait`, which goes round the event loop once more: this is on the way of everything that a stage does.

    Raises:
        asyncio.TimeoutError: it did not come.
    """
    if timeout_s is None:
        return await result
    loop, since = asyncio.get_running_loop(), time.monotonic()
    timer: asyncio.TimerHandle | None = None

    def expire() -> None:
        nonlocal timer
        if (remaining_s := job.remaining_s(timeout_s, since)) > 0:  # the work had to wait for that of others
            timer = loop.call_later(remaining_s, expire)
        elif not result.done():
            result.set_exception(asyncio.TimeoutError())

    timer = loop.call_later(timeout_s, expire)
    try:
        return await result
    finally:
        timer.cancel()


def _serve(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job.run()


def _as_exception(error: BaseException) -> BaseException:
    """A future refuses StopIteration."""
    return RuntimeError("StopIteration was raised") if isinstance(error, StopIteration) else error


def _retrieve(job: asyncio.Future[Any]) -> None:
    """Mark the outcome of a stream that nobody waits for as seen."""
    if not job.cancelled():
        job.exception()
