"""The layouts of three corpora as they were published, and their tables of speakers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from antiphon.errors import InputError

from antiphon_corpus.importing.find import Layout
from antiphon_corpus.transcripts.segment import numbered_lines, read_text

Persons = dict[str, dict[str, str]]
"""Names of persons by conversation and label."""

SIDES = ("A", "B")
AUDIO = ("sph", "wav", "flac")

FISHER = Layout(
    ("trans/*/fe_03_{conversation}.txt", "fe_03_{conversation}.txt"),
    tuple(f"fe_03_{{conversation}}.{suffix}" for suffix in AUDIO),
    "fisher",
    conversation=lambda number: f"fe_03_{number}" if number.isdigit() else None,
)
"""Fisher English: a transcript and a recording of two channels for each call."""


def switchboard(level: Literal["word", "trans"]) -> Layout:
    """Switchboard with Mississippi State's transcripts of words or of utterances, one a side.

    Recordings have two channels (``sw02001.sph``) or are one a side (``sw2001A.wav``, ``sw2001.A.wav``).
    """
    names = ("sw{conversation}.{speaker}", "sw{conversation}{speaker}", "sw{conversation}")
    return Layout(
        (f"sw{{conversation}}{{speaker}}-ms98-a-{level}.text",),
        tuple(f"{name}.{suffix}" for name in names for suffix in AUDIO),
        "switchboard",
        labels=SIDES,
        conversation=lambda number: f"sw{int(number)}" if number.isdigit() else None,
    )


GAMES = Layout(
    ("{conversation}.{speaker}.words",),
    tuple(f"{{conversation}}.{{speaker}}.{suffix}" for suffix in AUDIO),
    "games",
    labels=SIDES,
)
"""The Columbia Games Corpus: words and a recording for each speaker of a game, ``s01.objects.1.A.words``."""


def fisher_persons(folders: Sequence[Path]) -> Persons:
    """From ``fe_03_p1_calldata.tbl`` and its like: the numbers of both speakers of each call.

    Raises:
        InputError: a table lacks a column.
    """
    persons: Persons = {}
    for path in _tables(folders, "*calldata.tbl"):
        rows = csv.DictReader(io.StringIO(read_text(path)))
        header = [name.strip() for name in rows.fieldnames or ()]
        call = next((name for name in ("CALL_ID", "CALLID") if name in header), None)
        if call is None or not {"APIN", "BPIN"} <= set(header):
            raise InputError(f"{path}: its header has no CALL_ID, APIN and BPIN; it is: {', '.join(header)}")
        rows.fieldnames = header
        for row in rows:
            pins = {"A": (row["APIN"] or "").strip(), "B": (row["BPIN"] or "").strip()}
            persons[f"fe_03_{(row[call] or '').strip()}"] = {side: pin for side, pin in pins.items() if pin}
    return persons


def switchboard_persons(folders: Sequence[Path]) -> Persons:
    """From ``call_con_tab.csv``, which has no header: conversation, side, caller, and more.

    Raises:
        InputError: a row has too few columns.
    """
    persons: Persons = {}
    for path in _tables(folders, "call_con_tab.csv"):
        rows = csv.reader(io.StringIO(read_text(path)), skipinitialspace=True)
        for row in rows:
            if len(row) < 3 or not row[0].strip().isdigit():
                raise InputError(f'{path}: row {rows.line_num}: it is not of the form 2001, "A", 1032, ...')
            persons.setdefault(f"sw{int(row[0])}", {})[row[1].strip()] = row[2].strip()
    return persons


def games_persons(folders: Sequence[Path]) -> Persons:
    """From ``README.sessions-info``: session, subject A and sex, subject B and sex (``01 101 m 102 m``).

    All games of a session are its; here they stand under the names of their transcripts.
    """
    sessions: Persons = {}
    for path in _tables(folders, "README.sessions-info*"):
        for _, line in numbered_lines(path):
            match = re.fullmatch(r"(\d+)\s+(\w+)\s+[mf]\s+(\w+)\s+[mf]", line, re.IGNORECASE)
            if match is not None:
                sessions[f"s{int(match[1]):02d}"] = {"A": match[2], "B": match[3]}
    games = {path.name.split(".A.")[0] for path in _tables(folders, "*.A.words")} if sessions else set()
    return {game: sessions[session] for game in games if (session := game.partition(".")[0]) in sessions}


def _tables(folders: Sequence[Path], name: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.rglob(name))
