"""A component in a process of its own: what runs there, and the stand-in that the engine calls instead."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from antiphon import errors
from antiphon.engine.messages import Channel
from antiphon.errors import AntiphonError, StageDied
from antiphon.provider import Provider, load

_SPAWN = multiprocessing.get_context("spawn")


class RemoteComponent:
    """Stands in for a component that lives in a worker process.

    Has the interface of a component, ``session(seed)`` and ``close()``; used from one thread.

    Raises:
        StageDied: by any call during which the process ended. The next call starts a new process.
    """

    def __init__(self, stage: str, provider: Provider, options: Any, setup: Any) -> None:
        self.stage = stage
        # Pickled apart: a class from a file can be unpickled only after the provider has loaded that file.
        self._recipe = (provider, pickle.dumps((options, setup)))
        self._process: Any = None
        self._channel: Channel | None = None
        self._generation = 0
        self._next_id = 0
        self._start()

    @property
    def pid(self) -> int:
        """Of the worker process."""
        return int(self._process.pid)

    def session(self, seed: int) -> RemoteSession:
        self._next_id += 1
        return RemoteSession(self, self._next_id, seed)

    def kill(self) -> None:
        """End the process at once; a call that waits for it fails."""
        if self._process is not None:
            self._process.kill()

    def revive(self) -> None:
        """Start the process again if it has died; otherwise nothing."""
        if self._channel is not None and not self._process.is_alive():
            self._end()
        if self._channel is None:
            self._start()

    def close(self) -> None:
        if self._channel is not None:
            with contextlib.suppress(OSError, ValueError):
                self._channel.send(None)
            self._process.join(0.3)
            self._end()

    def ensure_session(self, session: RemoteSession) -> None:
        """Make the session in the process that runs now, if it is not there."""
        if self._channel is None:
            self.revive()
        if session.generation != self._generation:
            self.request(("session", session.id, session.seed))
            session.generation = self._generation

    def request(self, message: Any) -> Any:
        """Send and wait for the answer."""
        assert self._channel is not None
        try:
            self._channel.send(message)
            kind, value = self._channel.receive()
        except (EOFError, OSError) as error:
            raise self._died() from error
        if kind == "error":
            raise _error_from(*value)
        return value

    def _start(self) -> None:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=serve, args=(theirs, self._recipe), daemon=True)
        process.start()
        self._process = process
        theirs.close()
        self._channel = Channel(ours)
        self._generation += 1
        try:
            kind, value = self._channel.receive()
        except (EOFError, OSError) as error:
            raise self._died() from error
        if kind == "error":
            self._end()
            raise _error_from(*value)

    def _died(self) -> StageDied:
        self._process.join(1.0)
        code = self._process.exitcode
        self._end()
        return StageDied(self.stage, f"its worker process ended (exit code {code}); a new one is started when needed")

    def _end(self) -> None:
        died = self._process.exitcode != 0
        if self._process.is_alive():
            self._process.kill()
            self._process.join(1.0)
        if self._channel is not None:
            self._channel.close(peer_died=died)
            self._channel = None


class RemoteSession:
    """A session in a worker process. After the process has died it is made anew from its seed, its state lost."""

    def __init__(self, component: RemoteComponent, id: int, seed: int) -> None:
        self._component = component
        self.id = id
        self.seed = seed
        self.generation = -1
        component.ensure_session(self)

    def __getattr__(self, method: str) -> Any:
        def call(*args: Any) -> Any:
            self._component.ensure_session(self)
            value = self._component.request(("call", self.id, method, args))
            return self._pieces(value) if value is STREAM else value

        return call

    def close(self) -> None:
        if self._component._channel is not None and self.generation == self._component._generation:
            self._component.request(("close", self.id))

    def _pieces(self, _: Any) -> Iterator[Any]:
        request = self._component.request
        finished = False
        try:
            while (piece := request("next")) is not END:
                yield piece
            finished = True
        except Exception:
            finished = True
            raise
        finally:
            if not finished:
                request("cancel")


class _Mark:
    """A value that stays itself when it is pickled."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> str:
        return self.name


STREAM = _Mark("STREAM")
END = _Mark("END")


def serve(connection: Connection, recipe: tuple[Provider, bytes]) -> None:
    """The worker process: open the component, then answer requests until the engine goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the engine decides when to end
    channel = Channel(connection)
    try:
        provider, pickled = recipe
        load(provider.factory, provider.name)
        options, setup = pickle.loads(pickled)
        component = provider.open(options, setup)
    except Exception as error:  # told to the engine, which knows what to do with it
        channel.send(("error", _error_to(error)))
        return
    sessions: dict[int, Any] = {}
    with contextlib.suppress(EOFError, OSError):
        channel.send(("value", None))
        while (message := channel.receive()) is not None:
            try:
                answer = ("value", _answer(message, component, sessions, channel))
            except (EOFError, BrokenPipeError):
                raise
            except Exception as error:  # as above
                answer = ("error", _error_to(error))
            channel.send(answer)
    channel.close()


def _answer(message: Any, component: Any, sessions: dict[int, Any], channel: Channel) -> Any:
    kind, session_id, *rest = message
    if kind == "session":
        sessions[session_id] = component.session(*rest)
        return None
    if kind == "close":
        close = getattr(sessions.pop(session_id, None), "close", None)
        return close() if close else None
    method, args = rest
    value = getattr(sessions[session_id], method)(*args)
    if not isinstance(value, Iterator):
        return value
    channel.send(("value", STREAM))
    return _stream(value, channel)


def _stream(pieces: Iterator[Any], channel: Channel) -> Any:
    """Send piece by piece as they are asked for; returns the answer to the last request."""
    try:
        while channel.receive() == "next":
            try:
                piece = next(pieces)
            except StopIteration:
                return END
            channel.send(("value", piece))
        return None  # cancelled
    finally:
        close = getattr(pieces, "close", None)
        if close:
            close()


def _error_to(error: Exception) -> tuple[str, str]:
    return type(error).__name__, str(error)


def _error_from(name: str, message: str) -> Exception:
    """The same error of ours, else one that names the other's type."""
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, AntiphonError) and not issubclass(kind, errors.StageError):
        return kind([message]) if kind is errors.ProfileError else kind(message)
    return RuntimeError(f"{name}: {message}")
