"""Fakes of the user's side: audio in, endpointer, recognisers and feature extractor."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from antiphon.errors import StageError
from antiphon.features import Measurement, Measurements, missing
from antiphon.payloads import (
    Audio,
    EndpointEvent,
    Pause,
    Resume,
    Samples,
    SpeechEnd,
    SpeechStart,
    Transcript,
    Typed,
    Utterance,
    Word,
)
from antiphon.testing.fakes.faults import Fake, FakeSession
from antiphon.testing.fakes.options import (
    MEASURED,
    AudioInOptions,
    EndpointOptions,
    FakeOptions,
    RecognizerOptions,
    TypedOptions,
)
from antiphon.testing.fakes.tone import level_db, pitch_hz, syllables, tone


class TonesSession(FakeSession[AudioInOptions]):
    """Silence, tone, silence, tone, ... silence."""

    def _start(self) -> None:
        self._chunks = self._all_chunks()
        self._began = time.monotonic()

    def read(self) -> Audio | None:
        chunk = next(self._chunks, None)
        if chunk is not None and self.options.pace == "real":
            time.sleep(max(0.0, self._began + chunk.end_sample / chunk.sample_rate - time.monotonic()))
        return chunk

    def _parts(self) -> Iterator[Samples]:
        o = self.options
        silence = np.zeros(round(o.silence_s * o.sample_rate), dtype=np.float32)
        yield silence
        for turn in range(o.turns):
            speech = tone(o.pitch_hz * o.pitch_step**turn, o.level_db, o.speech_s, o.sample_rate)
            yield speech[: len(speech) // 2]
            yield np.zeros(round(o.hesitation_s * o.sample_rate), dtype=np.float32)
            yield speech[len(speech) // 2 :]
            yield silence

    def _all_chunks(self) -> Iterator[Audio]:
        o = self.options
        samples = np.concatenate(list(self._parts()))
        size = max(1, round(o.chunk_s * o.sample_rate))
        for start in range(0, len(samples), size):
            yield Audio(samples[start : start + size], o.sample_rate, start)


class Tones(Fake[AudioInOptions]):
    """A user who speaks in tones."""

    session_class = TonesSession


class TypistSession(FakeSession[TypedOptions]):
    """One line a turn."""

    def _start(self) -> None:
        self._lines = iter(self.options.lines)

    def read(self) -> Typed | None:
        line = next(self._lines, None)
        return None if line is None else Typed(line)


class Typist(Fake[TypedOptions]):
    """A user who types."""

    session_class = TypistSession


class ThresholdSession(FakeSession[EndpointOptions]):
    """Looks at 10 ms at a time, so that what it finds does not depend on how the audio was cut by more than that."""

    def _start(self) -> None:
        self._speech: tuple[int, int] | None = None
        self._paused = False

    def feed(self, chunk: Audio) -> Sequence[EndpointEvent]:
        step = max(1, chunk.sample_rate // 100)
        starts = range(chunk.start_sample, chunk.end_sample, step)
        return [event for start in starts for event in self._look(chunk.between(start, start + step))]

    def flush(self) -> Sequence[EndpointEvent]:
        return self._end("end of input") if self._speech else []

    def _look(self, piece: Audio) -> Iterator[EndpointEvent]:
        loud = piece.start_sample + np.flatnonzero(np.abs(piece.samples) > self.options.threshold)
        if len(loud):
            first, last = int(loud[0]), int(loud[-1]) + 1
            if self._speech is None:
                yield SpeechStart(first)
            elif self._paused:
                yield Resume(first)
            self._speech = (self._speech[0] if self._speech else first, last)
            self._paused = False
        elif self._speech:
            silence_s = (piece.end_sample - self._speech[1]) / piece.sample_rate
            if silence_s >= self.options.silence_s:
                yield from self._end("silence")
            elif silence_s >= self.options.pause_s and not self._paused:
                self._paused = True
                yield Pause(self._speech[1])

    def _end(self, reason: Literal["silence", "end of input"]) -> list[EndpointEvent]:
        assert self._speech is not None
        (start, end), self._speech, self._paused = self._speech, None, False
        return [SpeechEnd(start, end, reason)]


class Threshold(Fake[EndpointOptions]):
    """Finds speech by the magnitude of its samples."""

    session_class = ThresholdSession


class ScriptSession(FakeSession[RecognizerOptions]):
    """Knows the next line of the script."""

    def _start(self) -> None:
        self._turn = 0

    def _line(self) -> list[str]:
        """The words that will be recognised next."""
        return self.options.script[self._turn % len(self.options.script)].split()

    def _take(self, speech: Audio) -> Transcript:
        """The next line, its words spread evenly over the audio; nothing if that is silent."""
        if not speech.samples.any():
            return Transcript("")
        words = self._line()
        self._turn += 1
        each_s = speech.duration_s / max(1, len(words))
        timed = tuple(Word(word, i * each_s, (i + 1) * each_s, 1.0) for i, word in enumerate(words))
        return Transcript(" ".join(words), timed, 1.0)


class RecognizerSession(ScriptSession):
    """Recognises the next line of the script."""

    def recognize(self, speech: Audio) -> Transcript:
        return self._take(speech)


class Recognizer(Fake[RecognizerOptions]):
    """Knows what will be said."""

    session_class = RecognizerSession


class StreamingRecognizerSession(ScriptSession):
    """Recognises the next line of the script, a word more with every tenth of a second."""

    def _start(self) -> None:
        super()._start()
        self._chunks: list[Audio] | None = None
        self._shown = 0

    def begin(self, sample_rate: int) -> None:
        self._chunks, self._shown = [], 0

    def feed(self, chunk: Audio) -> Transcript | None:
        chunks = self._turn_under_way()
        chunks.append(chunk)
        words = self._line()
        shown = min(len(words), int(10 * sum(c.duration_s for c in chunks) + 1e-6))
        if shown == self._shown:
            return None
        self._shown = shown
        return Transcript(" ".join(words[:shown]))

    def finish(self) -> Transcript:
        chunks, self._chunks = self._turn_under_way(), None
        if not chunks:
            return Transcript("")
        return self._take(Audio(np.concatenate([c.samples for c in chunks]), chunks[0].sample_rate))

    def cancel(self) -> None:
        self._chunks = None

    def _turn_under_way(self) -> list[Audio]:
        if self._chunks is None:
            raise StageError("recognizer", "begin() comes before feed() and finish()")
        return self._chunks


class StreamingRecognizer(Fake[RecognizerOptions]):
    """Knows what will be said, and says so while it is."""

    session_class = StreamingRecognizerSession


class PausingRecognizerSession(StreamingRecognizerSession):
    """Leaves out the silence behind a pause that was the end of the turn."""

    def begin(self, sample_rate: int) -> None:
        super().begin(sample_rate)
        self._until: int | None = None

    def pause(self) -> None:
        self._until = len(self._turn_under_way())

    def resume(self) -> None:
        self._turn_under_way()
        self._until = None

    def finish(self) -> Transcript:
        self._chunks = self._turn_under_way()[: self._until]
        return super().finish()


class PausingRecognizer(Fake[RecognizerOptions]):
    """Knows what will be said, and when it is over."""

    session_class = PausingRecognizerSession


class MeterSession(FakeSession[FakeOptions]):
    """Measures tones exactly: pitch by zero crossings, energy, and the rate from the vowels of the text."""

    def extract(self, utterance: Utterance, known: Measurements) -> Measurements:
        audio = utterance.audio
        if audio is None or not len(audio.samples):
            return missing((spec.name for spec in MEASURED), "no audio")
        spoken = syllables(utterance.text)
        return {
            "pitch_mean": _measurement(pitch_hz(audio), "unvoiced"),
            "intensity_mean": _measurement(level_db(audio.samples), "silence"),
            "rate": _measurement(spoken / audio.duration_s if spoken else None, "no syllables"),
            "duration": Measurement(audio.duration_s),
        }


def _measurement(value: float | None, reason: str) -> Measurement:
    return Measurement(value, None if value is not None else reason)


class Meter(Fake[FakeOptions]):
    """Measures tones."""

    session_class = MeterSession
