"""The transcripts of three corpora, as they were published: Fisher, Switchboard and the Columbia Games Corpus."""

from __future__ import annotations

import re
from pathlib import Path

from antiphon.errors import InputError

from antiphon_corpus.transcripts.segment import Segment, numbered_lines, segment

FISHER_LINE = re.compile(r"(\S+)\s+(\S+)\s+([AB]):(.*)")


def read_fisher(path: Path) -> list[Segment]:
    """Fisher English (LDC2004T19, LDC2005T19): ``3.76 5.54 A: and i generally prefer``, comments behind ``#``.

    Raises:
        InputError: a line is none of these.
    """
    found = []
    for name, line in numbered_lines(path):
        if line.startswith("#"):
            continue
        match = FISHER_LINE.fullmatch(line)
        if match is None:
            raise InputError(f'{path}: {name}: {line[:60]!r} is not of the form "start end A: text"')
        start, end, side, text = match.groups()
        found.append(segment(path, name, side, start, end, text))
    return found


def read_switchboard(path: Path) -> list[Segment]:
    """Switchboard, Mississippi State's transcripts: ``sw2001A-ms98-a-0002 0.977625 11.561375 hi um``.

    Those of utterances (``-trans.text``) and those of words (``-word.text``) are alike; a file is one speaker's.

    Raises:
        InputError: a line has too few columns, or times that cannot be.
    """
    return [segment(path, name, None, *fields[1:]) for name, fields in _columns(path, 4, "utterance start end text")]


def read_games(path: Path) -> list[Segment]:
    """The Columbia Games Corpus (LDC2021S02) and those made like it: ``0.41 0.68 okay``; a file is one speaker's.

    Raises:
        InputError: a line has too few columns, or times that cannot be.
    """
    return [segment(path, name, None, *fields) for name, fields in _columns(path, 3, "start end word")]


def _columns(path: Path, count: int, form: str) -> list[tuple[str, list[str]]]:
    """Lines of so many columns; the last holds the rest of its line, and may be missing."""
    found = []
    for name, line in numbered_lines(path):
        fields = line.split(maxsplit=count - 1)
        if len(fields) < count - 1:
            raise InputError(f'{path}: {name}: {line[:60]!r} is not of the form "{form}"')
        found.append((name, [*fields, *[""] * (count - len(fields))]))
    return found
