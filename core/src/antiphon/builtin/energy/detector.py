"""Decides frame by frame whether somebody speaks."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from antiphon.builtin.energy.noise_floor import BLOCK, NoiseFloor, frame_length
from antiphon.builtin.energy.options import EnergyOptions
from antiphon.payloads import EndpointEvent, Pause, Resume, SpeechEnd, SpeechStart

_RESUME_FRAMES = 3
"""Loud frames that end a pause; fewer are a click."""

_GAP_FRAMES = 2
"""Quiet frames that a sound may have in it (the closure of a stop) and still be one sound."""

_ATTACK_FRAMES = 15
"""How far before its first loud frame a sound may have begun."""


class SpeechDetector:
    """Follows a track through silence, speech and pauses.

    Args:
        options: thresholds and durations.
        sample_rate: of the track, in Hz.
        origin: the track's sample at which the first frame begins.
        floor_db: level of the noise to begin with.
    """

    def __init__(self, options: EnergyOptions, sample_rate: int, origin: int, floor_db: float) -> None:
        self._options = options
        self._length = frame_length(sample_rate)
        self._origin = origin
        frames_per_s = sample_rate / self._length
        self._silence = max(1, round(options.silence_s * frames_per_s))
        self._pause = max(1, round(options.pause_s * frames_per_s))
        self._shortest = max(1, round(options.min_speech_s * frames_per_s))
        self._longest = round(options.max_turn_s * frames_per_s)

        self._floor = NoiseFloor(floor_db)
        self._block: list[float] = []
        self._set_thresholds()
        self._frame = 0
        self._start: int | None = None  # frame at which the turn began; None: nobody speaks
        self._end = 0  # frame behind the last sound of the turn
        self._paused = False
        self._sound = _Sound()

    def feed(self, levels: NDArray[np.float32]) -> list[EndpointEvent]:
        """What became known with these frames."""
        events: list[EndpointEvent] = []
        for level in levels.tolist():
            self._frame += 1
            if self._start is None:
                self._listen(level, events)
            elif self._paused:
                self._wait(level, events)
            else:
                self._follow(level, events)
            self._block.append(level)
            if len(self._block) == BLOCK:
                self._floor.add(np.asarray(self._block, np.float32))
                self._block.clear()
                self._set_thresholds()
        return events

    def flush(self, received: int) -> list[EndpointEvent]:
        """The track ended behind `received` samples: end the turn that is under way."""
        events: list[EndpointEvent] = []
        if self._start is not None:
            # Speech up to the last whole frame goes on into the samples that did not fill another.
            end = self._origin + received if self._end == self._frame else self._sample(self._end)
            self._finish("end of input", end, events)
        return events

    def _listen(self, level: float, events: list[EndpointEvent]) -> None:
        """Nobody speaks: wait for a sound that is long enough."""
        if self._hear(level) >= self._shortest:
            self._start = max(self._sound.start, self._end)
            self._end = self._frame
            events.append(SpeechStart(self._sample(self._start)))
            self._sound = _Sound()

    def _follow(self, level: float, events: list[EndpointEvent]) -> None:
        """Somebody speaks: wait for a pause."""
        decaying = self._end == self._frame - 1
        if level > self._onset or (decaying and level > self._offset):
            self._end = self._frame
        elif self._frame - self._end >= self._pause:
            self._paused = True
            events.append(Pause(self._sample(self._end)))
        self._cut(events)

    def _wait(self, level: float, events: list[EndpointEvent]) -> None:
        """A pause: wait until it is long enough, or for speech to go on."""
        if self._hear(level) >= _RESUME_FRAMES:
            events.append(Resume(self._sample(max(self._sound.start, self._end))))
            self._end = self._frame
            self._paused = False
            self._sound = _Sound()
        elif self._frame - self._end >= self._silence:
            self._finish("silence", self._sample(self._end), events)
        self._cut(events)

    def _cut(self, events: list[EndpointEvent]) -> None:
        """End a turn that is too long; speech in this frame is the beginning of the next one."""
        if self._start is None or self._frame - self._start <= self._longest:
            return
        if self._paused:
            self._finish("too long", self._sample(self._end), events)
        elif self._end == self._frame:
            boundary = self._frame - 1
            self._finish("too long", self._sample(boundary), events)
            self._start = boundary
            events.append(SpeechStart(self._sample(boundary)))

    def _finish(
        self, reason: Literal["silence", "too long", "end of input"], end_sample: int, events: list[EndpointEvent]
    ) -> None:
        assert self._start is not None
        events.append(SpeechEnd(self._sample(self._start), end_sample, reason))
        self._start = None
        self._paused = False

    def _hear(self, level: float) -> int:
        return self._sound.follow(self._frame - 1, audible=level > self._offset, loud=level > self._onset)

    def _set_thresholds(self) -> None:
        options = self._options
        self._onset = max(self._floor.level_db + options.onset_db, options.min_level_db)
        self._offset = self._onset - (options.onset_db - options.offset_db)

    def _sample(self, frame: int) -> int:
        return self._origin + frame * self._length


class _Sound:
    """A sound that may become speech: where it began, and how many loud frames it has had."""

    def __init__(self) -> None:
        self.start = 0
        self._loud = 0
        self._gap = _GAP_FRAMES + 1

    def follow(self, frame: int, *, audible: bool, loud: bool) -> int:
        """Take in the next frame; returns the number of loud frames."""
        if not audible:
            self._gap += 1
            return 0
        if self._gap > _GAP_FRAMES:
            self.start = frame
            self._loud = 0
        self._gap = 0
        if loud:
            if not self._loud:
                self.start = max(self.start, frame - _ATTACK_FRAMES)
            self._loud += 1
        return self._loud
