"""A component and its sessions, on a thread of their own."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

from antiphon.errors import StageTimeout

_END = object()


class ComponentThread:
    """Makes every call to one component on one thread, in order, so that calls never overlap.

    A call that misses its deadline cannot be stopped in Python. Its thread is abandoned (it is a daemon and ends with
    the process) and a new one goes on with the other sessions; the session that hangs is made anew from its seed. A
    component with a method ``kill`` (a `RemoteComponent`) is killed instead.
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

        await self._submit(work)

    async def start_session(self, key: str, seed: int) -> None:
        """A fresh session object, from now on known as `key`."""

        def work() -> None:
            self._sessions[key] = (self._component.session(seed), seed)

        await self._submit(work)

    async def call(self, key: str, method: str, *args: Any, timeout_s: float | None) -> Any:
        """Call a method of a session.

        Raises:
            StageTimeout: the deadline has passed; the session was made anew.
        """
        cancelled = threading.Event()

        def work() -> Any:
            if cancelled.is_set():
                return None
            return getattr(self._sessions[key][0], method)(*args)

        try:
            return await asyncio.wait_for(self._submit(work), timeout_s)
        except asyncio.TimeoutError:
            cancelled.set()
            await self._abandon(key)
            raise StageTimeout(self.stage, f"{method} took longer than {timeout_s:g} s") from None

    async def stream(self, key: str, method: str, *args: Any, timeout_s: float | None) -> AsyncIterator[Any]:
        """Iterate over what a generator method yields; the deadline holds for each piece.

        The generator runs as one call. Leaving the iteration closes it after the piece that is being made.
        """
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[Any] = asyncio.Queue()
        cancelled = threading.Event()

        def work() -> None:
            iterator = getattr(self._sessions[key][0], method)(*args)
            try:
                for piece in iterator:
                    if cancelled.is_set():
                        break
                    loop.call_soon_threadsafe(pieces.put_nowait, piece)
            finally:
                close = getattr(iterator, "close", None)
                if close:
                    close()

        job = self._submit(work)
        job.add_done_callback(lambda _: pieces.put_nowait(_END))
        try:
            while True:
                try:
                    piece = await asyncio.wait_for(pieces.get(), timeout_s)
                except asyncio.TimeoutError:
                    await self._abandon(key)
                    raise StageTimeout(self.stage, f"{method} gave nothing for {timeout_s:g} s") from None
                if piece is _END:
                    job.result()
                    return
                yield piece
        finally:
            cancelled.set()
            job.add_done_callback(_retrieve)

    async def end_session(self, key: str) -> None:
        """Forget a session, closing it where it can be closed."""

        def work() -> None:
            session, _ = self._sessions.pop(key, (None, 0))
            _close(session)

        await self._submit(work)

    def close(self) -> None:
        """Close the component and end the thread, without waiting for a call that hangs."""
        component = self._component
        self._jobs.put((lambda: _close(component), None))
        self._jobs.put(None)

    async def _abandon(self, key: str) -> None:
        kill = getattr(self._component, "kill", None)
        if kill:  # a worker process can be ended: its thread is free again, and makes a new process when needed
            kill()
            return
        hanging, self._jobs = self._jobs, self._start()
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.put(hanging.get_nowait())  # what other sessions had waiting behind the call that hangs
        hanging.put(None)  # the old thread ends when its call returns, if it ever does
        _, seed = self._sessions[key]
        await self.start_session(key, seed)

    def _submit(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()

        def deliver(setter: str, value: Any) -> None:
            if not future.done():
                getattr(future, setter)(value)

        def respond(setter: str, value: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(deliver, setter, value)

        self._jobs.put((work, respond))
        return future

    def _start(self) -> queue.SimpleQueue[Any]:
        jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=_serve, args=(jobs,), name=f"antiphon-{self.stage}", daemon=True).start()
        return jobs


def _serve(jobs: queue.SimpleQueue[Any]) -> None:
    while (job := jobs.get()) is not None:
        work, respond = job
        try:
            result = work()
        except BaseException as error:  # handed to whoever made the call
            if respond:
                respond("set_exception", _as_exception(error))
        else:
            if respond:
                respond("set_result", result)


def _as_exception(error: BaseException) -> BaseException:
    """A future refuses StopIteration."""
    return RuntimeError("StopIteration was raised") if isinstance(error, StopIteration) else error


def _retrieve(job: asyncio.Future[Any]) -> None:
    """Mark the outcome of a stream that nobody waits for as seen."""
    if not job.cancelled():
        job.exception()


def _close(thing: Any) -> None:
    close = getattr(thing, "close", None)
    if close:
        close()
