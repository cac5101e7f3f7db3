"""Makes turns of stretches of speech: which pause is the end, which sound is too short, which turn too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from antiphon.payloads import EndpointEvent, Pause, Resume, SpeechEnd, SpeechStart

from antiphon_asr_sphinx.options import EndpointerOptions
from antiphon_asr_sphinx.voice_activity import FRAME_S


class TurnFinder:
    """Follows a detector step by step.

    Args:
        options: lengths of silence, speech and turns.
        sample_rate: of the track, Hz.
        origin: sample of the track at which time 0 lies.
    """

    def __init__(self, options: EndpointerOptions, sample_rate: int, origin: int) -> None:
        self._options = options
        self._sample_rate = sample_rate
        self._origin = origin
        self._received = 0
        self._speaking = False
        self._start_s: float | None = None  # of the turn under way, or of what may become one
        self._announced = False
        self._pause_s = 0.0

    def received(self, samples: int) -> None:
        """So much more of the track has arrived; no event lies behind its end."""
        self._received += samples

    def step(self, now_s: float, speaking: bool, changed_s: float) -> Iterator[EndpointEvent]:
        """What is known at `now_s`, when the detector has been in its present state since `changed_s`."""
        if speaking and not self._speaking:
            yield from self._speech_began(changed_s)
        elif self._speaking and not speaking:
            yield from self._speech_stopped(changed_s)
        self._speaking = speaking
        if self._start_s is None:
            return
        if speaking:
            yield from self._go_on(now_s)
        elif now_s - self._pause_s >= self._options.silence_s - 1e-9:
            if self._announced:
                yield self._end(self._pause_s, "silence")
            self._start_s = None

    def flush(self, stopped_s: float) -> Iterator[EndpointEvent]:
        """The input has ended; if somebody was speaking, speech was last heard at `stopped_s`."""
        if self._speaking:
            self._pause_s = stopped_s
        if self._start_s is not None:
            if not self._announced and self._pause_s - self._start_s >= self._shortest:
                yield self._announce(self._start_s)
            if self._announced:
                yield self._end(self._pause_s, "end of input")
        self._start_s = None

    @property
    def _shortest(self) -> float:
        return max(self._options.min_speech_s, FRAME_S)

    def _speech_began(self, at_s: float) -> Iterator[EndpointEvent]:
        if not self._announced:
            self._start_s = at_s
        elif at_s - self._begun >= self._options.max_turn_s:
            yield self._end(self._pause_s, "too long")
            yield self._announce(at_s)
        else:
            yield Resume(self._sample(at_s))

    def _speech_stopped(self, at_s: float) -> Iterator[EndpointEvent]:
        self._pause_s = at_s
        if not self._announced and at_s - self._begun < self._shortest:
            self._start_s = None
            return
        if not self._announced:
            yield self._announce(self._begun)
        yield Pause(self._sample(max(at_s, self._begun)))

    def _go_on(self, now_s: float) -> Iterator[EndpointEvent]:
        # The detector notices the end of speech only after a window, so a cut's remainder is no turn before that.
        if not self._announced and now_s - self._begun > max(self._shortest, self._options.window_s):
            yield self._announce(self._begun)
        cut_s = self._begun + self._options.max_turn_s
        if self._announced and now_s >= cut_s:
            yield self._end(cut_s, "too long")
            self._start_s = cut_s

    @property
    def _begun(self) -> float:
        assert self._start_s is not None
        return self._start_s

    def _announce(self, at_s: float) -> SpeechStart:
        self._start_s = at_s
        self._announced = True
        return SpeechStart(self._sample(at_s))

    def _end(self, at_s: float, reason: Literal["silence", "too long", "end of input"]) -> SpeechEnd:
        self._announced = False
        return SpeechEnd(self._sample(self._begun), self._sample(max(at_s, self._begun)), reason)

    def _sample(self, time_s: float) -> int:
        return self._origin + min(round(time_s * self._sample_rate), self._received)
