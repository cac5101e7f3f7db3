"""A stage of the pipeline while it runs: its component, its deadline, its policies, its latencies."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from antiphon.engine.host import Host, host
from antiphon.engine.results import checked
from antiphon.engine.seeds import derive_seed
from antiphon.errors import AntiphonError, StageError, StageTimeout
from antiphon.options import Selection
from antiphon.profile import Policy, StageConfig
from antiphon.stages import Setup

OnEvent = Callable[..., None]


class Stage:
    """A stage that is open in this process, shared by all sessions.

    Args:
        name: the stage, with a number where a profile has several (``features.1``).
        config: from the profile.
        setup: what the component is told.
    """

    def __init__(self, name: str, config: StageConfig, setup: Setup) -> None:
        self.name = name
        self.config = config
        self.host = host(name, config.selection, setup)
        policies = (config.on_error, config.on_timeout)
        selected = {id(p.fallback): p.fallback for p in policies if p.fallback is not None}
        self._fallback_hosts = {key: host(f"{name}.fallback", s, setup) for key, s in selected.items()}

    def fallback(self, policy: Policy) -> Fallback | None:
        """The open fallback that a policy names."""
        if policy.fallback is None:
            return None
        return Fallback(policy.fallback, self._fallback_hosts[id(policy.fallback)])

    @property
    def kind(self) -> str:
        """The stage, without the number."""
        return self.config.selection.stage

    @property
    def streaming(self) -> bool:
        return "streaming" in self.config.selection.provider.capabilities

    async def open(self) -> None:
        """Open the component and its fallbacks.

        Raises:
            AntiphonError: it cannot be opened, and why.
        """
        for place in (self.host, *self._fallback_hosts.values()):
            try:
                await place.open()
            except Exception as error:  # a plugin may raise anything
                raise _as_stage_error(self.name, error) from error

    async def session(self, key: str, seed: int, on_event: OnEvent) -> StageSession:
        """Start this stage's part of a session.

        Raises:
            StageError: it cannot be started, and why.
        """
        part_seed = derive_seed(seed, self.name)
        for place in (self.host, *self._fallback_hosts.values()):
            try:
                await place.start_session(key, part_seed)
            except Exception as error:  # as in open()
                raise _as_stage_error(self.name, error) from error
        return StageSession(self, key, on_event)

    async def end_session(self, key: str) -> None:
        for place in (self.host, *self._fallback_hosts.values()):
            await place.end_session(key)

    def close(self) -> None:
        for place in (self.host, *self._fallback_hosts.values()):
            place.close()

    def join(self, timeout_s: float) -> None:
        """Wait until all is closed, unless a call hangs."""
        for place in (self.host, *self._fallback_hosts.values()):
            place.join(timeout_s)


class Fallback:
    """What takes over when a stage fails."""

    def __init__(self, selection: Selection, host: Host) -> None:
        self.selection = selection
        self.host = host

    @property
    def streaming(self) -> bool:
        return "streaming" in self.selection.provider.capabilities


class StageFailed(Exception):
    """A call failed and the policy lets the dialogue go on; ``fallback`` is what should be asked instead, if any."""

    def __init__(self, error: Exception, fallback: Fallback | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.fallback = fallback


class StageSession:
    """One session's use of a stage. ``latency_ms`` adds up what its calls took since it was last taken."""

    def __init__(self, stage: Stage, key: str, on_event: OnEvent) -> None:
        self.stage = stage
        self._key = key
        self._on_event = on_event
        self.latency_ms = 0.0

    async def call(self, method: str, *args: Any, deadline: bool = True, timed: bool = True) -> Any:
        """Call a method, under the profile's deadline or none, counting its time among the latencies or not.

        Raises:
            StageFailed: it failed, and the policy is to do without it or to ask a fallback.
            StageError: it failed, and the policy is to end the session.
        """
        limit = self.stage.config.timeout_s if deadline else None
        started = time.perf_counter()
        try:
            result = await self.stage.host.call(self._key, method, *args, timeout_s=limit)
            return checked(self.stage.kind, method, result)
        except Exception as error:
            raise self._failed(error) from error
        finally:
            if timed:
                self.latency_ms += (time.perf_counter() - started) * 1e3

    async def stream(self, method: str, *args: Any) -> AsyncIterator[Any]:
        """Iterate over a generator method; the deadline holds for each piece. Raises like `call`."""
        started = time.perf_counter()
        try:
            async for piece in self.stage.host.stream(self._key, method, *args, timeout_s=self.stage.config.timeout_s):
                self.latency_ms += (time.perf_counter() - started) * 1e3
                yield checked(self.stage.kind, method, piece)
                started = time.perf_counter()
        except Exception as error:
            raise self._failed(error) from error

    async def ask_fallback(self, fallback: Fallback, method: str, *args: Any) -> Any:
        """Call a method of the fallback, under the same deadline; if it fails as well, the session ends.

        Raises:
            StageError: it failed.
        """
        started = time.perf_counter()
        try:
            result = await fallback.host.call(self._key, method, *args, timeout_s=self.stage.config.timeout_s)
            return checked(self.stage.kind, method, result)
        except Exception as error:
            raise _as_stage_error(f"{self.stage.name} fallback {fallback.selection.name}", error) from error
        finally:
            self.latency_ms += (time.perf_counter() - started) * 1e3

    async def stream_fallback(self, fallback: Fallback, method: str, *args: Any) -> AsyncIterator[Any]:
        """Iterate over a generator method of the fallback; raises like `ask_fallback`."""
        pieces = fallback.host.stream(self._key, method, *args, timeout_s=self.stage.config.timeout_s)
        started = time.perf_counter()
        try:
            async for piece in pieces:
                self.latency_ms += (time.perf_counter() - started) * 1e3
                yield checked(self.stage.kind, method, piece)
                started = time.perf_counter()
        except Exception as error:
            raise _as_stage_error(f"{self.stage.name} fallback {fallback.selection.name}", error) from error

    def take_latency(self) -> float:
        """Milliseconds since the last call of this."""
        taken, self.latency_ms = self.latency_ms, 0.0
        return taken

    def _failed(self, error: Exception) -> Exception:
        config = self.stage.config
        policy = config.on_timeout if isinstance(error, StageTimeout) else config.on_error
        error = _as_stage_error(self.stage.name, error)
        self._on_event("stage_failed", stage=self.stage.name, error=str(error), policy=policy.action)
        return error if policy.action == "fail" else StageFailed(error, self.stage.fallback(policy))


def _as_stage_error(name: str, error: Exception) -> StageError:
    if isinstance(error, StageError):
        return error
    text = str(error) if isinstance(error, AntiphonError) else f"{type(error).__name__}: {error}"
    return StageError(name, text)
