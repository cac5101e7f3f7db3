"""Cuts PCM into the detector's frames, and measures how much speech there is."""

from __future__ import annotations

from collections.abc import Iterator

from pocketsphinx import Vad

FRAME_S = 0.01
ENOUGH_S = 0.1
"""Less detected speech than this is no word; steady noise sets the detector off for less when it begins."""


class Frames:
    """Cuts a stream of bytes into frames of one size; the rest waits for more."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._rest = b""

    def feed(self, pcm: bytes) -> Iterator[bytes]:
        data = self._rest + pcm
        whole = len(data) // self._size * self._size
        self._rest = data[whole:]
        return (data[first : first + self._size] for first in range(0, whole, self._size))


class SpeechMeter:
    """Whether a turn contains speech at all: a language model finds words in silence and noise, too."""

    def __init__(self, rate: int) -> None:
        self._detector = Vad(Vad.MEDIUM_STRICT, rate, FRAME_S)
        self._frames = Frames(self._detector.frame_bytes)
        self._speech_s = 0.0

    @property
    def enough(self) -> bool:
        return self._speech_s >= ENOUGH_S

    def feed(self, pcm: bytes) -> None:
        for frame in self._frames.feed(pcm):
            if self.enough:
                return
            self._speech_s += FRAME_S * self._detector.is_speech(frame)
