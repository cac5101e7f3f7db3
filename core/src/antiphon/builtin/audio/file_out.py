"""The agent's audio into a WAV file, on the time line of the session."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr

from antiphon.audio_files import WavWriter
from antiphon.builtin.audio.options import FileOutOptions
from antiphon.errors import StageError
from antiphon.payloads import Audio
from antiphon.stages import Component, Setup


class FileOut(Component[FileOutOptions]):
    """audio_out ``file``: silence where the agent is silent; readable at any time."""

    def __init__(self, options: FileOutOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self._sessions = 0

    def session(self, seed: int) -> FileOutSession:
        # Conversations that one process holds side by side must not write into one another's file.
        self._sessions += 1
        path = self.options.path
        return FileOutSession(path if self._sessions == 1 else path.with_stem(f"{path.stem}-{self._sessions}"))


class FileOutSession:
    """The file is made when the agent first speaks, with the sample rate of that utterance.

    Raises:
        RecordingError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: WavWriter | None = None
        self._resampler: soxr.ResampleStream | None = None
        self._heard = 0

    def begin(self, sample_rate: int, start_s: float) -> None:
        self._finish_utterance()
        if self._file is None:
            self._file = WavWriter(self._path, sample_rate)
        self._file.write_silence(round(start_s * self._file.sample_rate))
        self._heard = 0
        if sample_rate != self._file.sample_rate:
            self._resampler = soxr.ResampleStream(sample_rate, self._file.sample_rate, 1, dtype="float32")

    def play(self, audio: Audio) -> None:
        if self._file is None:
            raise StageError("audio_out", "begin() comes before play()")
        self._heard += len(audio.samples)
        samples = audio.samples if self._resampler is None else self._resampler.resample_chunk(audio.samples)
        self._file.write(samples)

    def pending_s(self) -> float:
        return 0.0

    def stop(self) -> int:
        self._finish_utterance()
        return self._heard

    def close(self) -> None:
        self._finish_utterance()
        if self._file is not None:
            self._file.close()

    def _finish_utterance(self) -> None:
        """Write what the resampler still holds back."""
        if self._file is not None and self._resampler is not None:
            self._file.write(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
            self._resampler = None
