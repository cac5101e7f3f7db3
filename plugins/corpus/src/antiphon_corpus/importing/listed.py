"""Conversations from a list: for whatever has names that follow no pattern."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from antiphon.errors import InputError

from antiphon_corpus.importing.source import Source, Track
from antiphon_corpus.pattern import Pattern
from antiphon_corpus.transcripts.reader import TranscriptFile, format_of
from antiphon_corpus.transcripts.segment import read_text

REQUIRED = ("conversation", "speaker", "transcript")
COLUMNS = (*REQUIRED, "audio", "channel", "label")


def read_list(path: Path, tiers: Pattern) -> list[Source]:
    """A CSV file with a row for each speaker of each conversation.

    Its columns: ``conversation``; ``speaker``, the person's name; ``transcript``; ``audio``, which may be left out
    everywhere; ``channel`` in that file, from 0; ``label``, what the transcript calls the speaker. Without a label, a
    transcript that has one row is that speaker's alone, and one with several calls them by their names. Paths are
    relative to the list.

    Raises:
        InputError: a column or a value is missing or wrong; names the row.
    """
    rows = csv.DictReader(io.StringIO(read_text(path)))
    header = rows.fieldnames or []
    wrong = [name for name in REQUIRED if name not in header] or [name for name in header if name not in COLUMNS]
    if wrong:
        raise InputError(f"{path}: its columns are {', '.join(COLUMNS)}; the header is: {', '.join(header) or 'empty'}")
    by_conversation: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        cells = {name: (cell or "").strip() for name, cell in row.items() if name is not None}
        cells["row"] = f"{path}: row {rows.line_num}"
        for name in REQUIRED:
            if not cells[name]:
                raise InputError(f"{cells['row']}: {name} is empty")
        by_conversation.setdefault(cells["conversation"], []).append(cells)
    if not by_conversation:
        raise InputError(f"{path}: there is no conversation in it")
    return [_source(name, of_speakers, path.parent, tiers) for name, of_speakers in sorted(by_conversation.items())]


def _source(name: str, rows: list[Mapping[str, str]], folder: Path, tiers: Pattern) -> Source:
    users: dict[str, int] = {}
    for row in rows:
        users[row["transcript"]] = users.get(row["transcript"], 0) + 1
    transcripts: dict[TranscriptFile, None] = {}
    tracks: dict[str, Track] = {}
    persons: dict[str, str] = {}
    for row in rows:
        label = row.get("label") or row["speaker"]
        alone = users[row["transcript"]] == 1 and not row.get("label")
        path = folder / row["transcript"]
        transcripts[TranscriptFile(path, format_of(path), name, label if alone else None, tiers)] = None
        if label in persons:
            raise InputError(f"{row['row']}: conversation {name} has two rows of {label}; give each speaker one")
        persons[label] = row["speaker"]
        if row.get("audio"):
            tracks[label] = Track(folder / row["audio"], _channel(row))
    return Source(name, tuple(transcripts), tracks, persons=persons, only=tuple(persons), silent=not tracks)


def _channel(row: Mapping[str, str]) -> int | None:
    text = row.get("channel", "")
    if text and not (text.isascii() and text.isdigit()):
        raise InputError(f"{row['row']}: channel is {text!r}, not a number from 0")
    return int(text) if text else None
