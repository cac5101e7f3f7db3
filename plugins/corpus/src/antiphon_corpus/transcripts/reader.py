"""Reads a transcript, whatever its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from antiphon.errors import InputError
from attrs import evolve, frozen

from antiphon_corpus.pattern import Pattern
from antiphon_corpus.transcripts.ctm import read_ctm
from antiphon_corpus.transcripts.ldc import read_fisher, read_games, read_switchboard
from antiphon_corpus.transcripts.segment import Segment
from antiphon_corpus.transcripts.subtitles import read_subtitles
from antiphon_corpus.transcripts.textgrid import read_textgrid
from antiphon_corpus.transcripts.words import read_word_json, read_word_table

Format = Literal["textgrid", "words-csv", "words-json", "ctm", "srt", "fisher", "switchboard", "games"]

SUFFIXES: Mapping[str, Format] = {
    ".textgrid": "textgrid",
    ".csv": "words-csv",
    ".tsv": "words-csv",
    ".json": "words-json",
    ".ctm": "ctm",
    ".srt": "srt",
}
"""The formats that a suffix tells."""


@frozen
class TranscriptFile:
    """A file to read.

    Attributes:
        conversation: whose transcript it is.
        speaker: the label of the speaker whose file it is; None where the file itself names the speakers.
        tiers: which tiers of a TextGrid are read; a file of one speaker's takes a tier by its very name.
    """

    path: Path
    format: Format
    conversation: str
    speaker: str | None
    tiers: Pattern


def format_of(path: Path) -> Format:
    """
    Raises:
        InputError: the suffix tells no format.
    """
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        known = ", ".join(SUFFIXES)
        raise InputError(f"{path}: a transcript is one of {known}, not {path.suffix or 'without a suffix'}") from None


def read_transcript(file: TranscriptFile) -> list[Segment]:
    """The segments of a file, in its order; each has a speaker.

    Raises:
        InputError: the file is damaged, or does not say who speaks.
    """
    found = _READERS[file.format](file)
    labels = sorted({s.speaker for s in found if s.speaker is not None})
    if file.speaker is not None and len(labels) > 1:
        choose = "; choose one by --tiers" if file.format == "textgrid" else ""
        raise InputError(
            f"{file.path}: by its name it is {file.speaker}'s alone, but in it are {', '.join(labels)}{choose}"
        )
    if file.speaker is not None:
        return [evolve(s, speaker=file.speaker) for s in found]
    nameless = next((s for s in found if s.speaker is None), None)
    if nameless is not None:
        raise InputError(
            f"{file.path}: {nameless.line}: it names no speaker; add one, or give each speaker a file, with "
            "{speaker} in the pattern of the transcripts"
        )
    return found


_READERS: Mapping[Format, Callable[[TranscriptFile], list[Segment]]] = {
    "textgrid": lambda file: read_textgrid(file.path, file.tiers),
    "words-csv": lambda file: read_word_table(file.path),
    "words-json": lambda file: read_word_json(file.path),
    "ctm": lambda file: read_ctm(file.path, file.conversation),
    "srt": lambda file: read_subtitles(file.path, labelled=file.speaker is None),
    "fisher": lambda file: read_fisher(file.path),
    "switchboard": lambda file: read_switchboard(file.path),
    "games": lambda file: read_games(file.path),
}
