"""A user whose turns are spoken by a voice, with a prosody that follows a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import soxr

from antiphon.builtin.audio.options import ScriptLine, SimulatedOptions
from antiphon.builtin.audio.pacing import Pacer, pacer_for
from antiphon.errors import PipelineError
from antiphon.payloads import Audio, Samples, SpeechRequest, VoiceCard
from antiphon.speaking import speak_all
from antiphon.stages import Setup


class SimulatedUser:
    """audio_in ``simulated``."""

    def __init__(self, options: SimulatedOptions, setup: Setup) -> None:
        self._options = options
        self._card: VoiceCard = options.voice.options.voice()
        self._requests = tuple(request_for(line, self._card) for line in options.script)
        self._voice = options.voice.provider.open(options.voice.options, Setup(setup.folder))

    def session(self, seed: int) -> SimulatedSession:
        pacer = pacer_for(self._options.pace, live=False)
        return SimulatedSession(self._options, self._requests, self._card, self._voice.session(seed), seed, pacer)

    def close(self) -> None:
        _close(self._voice)


def request_for(line: ScriptLine, voice: VoiceCard) -> SpeechRequest:
    """What the voice is told for a line of a script that it can speak: raw values within its limits."""
    able = {control.feature.name: control for control in voice.controls}
    values = {name: able[name].clip(raw) for name, raw in line.controls.items()}
    for name, step in line.shifts().items():
        control = able[name]
        values[name] = control.clip(control.feature.from_log(control.mean + step))
    return SpeechRequest(line.text, values)


class SimulatedSession:
    """One run through the script: silence, turn, silence, turn, silence."""

    def __init__(
        self,
        options: SimulatedOptions,
        requests: tuple[SpeechRequest, ...],
        card: VoiceCard,
        voice: Any,
        seed: int,
        pacer: Pacer | None = None,
    ) -> None:
        self._options = options
        self._requests = requests
        self._name = card.name
        self._voice = voice
        self._pacer = pacer
        self._random = np.random.default_rng(seed)
        self._sample_rate = options.sample_rate or card.sample_rate
        self._chunk = max(1, round(options.chunk_s * self._sample_rate))
        self._parts = self._track()
        self._waiting: Samples = np.zeros(0, np.float32)
        self._delivered = 0

    def read(self) -> Audio | None:
        while len(self._waiting) < self._chunk and (part := next(self._parts, None)) is not None:
            self._waiting = np.concatenate([self._waiting, part])
        samples, self._waiting = self._waiting[: self._chunk], self._waiting[self._chunk :]
        if not len(samples):
            return None
        chunk = Audio(self._above_noise(samples), self._sample_rate, self._delivered)
        self._delivered = chunk.end_sample
        if self._pacer is not None:
            self._pacer.wait_until(chunk.end_sample / self._sample_rate)
        return chunk

    def close(self) -> None:
        _close(self._voice)

    def _track(self) -> Iterator[Samples]:
        yield self._silence(self._options.lead_in_s)
        spoken = 0
        while not self._options.repeat or spoken < self._options.repeat:
            for request in self._requests:
                yield self._speak(request)
                yield self._silence(self._options.silence_s)
            spoken += 1

    def _silence(self, duration_s: float) -> Samples:
        return np.zeros(round(duration_s * self._sample_rate), np.float32)

    def _speak(self, request: SpeechRequest) -> Samples:
        audio = speak_all(self._voice, request)
        if audio is None:
            raise PipelineError(f'the simulated user\'s voice "{self._name}" delivered no audio; choose one that does')
        if audio.sample_rate == self._sample_rate:
            return audio.samples
        resampled: Samples = soxr.resample(audio.samples, audio.sample_rate, self._sample_rate)
        return resampled

    def _above_noise(self, samples: Samples) -> Samples:
        if self._options.noise_db is None:
            return samples
        noise = self._random.standard_normal(len(samples), np.float32)
        noisy: Samples = samples + noise * np.float32(10 ** (self._options.noise_db / 20))
        return noisy


def _close(thing: Any) -> None:
    close = getattr(thing, "close", None)
    if close is not None:
        close()
