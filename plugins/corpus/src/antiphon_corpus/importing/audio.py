"""Reads the audio of turns, piece by piece: the length of a recording does not matter."""

from __future__ import annotations

from pathlib import Path

from antiphon.audio_files import AudioFile
from antiphon.errors import AudioError
from antiphon.payloads import Audio

from antiphon_corpus.importing.source import Source, Track

SPHERE = b"NIST_1A"
SPHERE_HEADER = 1024


class SpeakerAudio:
    """One speaker's audio; use as a context manager.

    Args:
        track: the file, and the channel in it.
        end_s: where the speaker's last turn ends.
        slack_s: by how much it may end behind the audio.

    Raises:
        AudioError: the file cannot be read, mixes speakers, or ends too early.
    """

    def __init__(self, track: Track, end_s: float, slack_s: float) -> None:
        self._file = open_audio(track)
        duration_s = self._file.frames / self._file.sample_rate
        if end_s > duration_s + slack_s:
            self._file.close()
            raise AudioError(
                f"{track.path}: the transcript goes on to {end_s:.2f} s, but the audio ends at {duration_s:.2f} s; "
                "it is another recording's or was cut off"
            )
        self._slack = slack_s

    def between(self, start_s: float, end_s: float) -> Audio:
        """A stretch, which may end a little behind the audio.

        Raises:
            AudioError: the file is damaged there.
        """
        rate = self._file.sample_rate
        first, last = round(start_s * rate), min(round(end_s * rate), self._file.frames)
        self._file.seek(min(first, self._file.frames))
        piece = self._file.read(last - first) if last > first else None
        read = len(piece.samples) if piece else 0
        if read < last - first:
            raise AudioError(f"{self._file.path}: it breaks off at {(first + read) / rate:.2f} s; copy it again")
        return piece or Audio([], rate, start_sample=first)

    def __enter__(self) -> SpeakerAudio:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def track_of(source: Source, label: str) -> Track:
    """Where a speaker is heard.

    Raises:
        AudioError: nobody said so.
    """
    if label in source.tracks:
        return source.tracks[label]
    if source.shared is None:
        known = ", ".join(source.tracks)
        raise AudioError(
            f"{source.name}: there is no audio of {label}" + (f", only of {known}" if known else "; check --audio")
        )
    by_name = {name.lower(): channel for name, channel in source.channels.items()}
    if label.lower() not in by_name:
        raise AudioError(
            f"{source.shared}: which channel is {label}? Name the speakers by --channels, in the order of channels"
        )
    return Track(source.shared, by_name[label.lower()])


def open_audio(track: Track) -> AudioFile:
    """
    Raises:
        AudioError: the file cannot be read, or mixes speakers.
    """
    try:
        file = AudioFile(track.path, track.channel)
    except AudioError as error:
        if _is_shortened(track.path):
            raise AudioError(
                f"{track.path}: it is compressed with shorten, which cannot be read here; convert it by the LDC's "
                f"sph2pipe: sph2pipe -f wav {track.path.name} {track.path.stem}.wav"
            ) from error
        raise
    if track.channel is None and file.channels > 1:
        file.close()
        raise AudioError(
            f"{track.path}: it has {file.channels} channels, and nobody said which is this speaker's; "
            "keep one channel, or leave {speaker} out of the pattern of the audio"
        )
    return file


def _is_shortened(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            header = file.read(SPHERE_HEADER)
    except OSError:
        return False
    return header.startswith(SPHERE) and b"shorten" in header
