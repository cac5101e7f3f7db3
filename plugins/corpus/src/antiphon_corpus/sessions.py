"""Recorded Antiphon sessions as a turn table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from antiphon.errors import InputError
from antiphon.recording.reader import read_recording
from antiphon.recording.records import TurnRecord

from antiphon_corpus.columns import COLUMNS
from antiphon_corpus.declarations import KNOWN
from antiphon_corpus.model import Monologues, TurnTable

AGENT = "agent"
"""The agent's name as a speaker, in every session; the user of a session is ``SESSION:user``."""


def from_sessions(folders: Iterable[Path], *, monologues: Monologues = "drop") -> TurnTable:
    """Recorded sessions as conversations, with what was measured of both speakers.

    A conversation is named after its session folder. User and agent share a turn number in recordings; here the turns
    of a conversation are numbered from 0, by their start. Silent turns are left out. Measured features that are not in
    `antiphon.features` are left out, with a notice, for recordings do not say what they mean.

    Raises:
        RecordingError: a folder is no recorded session, or a damaged one.
        InputError: two folders have the same name, or no session has turns of both speakers.
    """
    sessions: dict[str, Path] = {}
    rows: list[dict[str, Any]] = []
    for folder in folders:
        name = folder.resolve().name
        if name in sessions:
            raise InputError(f"{folder} has the same name as {sessions[name]}; rename one of the folders")
        sessions[name] = folder
        rows.extend(_rows(name, read_recording(folder).turns))
    if not rows:
        raise InputError(f"there is no turn in {', '.join(map(str, sessions.values())) or 'no session at all'}")
    frame = pd.DataFrame(rows)
    foreign = [name for name in frame.columns if name not in COLUMNS and name not in KNOWN]
    table = TurnTable.of(frame.drop(columns=foreign), monologues=monologues, source="the sessions")
    if not foreign:
        return table
    notice = f"left out {', '.join(foreign)}: not among Antiphon's features"
    return TurnTable(table.frame, table.features, (*table.notices, notice))


def _rows(session: str, turns: Sequence[TurnRecord]) -> Iterable[dict[str, Any]]:
    spoken = sorted((t for t in turns if t.end_s > t.start_s or t.text), key=lambda turn: turn.start_s)
    for number, turn in enumerate(spoken):
        yield {
            "conversation": session,
            "turn": number,
            "speaker": AGENT if turn.speaker == "agent" else f"{session}:user",
            "start_s": turn.start_s,
            "end_s": turn.end_s,
            "text": turn.text,
            **{name: measurement.value for name, measurement in turn.features.items()},
        }
