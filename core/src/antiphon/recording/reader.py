"""Reads session folders, complete or cut off at any point."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from antiphon.errors import RecordingError
from antiphon.features import FeatureSpec
from antiphon.recording.recorder import ENVIRONMENT, EVENTS, PROFILE, TURNS
from antiphon.recording.records import TurnRecord
from antiphon.recording.serialize import turn_from_json


@frozen
class Recording:
    """What a session folder holds."""

    folder: Path
    profile_path: Path
    environment: Mapping[str, Any]
    turns: tuple[TurnRecord, ...]
    events: tuple[Mapping[str, Any], ...]

    @property
    def features(self) -> tuple[FeatureSpec, ...]:
        """What the measured features of the turns mean; empty in recordings that do not say it.

        Raises:
            RecordingError: what it says is damaged.
        """
        try:
            return tuple(FeatureSpec(**spec) for spec in self.environment.get("features", ()))
        except (TypeError, ValueError) as error:
            raise RecordingError(f"{self.folder / ENVIRONMENT} is damaged: features: {error}") from error

    @property
    def complete(self) -> bool:
        """Whether the session ended by itself; False after a kill."""
        return any(event["kind"] == "session_finished" for event in self.events)


def read_recording(folder: Path) -> Recording:
    """Read a session folder.

    A line that a kill cut in the middle is left out; it can only be the last one.

    Raises:
        RecordingError: no session folder, or one whose files are damaged.
    """
    if not (folder / TURNS).is_file():
        raise RecordingError(f"{folder} is not a session folder: it has no {TURNS}")
    turns = tuple(turn_from_json(line) for line in _lines(folder / TURNS))
    events = tuple(_event(line, folder) for line in _lines(folder / EVENTS))
    environment = folder / ENVIRONMENT
    try:
        known = json.loads(environment.read_text("utf-8")) if environment.exists() else {}
    except ValueError as error:
        raise RecordingError(f"{environment} is damaged: {error}") from error
    return Recording(folder, folder / PROFILE, known, turns, events)


def _lines(path: Path) -> Iterator[str]:
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n") and line.strip():
                yield line.decode("utf-8", errors="replace")


def _event(line: str, folder: Path) -> Mapping[str, Any]:
    try:
        event = json.loads(line)
        event["kind"], event["at_s"]
    except (ValueError, TypeError, KeyError) as error:
        raise RecordingError(f"{folder / EVENTS} is damaged at {line[:80]!r}") from error
    return event  # type: ignore[no-any-return]
