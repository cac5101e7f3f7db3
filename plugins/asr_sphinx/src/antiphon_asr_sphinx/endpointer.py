"""endpoint ``sphinx``: the endpointer of pocketsphinx, made into turns.

It looks at a sliding window of voice activity decisions, and says late, but rightly, where speech began and stopped.
Turns, their shortest and longest length, and the clock of the input are made here.
"""

from __future__ import annotations

from collections.abc import Sequence

from antiphon.payloads import Audio, EndpointEvent
from antiphon.stages import Component
from pocketsphinx import Endpointer, Vad

from antiphon_asr_sphinx.options import EndpointerOptions
from antiphon_asr_sphinx.pcm import PcmStream
from antiphon_asr_sphinx.turns import TurnFinder
from antiphon_asr_sphinx.voice_activity import FRAME_S, Frames

RATE = 16000
"""What the detector listens to, Hz."""

MODES = {
    "loose": Vad.LOOSE,
    "medium-loose": Vad.MEDIUM_LOOSE,
    "medium-strict": Vad.MEDIUM_STRICT,
    "strict": Vad.STRICT,
}


class SphinxEndpointer(Component[EndpointerOptions]):
    """endpoint ``sphinx``."""

    def session(self, seed: int) -> EndpointerSession:
        return EndpointerSession(self.options)


class EndpointerSession:
    """Listens to one track."""

    def __init__(self, options: EndpointerOptions) -> None:
        self._options = options
        self._detector = Endpointer(options.window_s, options.ratio, MODES[options.mode], RATE, FRAME_S)
        self._frames = Frames(self._detector.frame_bytes)
        self._frames_heard = 0
        self._pcm: PcmStream | None = None
        self._turns: TurnFinder | None = None

    def feed(self, chunk: Audio) -> Sequence[EndpointEvent]:
        if self._pcm is None:
            self._pcm = PcmStream(chunk.sample_rate, RATE)
            self._turns = TurnFinder(self._options, chunk.sample_rate, chunk.start_sample)
        assert self._turns is not None
        self._turns.received(len(chunk.samples))
        return self._listen(self._pcm.feed(chunk))

    def flush(self) -> Sequence[EndpointEvent]:
        if self._pcm is None:
            return []
        assert self._turns is not None
        events = self._listen(self._pcm.flush())
        while self._detector.in_speech:  # it says where speech stopped only after a window of silence
            self._detector.process(bytes(self._detector.frame_bytes))
        return [*events, *self._turns.flush(self._detector.speech_end)]

    def _listen(self, pcm: bytes) -> list[EndpointEvent]:
        assert self._turns is not None
        events: list[EndpointEvent] = []
        for frame in self._frames.feed(pcm):
            self._detector.process(frame)
            self._frames_heard += 1
            speaking = self._detector.in_speech
            changed = self._detector.speech_start if speaking else self._detector.speech_end
            events += self._turns.step(self._frames_heard * FRAME_S, speaking, changed)
        return events
