"""One audio track of a recording, on the session's time line."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from antiphon.payloads import Audio
from antiphon.recording.pcm import to_pcm16


class TrackWriter:
    """A 16-bit mono WAV file whose header is right after every write, so that a kill leaves a readable file.

    Audio is placed at its sample index; gaps are silence.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self._file = path.open("wb")
        self._wave = wave.open(self._file, "wb")  # noqa: SIM115 - closed in close()
        self._wave.setnchannels(1)
        self._wave.setsampwidth(2)
        self._wave.setframerate(sample_rate)
        self._position = 0

    def write(self, audio: Audio) -> None:
        """Append; what would start before the end of what was written follows it directly."""
        gap = audio.start_sample - self._position
        pcm = to_pcm16(audio.samples)
        if gap > 0:
            pcm = np.concatenate([np.zeros(gap, dtype=np.int16), pcm])
        self._wave.writeframes(pcm.astype("<i2").tobytes())
        self._file.flush()
        self._position += len(pcm)

    def close(self) -> None:
        self._wave.close()
        self._file.close()
