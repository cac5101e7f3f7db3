"""What Sphinx listens to: 16-bit samples at the rate of its model, from audio of any rate, chunk by chunk."""

from __future__ import annotations

import numpy as np
import soxr
from antiphon.errors import AudioError
from antiphon.payloads import Audio, Samples

BYTES_PER_SAMPLE = 2


class PcmStream:
    """Resamples one stream of audio, without delay: output sample n belongs to the time n / `rate`.

    Raises:
        AudioError: a chunk has another sample rate than the stream.
    """

    def __init__(self, sample_rate: int, rate: int) -> None:
        if sample_rate <= 0:
            raise AudioError(f"the sample rate is {sample_rate} Hz; it must be positive")
        self.sample_rate = sample_rate
        self.rate = rate
        self._resampler = soxr.ResampleStream(sample_rate, rate, 1, dtype="float32") if sample_rate != rate else None

    def feed(self, chunk: Audio) -> bytes:
        """What became available with this chunk."""
        if chunk.sample_rate != self.sample_rate:
            raise AudioError(
                f"the sample rate changed from {self.sample_rate} to {chunk.sample_rate} Hz; a source keeps to one"
            )
        return self._convert(chunk.samples, last=False)

    def flush(self) -> bytes:
        """What the resampler still held back; the stream has ended."""
        return self._convert(np.zeros(0, np.float32), last=True)

    def _convert(self, samples: Samples, *, last: bool) -> bytes:
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples, last=last)
        return bytes(np.rint(np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2"))
