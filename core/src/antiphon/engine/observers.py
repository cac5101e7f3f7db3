"""Calls the observers of a session, never felt by the dialogue."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from antiphon.discovery import Plugins

logger = logging.getLogger(__name__)


class Observers:
    """Runs the broadcasts of one session in order, on a thread of its own.

    An observer that raises is logged, reported and left out for the rest of the session.
    """

    def __init__(self, plugins: Plugins, on_failure: Callable[[str, str, str], None]) -> None:
        self._plugins = plugins
        self._on_failure = on_failure
        self._off: set[str] = set()
        self._jobs: queue.SimpleQueue[tuple[str, dict[str, Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="antiphon-observers", daemon=True)
        self._thread.start()

    def tell(self, hook: str, **arguments: Any) -> None:
        """Call a broadcast on all observers; returns at once."""
        self._jobs.put((hook, arguments))

    def finish(self, timeout_s: float) -> None:
        """Wait until everything was told, but not for ever."""
        self._jobs.put(None)
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            logger.warning("observers are still busy after %g s; they are not waited for", timeout_s)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            hook, arguments = job
            for implementation in getattr(self._plugins.hook, hook).get_hookimpls():
                if implementation.plugin_name in self._off:
                    continue
                try:
                    implementation.function(*(arguments[name] for name in implementation.argnames))
                except Exception as error:  # an observer may fail in any way
                    self._off.add(implementation.plugin_name)
                    logger.exception("observer %s failed in %s", implementation.plugin_name, hook)
                    self._on_failure(implementation.plugin_name, hook, f"{type(error).__name__}: {error}")
