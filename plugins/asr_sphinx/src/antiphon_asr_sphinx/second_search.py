"""Sphinx's second search, while it is not yet known whether the turn is over.

The second search ends the utterance, which cannot go on afterwards. So a copy of this process ends its copy of the
utterance, on another core, and hands back the words; here the utterance goes on as if nothing had happened.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
from collections.abc import Callable

from antiphon.payloads import Transcript


class SecondSearch:
    """Runs in a copy of the process, made when this is made.

    The copy holds no lock that anybody waits for, and ends without running anything but the search: it is made in a
    process that has no other threads at work (a worker of the engine's).

    Args:
        search: ends the utterance and returns its words.
    """

    def __init__(self, search: Callable[[], Transcript]) -> None:
        self._answer, theirs = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _answer(theirs, search)
        os.close(theirs)

    def words(self) -> Transcript | None:
        """Wait for the words; None if the copy died."""
        with os.fdopen(self._answer, "rb") as answer:
            pickled = answer.read()
        os.waitpid(self._pid, 0)
        return pickle.loads(pickled) if pickled else None  # it comes from this very process

    def abandon(self) -> None:
        """Nobody wants to know any more."""
        os.close(self._answer)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _answer(to: int, search: Callable[[], Transcript]) -> None:
    """Send the words and end the copy, whatever happens: the engine must never meet it."""
    status = 1
    try:
        with os.fdopen(to, "wb") as file:
            pickle.dump(search(), file)
        status = 0
    finally:
        os._exit(status)
