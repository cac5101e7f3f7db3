"""NIST's time-marked conversations (CTM): ``file channel start duration word [confidence]``, a word a line."""

from __future__ import annotations

from pathlib import Path

from antiphon.errors import InputError

from antiphon_corpus.transcripts.segment import Segment, numbered_lines, seconds, segment

COMMENT = ";;"


def read_ctm(path: Path, conversation: str) -> list[Segment]:
    """The words; the channel is the speaker's label.

    A file may hold several conversations: if its first column ever is `conversation`, the other lines are left out.

    Raises:
        InputError: a line has too few columns, or times that cannot be.
    """
    lines = [(name, line.split()) for name, line in numbered_lines(path) if not line.startswith(COMMENT)]
    for name, fields in lines:
        if len(fields) < 5:
            raise InputError(f"{path}: {name}: it has {len(fields)} columns; write: file channel start duration word")
    several = any(fields[0] == conversation for _, fields in lines)
    return [_word(path, name, fields) for name, fields in lines if not several or fields[0] == conversation]


def _word(path: Path, name: str, fields: list[str]) -> Segment:
    start_s, duration_s = seconds(path, name, "start", fields[2]), seconds(path, name, "duration", fields[3])
    return segment(path, name, fields[1], start_s, start_s + duration_s, fields[4])
