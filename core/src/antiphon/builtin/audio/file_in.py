"""The user's side from an audio file."""

from __future__ import annotations

from antiphon.audio_files import AudioFile
from antiphon.builtin.audio.options import FileInOptions
from antiphon.builtin.audio.pacing import Pacer, pacer_for
from antiphon.payloads import Audio
from antiphon.stages import Component


class FileIn(Component[FileInOptions]):
    """audio_in ``file``."""

    def session(self, seed: int) -> FileInSession:
        return FileInSession(self.options, pacer_for(self.options.pace, live=self.options.live))


class FileInSession:
    """One passage through the file; holds no more of it than a chunk.

    Raises:
        AudioError: the file cannot be used.
    """

    def __init__(self, options: FileInOptions, pacer: Pacer | None = None) -> None:
        self._file = AudioFile(options.path, options.channel)
        self._chunk = max(1, round(options.chunk_s * self._file.sample_rate))
        self._pacer = pacer

    def read(self) -> Audio | None:
        chunk = self._file.read(self._chunk)
        if chunk is not None and self._pacer is not None:
            self._pacer.wait_until(chunk.end_sample / chunk.sample_rate)
        return chunk

    def close(self) -> None:
        self._file.close()
