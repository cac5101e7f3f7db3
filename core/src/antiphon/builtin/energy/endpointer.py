"""Finds speech by its energy: what rises above the background noise, whose level is followed all the while.

The track is cut into frames of 10 ms, counted from its first sample, and everything is decided frame by frame, so the
events do not depend on how the track is cut into chunks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from antiphon.builtin.energy.detector import SpeechDetector
from antiphon.builtin.energy.noise_floor import (
    CALIBRATION,
    first_floor,
    frame_length,
    frame_levels,
    presumed_floor,
)
from antiphon.builtin.energy.options import EnergyOptions
from antiphon.errors import AudioError
from antiphon.payloads import Audio, EndpointEvent, SpeechEnd, SpeechStart
from antiphon.stages import Component


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
