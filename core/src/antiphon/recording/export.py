"""Recordings in the formats of other programs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from antiphon.errors import AntiphonError, RecordingError
from antiphon.payloads import Speaker
from antiphon.recording.reader import Recording, read_recording
from antiphon.recording.table import rows

MIN_INTERVAL_S = 1e-4
"""TextGrids know no empty intervals; shorter turns (typed ones) are left out of them."""


def write_csv(folder: Path, destination: Path) -> None:
    """The rows of `antiphon.recording.table.rows`, UTF-8 with a header; missing values are empty cells.

    Raises:
        RecordingError: there is nothing to export, or the file cannot be written.
    """
    table = _table(folder)
    try:
        with destination.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table[0].keys())
            writer.writeheader()
            writer.writerows(table)
    except OSError as error:
        raise RecordingError(f"cannot write {destination}: {error.strerror}") from error


def write_parquet(folder: Path, destination: Path) -> None:
    """The same table as Parquet, with its types.

    Raises:
        AntiphonError: pyarrow is not installed.
        RecordingError: there is nothing to export, or the file cannot be written.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise AntiphonError("Parquet needs pyarrow: pip install 'antiphon[export]'") from error
    table = pyarrow.Table.from_pylist(_table(folder))
    try:
        pyarrow.parquet.write_table(table, destination)
    except OSError as error:
        raise RecordingError(f"cannot write {destination}: {error}") from error


def write_textgrid(folder: Path, destination: Path) -> None:
    """A Praat TextGrid on the time line of ``user.wav`` and ``agent.wav``: a tier of turns a speaker, a tier of words.

    Raises:
        AntiphonError: praatio is not installed.
        RecordingError: there is nothing to export, or the file cannot be written.
    """
    try:
        from praatio import textgrid
    except ImportError as error:
        raise AntiphonError("TextGrids need praatio: pip install 'antiphon[export]'") from error
    recording = _spoken(folder)
    end_s = max(turn.end_s for turn in recording.turns)
    grid = textgrid.Textgrid(0, end_s)
    tiers = [(name, _turn_intervals(recording, name)) for name in ("user", "agent")]
    for name, intervals in [*tiers, ("words", _word_intervals(recording))]:
        grid.addTier(textgrid.IntervalTier(name, _disjoint(intervals), 0, end_s))
    try:
        grid.save(str(destination), format="long_textgrid", includeBlankSpaces=True)
    except OSError as error:
        raise RecordingError(f"cannot write {destination}: {error.strerror}") from error


def _table(folder: Path) -> list[dict[str, Any]]:
    table = rows(read_recording(folder).turns)
    if not table:
        raise RecordingError(f"{folder} holds no finished turn yet; there is nothing to export")
    return table


def _spoken(folder: Path) -> Recording:
    recording = read_recording(folder)
    if not any(turn.end_s - turn.start_s > MIN_INTERVAL_S for turn in recording.turns):
        raise RecordingError(f"{folder} holds no spoken turn; a TextGrid would be empty")
    return recording


Interval = tuple[float, float, str]


def _turn_intervals(recording: Recording, speaker: Speaker) -> list[Interval]:
    return [(turn.start_s, turn.end_s, turn.text) for turn in recording.turns if turn.speaker == speaker]


def _word_intervals(recording: Recording) -> list[Interval]:
    return [
        (turn.start_s + word.start_s, turn.start_s + word.end_s, word.text)
        for turn in recording.turns
        for word in turn.words
    ]


def _disjoint(intervals: list[Interval]) -> list[Interval]:
    """In order and without overlaps, which a tier cannot hold; what would overlap starts where the other ends."""
    result: list[Interval] = []
    for start_s, end_s, text in sorted(intervals):
        start_s = max(start_s, result[-1][1]) if result else start_s
        if end_s - start_s > MIN_INTERVAL_S:
            result.append((start_s, end_s, text))
    return result
