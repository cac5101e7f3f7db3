"""One audio track of a recording, on the session's time line."""

from __future__ import annotations

from pathlib import Path

import soxr

from antiphon.audio_files import WavWriter
from antiphon.payloads import Audio


class TrackWriter:
    """A WAV file in which audio is placed at its sample index; gaps are silence.

    The first audio sets the rate; audio of another rate (a fallback voice) is resampled to it.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        self._file = WavWriter(path, sample_rate)

    def write(self, audio: Audio) -> None:
        """Append; what would start before the end of the track follows it directly."""
        rate = self._file.sample_rate
        samples = audio.samples
        if audio.sample_rate != rate:
            samples = soxr.resample(samples, audio.sample_rate, rate)
        self._file.write_silence(round(audio.start_sample * rate / audio.sample_rate))
        self._file.write(samples)

    def close(self) -> None:
        self._file.close()
