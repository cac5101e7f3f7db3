"""Writes a session folder while the session runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import tomli_w

from antiphon.errors import RecordingError
from antiphon.payloads import Audio
from antiphon.profile import Profile
from antiphon.recording.records import TurnRecord
from antiphon.recording.serialize import to_json
from antiphon.recording.track import TrackWriter

PROFILE, ENVIRONMENT, EVENTS, TURNS = "profile.resolved.toml", "environment.json", "events.jsonl", "turns.jsonl"
USER_TRACK, AGENT_TRACK, SOURCES = "user.wav", "agent.wav", "sources"


class Recorder:
    """The folder of one session.

    Every line and every chunk is handed to the operating system when it is written: after a kill, all finished turns
    can be read.

    Raises:
        RecordingError: by any method, when the disk does not take it; says why. What was written stays readable.
    """

    def __init__(self, folder: Path, profile: Profile, environment: Mapping[str, Any]) -> None:
        self.folder = folder
        self._tracks: dict[str, TrackWriter] = {}
        with self._guarded():
            folder.mkdir(parents=True, exist_ok=False)
            (folder / PROFILE).write_bytes(tomli_w.dumps(profile.resolved).encode())
            (folder / ENVIRONMENT).write_text(json.dumps(environment, indent=2, ensure_ascii=False) + "\n", "utf-8")
            for number, source in enumerate(profile.sources):
                (folder / SOURCES).mkdir(exist_ok=True)
                shutil.copy2(source, folder / SOURCES / f"{number}-{source.name}")
            self._events: IO[str] = (folder / EVENTS).open("w", encoding="utf-8")
            self._turns: IO[str] = (folder / TURNS).open("w", encoding="utf-8")

    def event(self, at_s: float, kind: str, **details: Any) -> None:
        """Append to ``events.jsonl``."""
        line = json.dumps({"at_s": round(at_s, 6), "kind": kind, **details}, ensure_ascii=False, default=str)
        self._append(self._events, line)

    def turn(self, record: TurnRecord) -> None:
        """Append to ``turns.jsonl``."""
        self._append(self._turns, to_json(record))

    def user_audio(self, audio: Audio) -> None:
        """What was heard of the user."""
        self._track(USER_TRACK, audio)

    def agent_audio(self, audio: Audio) -> None:
        """What was heard of the agent."""
        self._track(AGENT_TRACK, audio)

    def close(self) -> None:
        """Complete the folder; safe to call again."""
        with self._guarded():
            for track in self._tracks.values():
                track.close()
            self._tracks.clear()
            self._events.close()
            self._turns.close()

    def _track(self, name: str, audio: Audio) -> None:
        with self._guarded():
            if name not in self._tracks:
                self._tracks[name] = TrackWriter(self.folder / name, audio.sample_rate)
            self._tracks[name].write(audio)

    def _append(self, file: IO[str], line: str) -> None:
        with self._guarded():
            file.write(line + "\n")
            file.flush()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RecordingError(
                f"cannot write the recording {self.folder}: {error.strerror or error}; "
                "the turns that were finished stay readable there"
            ) from error
