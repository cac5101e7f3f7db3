"""A conversation that is to be imported: its files, and who is who in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from antiphon_corpus.transcripts.reader import TranscriptFile

CHANNELS: Mapping[str, int] = {"A": 0, "B": 1, "1": 0, "2": 1, "left": 0, "right": 1}
"""The channels of speakers whose labels say them."""


@frozen
class Track:
    """Where one speaker is heard; ``channel`` None: the only channel of the file."""

    path: Path
    channel: int | None = None


@frozen
class Source:
    """The files of a conversation.

    Attributes:
        name: of the conversation.
        tracks: by the speakers' labels in the transcripts, where each has a file.
        shared: a file with a channel for each speaker, for those that have no file.
        channels: the channels of that file, from 0, by the speakers' labels.
        persons: what the speakers are called in the turn table, by their labels, as far as that is known.
        local: the labels of others stand for other people in every conversation.
        only: the labels that count; None: all.
        silent: there is no audio, and none is asked for: the turns have no features.
    """

    name: str
    transcripts: tuple[TranscriptFile, ...]
    tracks: Mapping[str, Track] = field(factory=dict)
    shared: Path | None = None
    channels: Mapping[str, int] = field(default=CHANNELS)
    persons: Mapping[str, str] = field(factory=dict)
    local: bool = True
    only: tuple[str, ...] | None = None
    silent: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, each once."""
        audio = [track.path for track in self.tracks.values()] + ([self.shared] if self.shared else [])
        return tuple(dict.fromkeys([file.path for file in self.transcripts] + audio))

    def person(self, label: str) -> str:
        """The name of a speaker in the turn table."""
        return self.persons.get(label, f"{self.name}:{label}" if self.local else label)
