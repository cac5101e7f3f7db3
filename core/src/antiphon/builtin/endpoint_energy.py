"""Finds speech by its energy: what rises above the background noise, whose level is followed all the while.

The track is cut into frames of 10 ms, counted from its first sample, and everything is decided frame by frame, so the
events do not depend on how the track is cut into chunks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from antiphon.builtin.endpoint_options import EnergyOptions
from antiphon.builtin.noise_floor import (
    BLOCK,
    CALIBRATION,
    NoiseFloor,
    first_floor,
    frame_length,
    frame_levels,
    presumed_floor,
)
from antiphon.errors import AudioError
from antiphon.payloads import Audio, EndpointEvent, Pause, Resume, SpeechEnd, SpeechStart
from antiphon.stages import Component

_RESUME_FRAMES = 3
"""Loud frames that end a pause; fewer are a click."""

_GAP_FRAMES = 2
"""Quiet frames that a sound may have in it (the closure of a stop) and still be one sound."""

_ATTACK_FRAMES = 15
"""How far before its first loud frame a sound may have begun."""


class EnergyEndpointer(Component[EnergyOptions]):
    """endpoint ``energy``."""

    def session(self, seed: int) -> EnergySession:
        return EnergySession(self.options)


class EnergySession:
    """Listens to one track."""

    def __init__(self, options: EnergyOptions) -> None:
        self._options = options
        self._sample_rate = 0
        self._origin = 0
        self._received = 0
        self._rest = np.zeros(0, np.float32)
        self._levels = np.zeros(0, np.float32)
        self._detector: SpeechDetector | None = None

    def feed(self, chunk: Audio) -> Sequence[EndpointEvent]:
        if not self._sample_rate:
            self._sample_rate = chunk.sample_rate
            self._origin = chunk.start_sample
        elif chunk.sample_rate != self._sample_rate:
            raise AudioError(
                f"the track's sample rate changed from {self._sample_rate} to {chunk.sample_rate} Hz; "
                "an audio source keeps to one"
            )
        self._received += len(chunk.samples)
        length = frame_length(self._sample_rate)
        samples = np.concatenate([self._rest, chunk.samples])
        self._rest = samples[len(samples) // length * length :]
        return self._detect(frame_levels(samples, length))

    def flush(self) -> Sequence[EndpointEvent]:
        if not self._sample_rate:
            return []
        events = self._detect(np.zeros(0, np.float32), at_end=True)
        assert self._detector is not None
        return [*events, *self._detector.flush(self._received)]

    def _detect(self, levels: NDArray[np.float32], *, at_end: bool = False) -> list[EndpointEvent]:
        if self._detector is None:
            # The first frames wait until there are enough of them to tell noise from speech.
            self._levels = levels = np.concatenate([self._levels, levels])
            if len(levels) < CALIBRATION and not at_end:
                return []
            floor_db = first_floor(levels[:CALIBRATION]) if len(levels) else 0.0
            self._detector = SpeechDetector(self._options, self._sample_rate, self._origin, floor_db)
        return self._detector.feed(levels)


class SpeechDetector:
    """Decides, frame by frame, whether somebody speaks.

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
        self._forget_sound()

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
        if self._start is None:
            return []
        # Speech up to the last whole frame goes on into the samples that did not fill another.
        end = self._origin + received if self._end == self._frame else self._sample(self._end)
        start, self._start = self._start, None
        return [SpeechEnd(self._sample(start), end, "end of input")]

    def _listen(self, level: float, events: list[EndpointEvent]) -> None:
        """Nobody speaks: wait for a sound that is long enough."""
        if self._hear(level) >= self._shortest:
            self._start = max(self._sound, self._end)
            self._end = self._frame
            events.append(SpeechStart(self._sample(self._start)))
            self._forget_sound()

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
            events.append(Resume(self._sample(max(self._sound, self._end))))
            self._end = self._frame
            self._paused = False
            self._forget_sound()
        elif self._frame - self._end >= self._silence:
            self._finish("silence", events)
        self._cut(events)

    def _cut(self, events: list[EndpointEvent]) -> None:
        if self._start is None or self._frame - self._start < self._longest:
            return
        talking = not self._paused
        if talking:
            self._end = self._frame
        self._finish("too long", events)
        if talking:
            self._start = self._end
            events.append(SpeechStart(self._sample(self._start)))

    def _finish(self, reason: Literal["silence", "too long"], events: list[EndpointEvent]) -> None:
        assert self._start is not None
        events.append(SpeechEnd(self._sample(self._start), self._sample(self._end), reason))
        self._start = None
        self._paused = False

    def _hear(self, level: float) -> int:
        """Follow a sound that may become speech; returns how many loud frames it has."""
        if level > self._offset:
            if self._gap > _GAP_FRAMES:
                self._forget_sound()
                self._sound = self._frame - 1
            self._gap = 0
            if level > self._onset:
                if not self._loud:
                    self._sound = max(self._sound, self._frame - 1 - _ATTACK_FRAMES)
                self._loud += 1
        else:
            self._gap += 1
            if self._gap > _GAP_FRAMES:
                self._loud = 0
        return self._loud

    def _forget_sound(self) -> None:
        self._sound = 0  # frame at which the sound began
        self._loud = 0  # its loud frames
        self._gap = _GAP_FRAMES + 1  # quiet frames since its last sound

    def _set_thresholds(self) -> None:
        options = self._options
        self._onset = max(self._floor.level_db + options.onset_db, options.min_level_db)
        self._offset = self._onset - (options.onset_db - options.offset_db)

    def _sample(self, frame: int) -> int:
        return self._origin + frame * self._length


def speech_span(audio: Audio) -> tuple[int, int] | None:
    """From the first to the last sound of speech in a recording, as indices into its samples; None if there is none."""
    levels = frame_levels(audio.samples, frame_length(audio.sample_rate))
    if not len(levels):
        return None
    whole = EnergyOptions(max_turn_s=audio.duration_s + 2)
    detector = SpeechDetector(whole, audio.sample_rate, 0, presumed_floor(levels))
    events = [*detector.feed(levels), *detector.flush(len(audio.samples))]
    starts = [event.at_sample for event in events if isinstance(event, SpeechStart)]
    ends = [event.end_sample for event in events if isinstance(event, SpeechEnd)]
    return (starts[0], ends[-1]) if starts else None
