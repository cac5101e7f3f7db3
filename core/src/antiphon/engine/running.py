"""Hold a dialogue from a profile, in one call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from antiphon.discovery import Plugins
from antiphon.engine.engine import Engine, OnEvent, SessionResult
from antiphon.profile.load import load_profile


def run_profile(
    path: Path,
    *,
    sessions: Path = Path("sessions"),
    overrides: Sequence[str] = (),
    plugins: Plugins | None = None,
    on_event: OnEvent = lambda kind, details: None,
) -> SessionResult:
    """Check a profile, hold one session with it, and record that below `sessions`.

    Args:
        overrides: ``table.key=value`` settings that win over the profile.
        plugins: those of this environment, unless given.

    Raises:
        ProfileError: the profile is wrong; nothing was opened.
        AntiphonError: a component cannot be opened, or the recording cannot be made.
    """
    plugins = plugins or Plugins()
    profile = load_profile(path, overrides, plugins)

    async def run() -> SessionResult:
        async with Engine(profile, plugins) as engine:
            return await engine.session(sessions, on_event=on_event)

    return asyncio.run(run())
