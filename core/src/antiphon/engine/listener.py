"""Follows the user's speech: where it begins and ends, which words it has, how it sounds."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from antiphon.engine.measuring import Measuring
from antiphon.engine.recognition import Recognition
from antiphon.engine.stage import StageSession
from antiphon.features import Measurements
from antiphon.payloads import Audio, Pause, Resume, SpeechEnd, SpeechStart, Transcript, Utterance

PREROLL_S = 0.3
"""How much from before the speech the recogniser hears."""


@frozen
class Heard:
    """A finished turn of the user.

    Attributes:
        decided_at: when the endpointer knew, by `time.perf_counter`.
        latency_ms: of the extractors, and of the recogniser from that moment to its words.
    """

    start_s: float
    end_s: float
    transcript: Transcript
    audio: Audio | None
    features: Measurements
    decided_at: float
    latency_ms: Mapping[str, float] = field(factory=dict)


class Listener:
    """Takes the user's audio chunk by chunk.

    While the user speaks, the recogniser is fed; as soon as the user pauses, the features that need no words are
    measured, so that they are ready if the pause turns out to be the end.

    The endpointer sees a clock of its own that leaves out what nobody listened to, so that its audio is contiguous.
    """

    def __init__(
        self,
        endpoint: StageSession,
        recognizer: StageSession,
        measuring: Measuring,
        on_event: Callable[..., None],
    ) -> None:
        self._endpoint = endpoint
        self._recognizer = recognizer
        self._measuring = measuring
        self._on_event = on_event
        self._recent: deque[Audio] = deque()
        self._next_track_sample = 0
        self._skipped = 0
        self._span: tuple[int, int, int] | None = None
        self._start: int | None = None
        self._skipped_before = 0
        self._recognition: Recognition | None = None
        self._early: tuple[int, asyncio.Task[Measurements]] | None = None

    @property
    def speaking(self) -> bool:
        """Whether the user is speaking now."""
        return self._start is not None

    async def hear(self, chunk: Audio) -> Heard | None:
        """The next chunk, on the session's clock; returns the turn when it is over."""
        self._note_heard(chunk)
        self._skipped += chunk.start_sample - self._next_track_sample
        self._next_track_sample = chunk.end_sample
        chunk = evolve(chunk, start_sample=chunk.start_sample - self._skipped)
        self._recent.append(chunk)
        heard = await self._follow(await self._endpoint.call("feed", chunk), chunk.sample_rate)
        if self._recognition is not None:
            await self._recognition.feed(chunk)
        else:
            self._forget(chunk.end_sample - round(PREROLL_S * chunk.sample_rate))
        return heard

    def end(self) -> None:
        """The session ends, in the middle of a turn perhaps: tell what was still heard, and leave no work behind."""
        self._end_span()
        self._drop_early()
        if self._recognition is not None:
            self._recognition.cancel()

    def _end_span(self) -> None:
        """Tell what was heard since the last gap or turn, so that a replay can feed the same."""
        if self._span is not None:
            rate, start, length = self._span
            self._span = None
            self._on_event(
                "listened",
                start_sample=start,
                end_sample=self._next_track_sample,
                chunk_samples=length,
                sample_rate=rate,
            )

    async def flush(self, rate: int) -> Heard | None:
        """The input has ended: the turn that is under way, if any."""
        return await self._follow(await self._endpoint.call("flush"), rate)

    def _note_heard(self, chunk: Audio) -> None:
        if chunk.start_sample != self._next_track_sample:
            self._end_span()
        if self._span is None:
            self._span = (chunk.sample_rate, chunk.start_sample, len(chunk.samples))

    async def _follow(self, events: Any, rate: int) -> Heard | None:
        heard = None
        for event in events:
            if isinstance(event, SpeechStart):
                await self._begin(event.at_sample, rate)
            elif isinstance(event, Pause) and self._start is not None:
                await self._pause(event)
            elif isinstance(event, Resume):
                await self._resume()
            elif isinstance(event, SpeechEnd) and self._start is not None:
                heard = await self._end(event, rate)
        return heard

    async def _begin(self, at_sample: int, rate: int) -> None:
        self._start, self._skipped_before = at_sample, self._skipped
        self._on_event("speech_started", start_s=(at_sample + self._skipped) / rate)
        self._forget(at_sample - round(PREROLL_S * rate))
        self._recognition = Recognition(self._recognizer, self._recent[0].start_sample, rate, self._on_event)
        for earlier in list(self._recent):
            await self._recognition.feed(earlier)

    async def _pause(self, event: Pause) -> None:
        """Have done what can be done if this was the end of the turn."""
        assert self._recognition is not None
        await self._recognition.mark("pause")
        self._measure_early(event.at_sample)

    async def _resume(self) -> None:
        self._drop_early()
        if self._recognition is not None:
            await self._recognition.mark("resume")

    async def _end(self, event: SpeechEnd, rate: int) -> Heard:
        decided_at = time.perf_counter()
        assert self._recognition is not None
        await self._recognition.end()
        start_s = (event.start_sample + self._skipped_before) / rate
        end_s = (event.end_sample + self._skipped) / rate
        audio = self._between(event.start_sample, event.end_sample)
        self._end_span()
        self._on_event("speech_ended", start_s=start_s, end_s=end_s, reason=event.reason)
        (recognition_ms, words), early = await asyncio.gather(
            self._transcribe(audio, decided_at), self._early_features(audio, event.end_sample)
        )
        utterance = Utterance("user", words.text, audio, words.words)
        features = await self._measuring.late(utterance, early)
        self._start = None
        self._forget(event.end_sample)
        latency_ms = {"recognizer": recognition_ms, **self._measuring.take_latencies()}
        return Heard(start_s, end_s, words, audio, features, decided_at, latency_ms)

    async def _transcribe(self, audio: Audio, decided_at: float) -> tuple[float, Transcript]:
        assert self._recognition is not None
        transcript = await self._recognition.transcript(audio)
        self._recognition = None
        return (time.perf_counter() - decided_at) * 1e3, transcript

    def _measure_early(self, end_sample: int) -> None:
        assert self._start is not None
        self._drop_early()
        self._measuring.take_latencies()  # of a pause that was not the end
        utterance = Utterance("user", "", self._between(self._start, end_sample))
        self._early = (end_sample, asyncio.ensure_future(self._measuring.early(utterance)))

    async def _early_features(self, audio: Audio, end_sample: int) -> Measurements:
        if self._early is not None and self._early[0] == end_sample:
            task, self._early = self._early[1], None
            return await task
        self._drop_early()
        return await self._measuring.early(Utterance("user", "", audio))

    def _drop_early(self) -> None:
        if self._early is not None:
            self._early[1].add_done_callback(lambda task: task.cancelled() or task.exception())
            self._early[1].cancel()
            self._early = None

    def _between(self, start: int, end: int) -> Audio:
        first = self._recent[0]
        samples = np.concatenate([chunk.samples for chunk in self._recent])
        return Audio(samples, first.sample_rate, first.start_sample).between(start, end)

    def _forget(self, before: int) -> None:
        """Drop chunks that lie wholly before a sample."""
        while self._recent and self._recent[0].end_sample <= before:
            self._recent.popleft()
