"""Where a component runs: a worker process, a thread of its own, or the engine's own thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

from antiphon.engine.component_thread import ComponentThread
from antiphon.engine.instant_component import InstantComponent
from antiphon.engine.worker import RemoteComponent
from antiphon.options import Selection
from antiphon.stages import Setup


class Host(Protocol):
    """A component and its sessions, wherever they are. Calls never overlap."""

    async def open(self) -> None:
        """Open the component."""

    async def start_session(self, key: str, seed: int) -> None:
        """A fresh session object, from now on known as `key`."""

    async def call(self, key: str, method: str, *args: Any, timeout_s: float | None) -> Any:
        """Call a method of a session. Raises `StageTimeout`, `StageDied`, and whatever the method raises."""

    def stream(self, key: str, method: str, *args: Any, timeout_s: float | None) -> AsyncIterator[Any]:
        """Iterate over what a generator method yields; the deadline holds for each piece."""

    async def end_session(self, key: str) -> None:
        """Forget a session, closing it where it can be closed."""

    def close(self) -> None:
        """Close the component, without waiting for a call that hangs."""

    def join(self, timeout_s: float) -> None:
        """Wait until all is closed, unless a call hangs."""


def host(name: str, selection: Selection, setup: Setup) -> Host:
    """A place for an implementation, by what its provider says of it."""
    provider, options = selection.provider, selection.options
    if "process" in provider.capabilities:
        return ComponentThread(name, lambda: RemoteComponent(name, provider, options, setup))
    kind = InstantComponent if "instant" in provider.capabilities else ComponentThread
    return kind(name, lambda: provider.open(options, setup))
