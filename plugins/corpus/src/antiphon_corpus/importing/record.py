"""Records how a turn table was made: ``NAME.import.json`` beside it."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from antiphon.errors import InputError
from attrs import define, field

from antiphon_corpus.importing.conversation import Imported
from antiphon_corpus.importing.plan import Plan

SCHEMA = 1


def record_path(table: Path) -> Path:
    """Where it is recorded how a table was made."""
    return table.with_name(f"{table.stem}.import.json")


@define
class Record:
    """What is known of an import, gathered while it runs.

    Attributes:
        note: what the command says of itself.
        failures: why conversations failed, by name.
        notices: what was changed or looks odd.
    """

    plan: Plan
    note: Mapping[str, Any]
    failures: dict[str, str]
    notices: list[str] = field(factory=list)
    _missing: defaultdict[str, Counter[str]] = field(factory=lambda: defaultdict(Counter))
    _conversations: dict[str, Any] = field(factory=dict)

    def add(self, name: str, imported: Imported) -> None:
        """A conversation is in the table."""
        for feature, reasons in imported["missing"].items():
            self._missing[feature].update(reasons)
        self._conversations[name] = {
            "turns": len(imported["turns"]),
            "left_out": imported["left_out"],
            "inputs": imported["inputs"],
        }

    def write(self, table: Path) -> None:
        """Write rules, extractors, versions, what was left out and missing, and the SHA-256 of every input.

        Raises:
            InputError: it cannot be written.
        """
        content = {
            "schema": SCHEMA,
            **self.note,
            "versions": versions(),
            "rules": attrs.asdict(self.plan.rules),
            "slack_s": self.plan.slack_s,
            "seed": self.plan.seed,
            "extractors": list(self.plan.extractors.record),
            "missing": {name: dict(counts.most_common()) for name, counts in self._missing.items()},
            "notices": self.notices,
            "failures": self.failures,
            "conversations": self._conversations,
        }
        write_json(record_path(table), content)


def versions() -> dict[str, str]:
    """Of what an import depends on besides its extractors."""
    names = ("antiphon", "antiphon-corpus", "numpy", "praatio", "pysubs2", "soundfile")
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in names}}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """
    Raises:
        InputError: it cannot be written.
    """
    try:
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise InputError(f"{path}: it cannot be written: {error.strerror or error}") from error
