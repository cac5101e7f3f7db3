"""The engine: a checked profile, open, and the sessions that are held with it."""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from attrs import frozen

from antiphon.discovery import Plugins
from antiphon.engine.dialogue import Dialogue
from antiphon.engine.environment import describe_environment
from antiphon.engine.observers import Observers
from antiphon.engine.pipeline import Pipeline
from antiphon.errors import AntiphonError, RecordingError
from antiphon.profile import Profile
from antiphon.recording.recorder import Recorder
from antiphon.recording.records import SessionInfo, TurnRecord

OBSERVERS_S = 5.0
"""How long the end of a session waits for observers."""

CLOSING_S = 2.0
"""How long the end of a session waits for the stages to close theirs."""

SWITCH_S = 0.0005
"""How long a thread may keep the interpreter's lock while another one, a stage's, waits for it. Python's own 5 ms are
longer than all that the engine does in a turn."""

OnEvent = Callable[[str, dict[str, Any]], None]
"""Told everything that happens: the kind of event and its details. The kind ``turn`` has the record as ``record``."""


@frozen
class SessionResult:
    """A session that has ended.

    Attributes:
        reason: ``turn limit``, ``end of input``, ``end of script``, ``interrupted`` or the error that ended it.
        error: the error, if one ended it.
    """

    info: SessionInfo
    turns: tuple[TurnRecord, ...]
    reason: str
    error: AntiphonError | None = None


class Engine:
    """Holds sessions with one profile; use as ``async with Engine(profile, plugins) as engine``.

    Components are opened once, whatever the number of sessions.
    """

    def __init__(self, profile: Profile, plugins: Plugins) -> None:
        self.profile = profile
        self._plugins = plugins
        self._pipeline = Pipeline(profile)
        self._environment = describe_environment(profile, plugins)

    async def __aenter__(self) -> Engine:
        sys.setswitchinterval(min(SWITCH_S, sys.getswitchinterval()))
        await self._pipeline.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._pipeline.close()

    async def session(
        self, sessions: Path, *, seed: int | None = None, on_event: OnEvent = lambda kind, details: None
    ) -> SessionResult:
        """Hold one session and record it in a new folder below `sessions`.

        A stage or a disk that fails ends the session cleanly and is told in the result; cancellation completes the
        folder and is raised again.

        Raises:
            RecordingError: the folder cannot be made.
        """
        seed = self.profile.session.seed if seed is None else seed
        info = _new_session(sessions, self.profile, seed)
        recorder = Recorder(info.folder, self.profile, {**self._environment, "session": info.id, "seed": seed})
        return await _Session(self.profile, self._pipeline, self._plugins, info, recorder, on_event).run()


class _Session:
    """One session from its first to its last event."""

    def __init__(
        self,
        profile: Profile,
        pipeline: Pipeline,
        plugins: Plugins,
        info: SessionInfo,
        recorder: Recorder,
        on_event: OnEvent,
    ) -> None:
        self._profile = profile
        self._pipeline = pipeline
        self._info = info
        self._recorder = recorder
        self._on_event = on_event
        self._turns: list[TurnRecord] = []
        self._dialogue: Dialogue | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._started = time.monotonic()
        self._observers = Observers(plugins, self._observer_failed)

    async def run(self) -> SessionResult:
        reason: str = "interrupted"
        error: AntiphonError | None = None
        try:
            self._event(
                "session_started",
                session=self._info.id,
                started=datetime.now(timezone.utc).isoformat(),
                duplex=self._profile.session.duplex,
            )
            self._observers.tell("antiphon_session_started", session=self._info)
            stages = await self._pipeline.session(self._info.id, self._info.seed, self._event)
            self._dialogue = Dialogue(
                self._profile, self._pipeline.voice, stages, self._recorder, self._turn, self._event
            )
            reason = await self._dialogue.run()
        except AntiphonError as failure:
            reason, error = str(failure), failure
        except Exception as failure:
            reason = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            error = self._close(reason) or error
        await self._pipeline.end_session(self._info.id, CLOSING_S)
        await asyncio.to_thread(self._observers.finish, OBSERVERS_S)
        return SessionResult(self._info, tuple(self._turns), reason, error)

    def _close(self, reason: str) -> RecordingError | None:
        """Complete the folder, as far as the disk lets us."""
        try:
            if self._dialogue is not None:
                self._dialogue.end()
            self._event("session_finished", reason=reason)
            self._recorder.close()
        except RecordingError as failure:
            return failure
        finally:
            self._closed = True
            self._observers.tell("antiphon_session_finished", session=self._info)
        return None

    def _turn(self, record: TurnRecord) -> None:
        self._recorder.turn(record)
        self._turns.append(record)
        self._observers.tell("antiphon_turn_finished", session=self._info, turn=record)
        self._on_event("turn", {"record": record})

    def _event(self, kind: str, **details: Any) -> None:
        at_s = self._dialogue.track.now_s if self._dialogue else 0.0
        self._recorder.event(at_s, kind, wall_s=round(time.monotonic() - self._started, 4), **details)
        self._on_event(kind, details)

    def _observer_failed(self, plugin: str, hook: str, error: str) -> None:
        """Called on the observers' thread; after the end of the session only the log tells of it."""

        def record() -> None:
            if not self._closed:
                self._event("observer_failed", plugin=plugin, hook=hook, error=error)

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(record)


def _new_session(sessions: Path, profile: Profile, seed: int) -> SessionInfo:
    moment = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    name = re.sub(r"[^\w.-]+", "-", profile.name)[:40].strip(".-")
    session_id = f"{moment}-{name}-{secrets.token_hex(4)}"
    return SessionInfo(session_id, sessions / session_id, profile.name, seed)
