"""Finds the conversations in folders, by the names of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from antiphon.errors import InputError
from attrs import field, frozen

from antiphon_corpus.importing.source import CHANNELS, Source, Track
from antiphon_corpus.pattern import Pattern
from antiphon_corpus.transcripts.reader import Format, TranscriptFile, format_of

MADE = (".import.json", ".features.json")
PARTS = ".parts"
"""How the names of what imports make end, beside the tables themselves."""

ANY_TIER = Pattern("{speaker}")

ByConversation = dict[str, dict[str | None, Path]]
"""Files by conversation and by the speaker whose they are; None for those of all speakers."""


def _patterns(texts: Iterable[str | Pattern]) -> tuple[Pattern, ...]:
    return tuple(Pattern(str(text)) for text in texts)


@frozen
class Layout:
    """How the files of a corpus are named.

    Attributes:
        transcripts: patterns of their names, with as many folders before them as are to be looked at; where files of
            one conversation and speaker fit several, the first pattern counts.
        audio: patterns of recordings, likewise; with ``{speaker}`` a file is one speaker's, else it has a channel for
            each. None at all: there is no audio.
        format: of the transcripts; None: by their suffix.
        tiers: which tiers of TextGrids are read.
        channels: by the speakers' labels.
        labels: the speakers that there can be; None: any.
        conversation: makes the conversation's name of what a file's name says; None for a name that is none.
    """

    transcripts: tuple[Pattern, ...] = field(converter=_patterns)
    audio: tuple[Pattern, ...] = field(converter=_patterns)
    format: Format | None = None
    tiers: Pattern = ANY_TIER
    channels: Mapping[str, int] = field(default=CHANNELS)
    labels: tuple[str, ...] | None = None
    conversation: Callable[[str], str | None] = str

    def __attrs_post_init__(self) -> None:
        for pattern in (*self.transcripts, *self.audio):
            if not pattern.has("conversation"):
                raise InputError(f'"{pattern}" has no {{conversation}}; write where its name stands')


def find_sources(
    folders: Sequence[Path],
    layout: Layout,
    persons: Mapping[str, Mapping[str, str]] | None = None,
    *,
    local_speakers: bool = True,
    out: Path | None = None,
) -> list[Source]:
    """The conversations in the folders and whatever is below them, by name.

    Args:
        persons: the speakers of conversations by their labels, as far as they are known.
        local_speakers: of the others, labels stand for other people in every conversation.
        out: the table that is made, which may lie in one of the folders.

    Raises:
        InputError: a folder is not there, holds nothing that fits, or two files are the same speaker's.
    """
    files = [file for folder in folders for file in _files(folder) if not _is_made(file, out)]
    transcripts, audio = _found(files, layout.transcripts, layout), _found(files, layout.audio, layout)
    if not transcripts:
        patterns = " or ".join(f'"{pattern}"' for pattern in layout.transcripts)
        raise InputError(f"{', '.join(map(str, folders))}: no file is called {patterns}")
    return [
        Source(
            name,
            tuple(
                TranscriptFile(path, layout.format or format_of(path), name, speaker, layout.tiers)
                for speaker, path in sorted(of_speakers.items(), key=lambda item: str(item[0]))
            ),
            {speaker: Track(path) for speaker, path in audio.get(name, {}).items() if speaker is not None},
            audio.get(name, {}).get(None),
            layout.channels,
            (persons or {}).get(name, {}),
            local=local_speakers,
            silent=not layout.audio,
        )
        for name, of_speakers in sorted(transcripts.items())
    ]


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder")
    return iter(sorted(path for path in folder.rglob("*") if path.is_file()))


def _is_made(path: Path, out: Path | None) -> bool:
    """Whether an import made the file, and not somebody for it."""
    made = path.name.endswith(MADE) or any(parent.name.endswith(PARTS) for parent in path.parents)
    return made or (out is not None and path.resolve() == out.resolve())


def _found(files: Iterable[Path], patterns: Sequence[Pattern], layout: Layout) -> ByConversation:
    found: ByConversation = {}
    ranks: dict[Path, int] = {}
    for path in files:
        for rank, pattern in enumerate(patterns):
            match = pattern.match("/".join(path.parts[-1 - pattern.folders :]))
            name = layout.conversation(match["conversation"]) if match else None
            speaker = match.get("speaker") if match else None
            if name is None or (layout.labels and speaker is not None and speaker not in layout.labels):
                continue
            other = found.setdefault(name, {}).get(speaker)
            if other is not None and ranks[other] == rank:
                of = f" of {speaker}" if speaker else ""
                raise InputError(f"{path} and {other} are both {name}{of}; rename one, or move it elsewhere")
            if other is None or rank < ranks[other]:
                found[name][speaker] = path
                ranks[path] = rank
            break
    return found
