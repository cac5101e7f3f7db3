"""What makes a fake misbehave at a chosen call."""

from __future__ import annotations

import inspect
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, TypeVar

from attrs import frozen

from antiphon.stages import Component, Setup
from antiphon.testing.fakes.options import FakeOptions

FakeOptionsT = TypeVar("FakeOptionsT", bound=FakeOptions)
SessionT = TypeVar("SessionT")

EXIT_STATUS = 70
"""Of a worker process that a fake ends."""


@frozen
class Garbage:
    """Of no type that any stage returns."""


class InjectedError(Exception):
    """Raised by a fake that was told to; not an `AntiphonError`, as few libraries' errors are."""


class Faults:
    """Counts calls, and strikes at the one that the options name."""

    def __init__(self, options: FakeOptions) -> None:
        self._options = options
        self._calls = 0

    def strike(self, method: str) -> Garbage | None:
        """Called at the start of every call; what it returns, if anything, is the result of the call."""
        options = self._options
        if options.delay_s and method not in ("open", "session"):
            time.sleep(options.delay_s)
        if options.fault == "none" or (options.fault_in or method) != method:
            return None
        call, self._calls = self._calls, self._calls + 1
        if not options.fault_at <= call < options.fault_at + options.fault_calls:
            return None
        if options.fault == "raise":
            raise InjectedError(f"told to fail in call {call} of {method}")
        if options.fault == "hang":
            time.sleep(options.hang_s)
        if options.fault == "die":
            if multiprocessing.parent_process() is None:
                raise RuntimeError("a fake ends worker processes only; choose a fake that runs in one")
            os._exit(EXIT_STATUS)
        return Garbage() if options.fault == "garbage" else None

    def guard(self, session: SessionT) -> SessionT:
        """The session, striking in its public methods."""
        for name, method in inspect.getmembers(session, inspect.ismethod):
            if not name.startswith("_") and name != "close":
                wrap = self._pieces if inspect.isgeneratorfunction(method) else self._call
                setattr(session, name, wrap(name, method))
        return session

    def _call(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            return self.strike(name) or method(*arguments)

        return call

    def _pieces(self, name: str, method: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def pieces(*arguments: Any) -> Iterator[Any]:
            for piece in method(*arguments):
                yield self.strike(name) or piece

        return pieces


class Fake(Component[FakeOptionsT]):
    """The component of every fake."""

    session_class: ClassVar[type[FakeSession[Any]]]

    def __init__(self, options: FakeOptionsT, setup: Setup) -> None:
        super().__init__(options, setup)
        self._faults = Faults(options)
        if options.fault_in == "open":
            self._faults.strike("open")

    def session(self, seed: int) -> Any:
        if self.options.fault_in == "session":
            self._faults.strike("session")
        return Faults(self.options).guard(self._make(seed))

    def _make(self, seed: int) -> FakeSession[Any]:
        return self.session_class(self.options, self.setup, seed)


class FakeSession(Generic[FakeOptionsT]):
    """The session of every fake."""

    def __init__(self, options: FakeOptionsT, setup: Setup, seed: int) -> None:
        self.options = options
        self.setup = setup
        self.seed = seed
        self._start()

    def _start(self) -> None:
        """Make the state of the conversation."""
