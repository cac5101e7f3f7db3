"""Reads and writes audio files.

Any format, bit depth and number of channels that libsndfile knows comes in as mono float32; WAV with 16 bits goes out.
What cannot be used raises `AudioError` with the file's name and what to do about it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import soundfile

from antiphon.errors import AudioError, RecordingError
from antiphon.payloads import Audio, Samples

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
"""Sample rates, in Hz, at which a file can hold speech that Antiphon works on."""


class AudioFile:
    """An audio file that is read piece by piece, so that its length does not matter.

    Args:
        path: the file.
        channel: index of the channel to read, from 0; None for the mean of all.

    Raises:
        AudioError: it is missing, empty, damaged, no audio, of an unusable rate, or lacks the channel.
    """

    def __init__(self, path: Path, channel: int | None = None) -> None:
        self.path = path
        self._channel = channel
        self._position = 0
        self._file = _open(path)
        try:
            self._check()
        except AudioError:
            self.close()
            raise

    @property
    def sample_rate(self) -> int:
        return int(self._file.samplerate)

    @property
    def channels(self) -> int:
        """How many channels the file has, whichever of them is read."""
        return int(self._file.channels)

    @property
    def frames(self) -> int:
        """The length in samples, as the header tells it; the file may break off earlier."""
        return int(self._file.frames)

    def read(self, count: int) -> Audio | None:
        """The next `count` samples, fewer at the end of the file, None behind it.

        Raises:
            AudioError: the file is damaged here, or holds NaN or infinite samples.
        """
        try:
            frames = self._file.read(count, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise AudioError(
                f"{self.path}: damaged after {self._position / self.sample_rate:.2f} s ({error.error_string}); "
                "record or convert it again"
            ) from error
        if not len(frames):
            return None
        samples: Samples = frames.mean(axis=1) if self._channel is None else frames[:, self._channel]
        self._refuse_not_finite(samples)
        audio = Audio(samples, self.sample_rate, start_sample=self._position)
        self._position += len(samples)
        return audio

    def seek(self, sample: int) -> None:
        """Go on reading at a sample."""
        self._position = self._file.seek(sample)

    def blocks(self, count: int) -> Iterator[Audio]:
        """The rest of the file in pieces of `count` samples."""
        while (block := self.read(count)) is not None:
            yield block

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> AudioFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check(self) -> None:
        if self._file.frames == 0:
            raise AudioError(f"{self.path}: holds no samples; record it again")
        if not LOWEST_RATE <= self.sample_rate <= HIGHEST_RATE:
            raise AudioError(
                f"{self.path}: its sample rate is {self.sample_rate} Hz; "
                f"convert it to one between {LOWEST_RATE} and {HIGHEST_RATE} Hz"
            )
        channels = self._file.channels
        if self._channel is not None and not 0 <= self._channel < channels:
            raise AudioError(f"{self.path}: has no channel {self._channel}; choose one from 0 to {channels - 1}")

    def _refuse_not_finite(self, samples: Samples) -> None:
        bad = np.flatnonzero(~np.isfinite(samples))
        if len(bad):
            where = self._position + int(bad[0])
            raise AudioError(
                f"{self.path}: sample {where} (at {where / self.sample_rate:.2f} s) is NaN or infinite; "
                "export it again, best with 16 or 24 bits"
            )


def _open(path: Path) -> soundfile.SoundFile:
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise AudioError(f"{path}: the file is empty; record it again")
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    try:
        return soundfile.SoundFile(path)
    except (soundfile.SoundFileError, TypeError) as error:  # TypeError: headerless, by its suffix
        known = ", ".join(sorted({"WAV", "FLAC", "OGG", "MP3", "AIFF"} & soundfile.available_formats().keys()))
        raise AudioError(
            f"{path}: is not audio, or its header is damaged; give a file in a format such as {known}"
        ) from error


def read_audio(path: Path, channel: int | None = None) -> Audio:
    """A whole audio file, as mono.

    Raises:
        AudioError: as `AudioFile` does.
    """
    with AudioFile(path, channel) as file:
        # The header's length is not to be trusted with memory, so the file is read until it really ends.
        blocks = [block.samples for block in file.blocks(10 * file.sample_rate)]
        if not blocks:
            raise AudioError(f"{path}: breaks off behind its header; record it again")
        return Audio(np.concatenate(blocks), file.sample_rate)


class WavWriter:
    """A mono WAV file with 16 bits that grows, and can be read at any time, after a kill as well.

    Samples beyond full scale are clipped. Audio that was read from 16 bits is written back bit for bit.

    Raises:
        RecordingError: the file cannot be made, or cannot be written any further; what was written stays readable.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        self.path = path
        self.sample_rate = sample_rate
        self.written = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered, so that what a full disk refused does not come up again when the file is closed.
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise self._failed(error) from error
        self.write(np.zeros(0, np.float32))

    def write(self, samples: Samples) -> None:
        """Append samples, and then, in one go, a header that counts them."""
        pcm = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype("<i2")
        try:
            self._put(_HEADER.size + 2 * self.written, pcm.tobytes())
            self._put(0, _wav_header(self.sample_rate, self.written + len(pcm)))
        except OSError as error:
            raise self._failed(error) from error
        self.written += len(pcm)

    def write_silence(self, until_sample: int) -> None:
        """Append silence until the file is `until_sample` samples long; nothing if it is already."""
        while self.written < until_sample:
            self.write(np.zeros(min(until_sample - self.written, 10 * self.sample_rate), np.float32))

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise self._failed(error) from error

    def __enter__(self) -> WavWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _put(self, position: int, content: bytes) -> None:
        self._file.seek(position)
        rest = memoryview(content)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _failed(self, error: OSError) -> RecordingError:
        return RecordingError(f"{self.path}: cannot be written: {error.strerror or error}")


_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


def _wav_header(sample_rate: int, count: int) -> bytes:
    size = min(2 * count, 2**32 - 37)  # a longer file is read up to here
    return _HEADER.pack(
        b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 1, sample_rate, 2 * sample_rate, 2, 16, b"data", size
    )


def write_wav(path: Path, audio: Audio) -> None:
    """Write audio to a WAV file with 16 bits."""
    with WavWriter(path, audio.sample_rate) as file:
        file.write(audio.samples)
