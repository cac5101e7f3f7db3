"""Spreads work over processes, and goes on when one of them dies.

Extractors may hold the GIL, so that threads would not do, and crash as native code does. The standard library's pool
gives up when a process dies and cannot tell which item killed it, and its processes outlive a parent that is killed;
here each process has a pipe of its own, which tells both.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from antiphon.errors import AntiphonError
from attrs import frozen

Item = TypeVar("Item")
MakeWork = Callable[[Any], Callable[[Any], Any]]

_SPAWN = multiprocessing.get_context("spawn")


@frozen
class Outcome(Generic[Item]):
    """What became of an item: a value, or the reason why there is none."""

    item: Item
    value: Any = None
    failure: str | None = None


def cores() -> int:
    """How many processes can run side by side."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def spread(make_work: MakeWork, argument: Any, items: Sequence[Item], processes: int) -> Iterator[Outcome[Item]]:
    """Do ``make_work(argument)(item)`` for every item, as they are done; everything is pickled.

    Closing the iterator, or Ctrl-C, ends the processes at once.

    Raises:
        AntiphonError: the work cannot be made.
    """
    waiting = list(reversed(items))
    workers = [_Worker(make_work, argument) for _ in range(min(processes, len(items)))]
    under_way: dict[_Worker, Item] = {}
    try:
        while waiting or under_way:
            for worker in workers:
                if waiting and worker not in under_way:
                    under_way[worker] = waiting.pop()
                    worker.give(under_way[worker])
            ready = wait([worker.pipe for worker in under_way])
            for worker in [w for w in under_way if w.pipe in ready]:
                item = under_way.pop(worker)
                try:
                    value, failure = worker.take()
                except EOFError:
                    failure, value = (
                        f"{worker.how_it_died()} while it worked on this; an extractor may have crashed",
                        None,
                    )
                    workers[workers.index(worker)] = _Worker(make_work, argument)
                yield Outcome(item, value, failure)
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A process, and this end of its pipe."""

    def __init__(self, make_work: MakeWork, argument: Any) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs, make_work, argument), daemon=True)
        self._process.start()
        theirs.close()  # so that the end of the process ends the pipe

    def give(self, item: Any) -> None:
        with contextlib.suppress(OSError):  # it has died, which `take` tells
            self.pipe.send(item)

    def take(self) -> tuple[Any, str | None]:
        """
        Raises:
            AntiphonError: the work could not be made.
            EOFError: the process died.
        """
        try:
            value, failure, fatal = self.pipe.recv()
        except ConnectionError as error:
            raise EOFError from error
        if fatal:
            raise AntiphonError(failure)
        return value, failure

    def how_it_died(self) -> str:
        self._process.join()
        code = self._process.exitcode
        return (
            f"the process was killed by signal {-code}"
            if code and code < 0
            else f"the process ended with status {code}"
        )

    def end(self) -> None:
        self.pipe.close()
        self._process.terminate()
        self._process.join()


def _serve(pipe: Connection, make_work: MakeWork, argument: Any) -> None:
    """A process's life: it ends with its parent, which is seen by the end of the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the processes on Ctrl-C
    with contextlib.suppress(EOFError, OSError):
        try:
            work = make_work(argument)
        except Exception as error:
            pipe.recv()
            pipe.send((None, _told(error), True))
            return
        while True:
            item = pipe.recv()
            answer: tuple[Any, str | None, bool]
            try:
                answer = (work(item), None, False)
            except Exception as error:  # one item that fails must not stop the others
                answer = (None, _told(error), False)
            pipe.send(answer)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, AntiphonError) else f"{type(error).__name__}: {error}"
