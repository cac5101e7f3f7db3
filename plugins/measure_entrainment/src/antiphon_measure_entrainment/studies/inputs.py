"""What ``antiphon measure`` is given: turn tables and recorded sessions, as tables of turns by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from antiphon.errors import InputError
from antiphon.features import PROSODY, FeatureSpec
from antiphon.recording.recorder import TURNS
from antiphon_corpus.declarations import KNOWN
from antiphon_corpus.model import Monologues, TurnTable
from antiphon_corpus.sessions import from_sessions
from antiphon_corpus.turn_table import read_turn_table
from attrs import frozen

from antiphon_measure_entrainment.agents.conditions import condition

MEASURED_IN_SESSIONS = frozenset(spec.name for spec in PROSODY)


Found = tuple[str, TurnTable, tuple[Path, ...]]


@frozen(eq=False)
class Group:
    """Conversations that are measured together.

    Attributes:
        name: of the strategy that the agent of its sessions had, or of the table's file.
        turns: a turn table, see the module `turns`.
        features: the columns of it that are to be measured.
        specs: what those are.
        sessions: the folders of recorded sessions that the turns come from.
    """

    name: str
    turns: pd.DataFrame
    features: tuple[str, ...]
    specs: tuple[FeatureSpec, ...]
    sessions: tuple[Path, ...] = ()


@frozen(eq=False)
class Inputs:
    """All that is to be measured; `notices` say what was changed or left out on reading."""

    groups: tuple[Group, ...]
    notices: tuple[str, ...] = ()

    @property
    def sessions(self) -> tuple[Path, ...]:
        return tuple(folder for group in self.groups for folder in group.sessions)


def read_inputs(
    paths: Sequence[Path],
    features: Sequence[str] = (),
    *,
    rename: Mapping[str, str] | None = None,
    drop_unknown: bool = False,
    local_speakers: bool = False,
    monologues: Monologues = "keep",
) -> Inputs:
    """Read turn tables (.csv, .parquet) and folders of recorded sessions, or folders that hold such folders.

    Each table is a group of its own; sessions are grouped by the strategy of their agent.

    Args:
        features: the columns to measure; without them, all features of a table, and of sessions those of
            `antiphon.features.PROSODY`. A column that Antiphon does not know is measured if it is named here.
        rename, drop_unknown, local_speakers, monologues: as of `antiphon_corpus.turn_table.read_turn_table`.

    Raises:
        InputError: a path is neither, or cannot be read; a feature is not there.
        RecordingError: a session is damaged.
    """
    folders, tables = _sorted_out(paths)
    found: list[Found] = []
    for path in tables:
        table = read_turn_table(
            path,
            rename=rename,
            drop_unknown=drop_unknown or bool(features),
            local_speakers=local_speakers,
            monologues=monologues,
            declared=[FeatureSpec(name, "", "a column of the table") for name in features if name not in KNOWN],
        )
        same_name = sum(other.stem == path.stem for other in tables) > 1
        found.append((str(path) if same_name else path.stem, table, ()))
    found += _by_condition(folders, monologues)
    groups = tuple(_group(name, table, features, sessions) for name, table, sessions in found)
    notices = [f"{name}: {notice}" for name, table, _ in found for notice in table.notices]
    return Inputs(groups, tuple(notices))


def _sorted_out(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The session folders and the tables among `paths`; a folder of session folders stands for those."""
    folders: list[Path] = []
    tables: list[Path] = []
    for path in paths:
        if not path.is_dir():
            tables.append(path)
        elif (path / TURNS).is_file():
            folders.append(path)
        else:
            inside = sorted(folder for folder in path.iterdir() if (folder / TURNS).is_file())
            if not inside:
                raise InputError(f"{path} is no session folder and holds none: there is no {TURNS} in it")
            folders += inside
    return folders, tables


def _by_condition(folders: Sequence[Path], monologues: Monologues) -> list[Found]:
    by_name: dict[str, list[Path]] = {}
    for folder in folders:
        by_name.setdefault(condition(folder).name, []).append(folder)
    return [
        (name, from_sessions(members, monologues=monologues), tuple(members))
        for name, members in sorted(by_name.items())
    ]


def _group(name: str, table: TurnTable, wanted: Sequence[str], sessions: tuple[Path, ...]) -> Group:
    specs = {spec.name: spec for spec in table.features}
    absent = [feature for feature in wanted if feature not in specs]
    if absent:
        raise InputError(f"{name}: there is no feature {', '.join(absent)}; it has {', '.join(specs) or 'none'}")
    chosen = list(wanted) or [feature for feature in specs if not sessions or feature in MEASURED_IN_SESSIONS]
    if not chosen:
        raise InputError(f"{name}: there is no feature to measure; a feature is a column of numbers, see --feature")
    return Group(name, _plain(table.frame), tuple(chosen), tuple(specs[feature] for feature in chosen), sessions)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """With names as text: grouping by categories would yield the combinations that do not occur."""
    return frame.astype({"conversation": object, "speaker": object, "text": object})
