"""The recordings' outcomes, one JSON line each, appended as they come so that preparation can go on after a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from antiphon.errors import InputError

from antiphon_tts_tacotron2.preparation.item import Item, Outcome


class OutcomeFile:
    """``outcomes.jsonl`` of a preparation folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Iterator[Outcome]:
        """All outcomes; a last line that a kill cut short is left out.

        Raises:
            InputError: another line is damaged.
        """
        if not self.path.exists():
            return
        lines = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines[:-1], 1):
            try:
                entry = json.loads(line)
                items = tuple(Item(**item) for item in entry["items"])
                yield Outcome(entry["id"], items, entry["problem"])
            except (ValueError, TypeError, KeyError) as error:
                raise InputError(f"{self.path}:{number}: damaged ({error}); delete it and prepare again") from error

    def cut(self) -> None:
        """Drop a last line that was cut short."""
        if self.path.exists():
            content = self.path.read_bytes()
            self.path.write_bytes(content[: content.rfind(b"\n") + 1])

    def append(self, outcome: Outcome) -> None:
        """Add one, on disk when this returns."""
        entry = {"id": outcome.id, "items": [item.to_json() for item in outcome.items], "problem": outcome.problem}
        with self.path.open("ab") as file:
            file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
