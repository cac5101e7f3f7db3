"""Keeps what is finished of an import, so that a run that was killed is taken up by the next one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from antiphon.errors import InputError

from antiphon_corpus.importing.conversation import Imported
from antiphon_corpus.importing.plan import Plan
from antiphon_corpus.importing.source import Source

VERSION = 1
"""Of what is kept; raised when results change with the same inputs and settings."""


class Store:
    """A folder beside the table that is made, with a file for every finished conversation.

    What was made with other settings, or of files that have changed since (by size and time), does not count.

    Raises:
        InputError: the folder cannot be made or written.
    """

    def __init__(self, table: Path, plan: Plan) -> None:
        self.folder = table.with_name(f"{table.name}.parts")
        settings = {"rules": attrs.asdict(plan.rules), "extractors": plan.extractors.record}
        self._settings = [VERSION, settings, plan.slack_s, plan.seed]

    @property
    def exists(self) -> bool:
        """Whether there is something to go on from."""
        return self.folder.is_dir()

    def get(self, source: Source) -> Imported | None:
        """The finished conversation, or None."""
        try:
            kept: Mapping[str, Any] = json.loads(self._path(source).read_text("utf-8"))
        except (OSError, ValueError):  # absent, or damaged: it is made again
            return None
        return kept["imported"] if kept.get("key") == self._key(source) else None

    def put(self, source: Source, imported: Imported) -> None:
        """Keep a conversation; it is there whole or not at all, whenever the program is killed."""
        path = self._path(source)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"key": self._key(source), "imported": imported}, ensure_ascii=False)
            fresh = path.with_suffix(".new")
            fresh.write_text(text, "utf-8")
            fresh.replace(path)
        except OSError as error:
            raise InputError(f"{path}: it cannot be written: {error.strerror or error}") from error

    def clear(self) -> None:
        """Everything is in the table: nothing is to be taken up."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, source: Source) -> Path:
        return self.folder / f"{hashlib.sha256(source.name.encode()).hexdigest()[:32]}.json"

    def _key(self, source: Source) -> str:
        """What a result depends on."""
        states = [(str(path.absolute()), *_state(path)) for path in source.files]
        known = {
            "transcripts": [(str(f.path.absolute()), f.format, f.speaker, str(f.tiers)) for f in source.transcripts],
            "tracks": {label: (str(track.path.absolute()), track.channel) for label, track in source.tracks.items()},
            "channels": dict(source.channels),
            "persons": dict(source.persons),
            "local": source.local,
            "only": source.only,
            "silent": source.silent,
        }
        content = json.dumps([self._settings, source.name, states, known], sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()


def _state(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)
