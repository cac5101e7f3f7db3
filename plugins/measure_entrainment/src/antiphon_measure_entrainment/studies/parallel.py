"""Runs pieces of work in this process or in several, and yields each result when it is there."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def results(
    work: Callable[[T], R], tasks: Iterable[T], jobs: int, prepare: Callable[..., None], *given: object
) -> Iterator[tuple[T, R]]:
    """Each task with ``work(task)``; in order with one job, else as they become ready.

    ``prepare(*given)`` is called once in each process before its first task. With several jobs all of it must pickle.
    Whoever stops iterating ends the processes.
    """
    if jobs == 1:
        prepare(*given)
        for task in tasks:
            yield task, work(task)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepared, initargs=(prepare, given))
    try:
        futures = {pool.submit(work, task): task for task in tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()
        pool.shutdown()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise


def _prepared(prepare: Callable[..., None], given: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # at Ctrl-C the parent says what there is to say
    prepare(*given)
