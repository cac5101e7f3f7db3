"""Recorded Antiphon sessions as a turn table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from antiphon.errors import AntiphonError, InputError, RecordingError
from antiphon.features import FeatureSpec
from antiphon.recording.reader import Recording, read_recording
from antiphon.recording.records import TurnRecord

from antiphon_corpus.columns import COLUMNS
from antiphon_corpus.declarations import KNOWN
from antiphon_corpus.model import Monologues, TurnTable

AGENT = "agent"
"""The agent's name as a speaker, in every session; the user of a session is ``SESSION:user``."""

OnFailure = Callable[[Path, AntiphonError], None]


def from_sessions(
    folders: Iterable[Path], *, monologues: Monologues = "drop", on_failure: OnFailure | None = None
) -> TurnTable:
    """Recorded sessions as conversations, with what was measured of both speakers.

    A conversation is named after its session folder. User and agent share a turn number in recordings; here the turns
    are numbered from 0, by their start. Silent turns are left out. Features that are not in `antiphon.features` mean
    what the recordings say; where none says it, they are left out, with a notice.

    Args:
        on_failure: told of folders that cannot be read, which are then left out; without it, they are errors.

    Raises:
        RecordingError: a folder is no recorded session, or a damaged one.
        InputError: two folders have the same name, a feature has two meanings, or no session has turns of both
            speakers.
    """
    sessions: dict[str, Path] = {}
    meanings: dict[str, tuple[FeatureSpec, Path]] = {}
    rows: list[dict[str, Any]] = []
    for folder in folders:
        try:
            name = folder.resolve().name
            if name in sessions:
                raise InputError(f"{folder} has the same name as {sessions[name]}; rename one of the folders")
            recording = read_recording(folder)
            _add_meanings(recording, meanings)
        except (InputError, RecordingError) as error:
            if on_failure is None:
                raise
            on_failure(folder, error)
            continue
        sessions[name] = folder
        rows.extend(_rows(name, recording.turns))
    if not rows:
        raise InputError(f"there is no turn in {', '.join(map(str, sessions.values())) or 'no session at all'}")
    frame = pd.DataFrame(rows)
    foreign = [name for name in frame.columns if name not in COLUMNS and name not in KNOWN]
    declared = [meanings[name][0] for name in foreign if name in meanings]
    unknown = [name for name in foreign if name not in meanings]
    table = TurnTable.of(frame.drop(columns=unknown), declared, monologues=monologues, source="the sessions")
    if not unknown:
        return table
    notice = f"left out {', '.join(unknown)}: the recordings do not say what they mean"
    return TurnTable(table.frame, table.features, (*table.notices, notice))


def _add_meanings(recording: Recording, meanings: dict[str, tuple[FeatureSpec, Path]]) -> None:
    """Learn what the features of a recording mean, all of them or none."""
    fresh: dict[str, tuple[FeatureSpec, Path]] = {}
    for spec in recording.features:
        known, where = meanings.get(spec.name, (spec, recording.folder))
        if spec.name in KNOWN:
            known, where = KNOWN[spec.name], Path("turn tables")
        if not known.fits(spec):
            raise InputError(
                f'{recording.folder}: its {spec.name} is "{spec.definition}" [{spec.unit}], but in {where} it is '
                f'"{known.definition}" [{known.unit}]; import these sessions apart, or give the feature another name'
            )
        fresh[spec.name] = (known, where)
    meanings.update(fresh)


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
