"""Fakes of the agent's side: synthesizers, vocoder and loudspeaker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from antiphon.errors import StageError
from antiphon.payloads import Audio, Mel, SpeechRequest, Spoken
from antiphon.stages import Setup
from antiphon.testing.fakes.faults import Fake, FakeSession
from antiphon.testing.fakes.options import AudioOutOptions, SynthesizerOptions, VocoderOptions
from antiphon.testing.fakes.tone import from_mel, syllables, to_mel, tone, voice


def _sound(request: SpeechRequest) -> tuple[float, float, float]:
    """Pitch, level and duration of the tone that a request asks for."""
    controls = {c.feature.name: request.controls.get(c.feature.name, c.from_z(0)) for c in voice(16000).controls}
    return controls["pitch_mean"], controls["intensity_mean"], syllables(request.text) / controls["rate"]


def _hum(request: SpeechRequest, sample_rate: int) -> Audio | None:
    """A tone, as long as the syllables of the text at the requested rate."""
    samples = tone(*_sound(request), sample_rate)
    return Audio(samples, sample_rate) if len(samples) else None


class HumSession(FakeSession[SynthesizerOptions]):
    """A tone a text."""

    def synthesize(self, request: SpeechRequest) -> Spoken:
        return Spoken(_hum(request, self.options.sample_rate))


class Hum(Fake[SynthesizerOptions]):
    """Hums."""

    session_class = HumSession


class StreamingHumSession(FakeSession[SynthesizerOptions]):
    """The same tone in pieces."""

    def stream(self, request: SpeechRequest) -> Iterator[Spoken]:
        audio = _hum(request, self.options.sample_rate)
        if audio is None:
            return
        size = max(1, round(self.options.chunk_s * audio.sample_rate))
        for start in range(0, len(audio.samples), size):
            yield Spoken(audio.between(start, start + size))


class StreamingHum(Fake[SynthesizerOptions]):
    """Hums piece by piece."""

    session_class = StreamingHumSession


class MelHumSession(FakeSession[SynthesizerOptions]):
    """The spectrogram of the tone."""

    def synthesize(self, request: SpeechRequest) -> Spoken:
        mel = to_mel(*_sound(request))
        return Spoken(mel=mel if len(mel.frames) else None)


class MelHum(Fake[SynthesizerOptions]):
    """Writes down how it would hum."""

    session_class = MelHumSession


class VocoderSession(FakeSession[VocoderOptions]):
    """A tone in the strongest band of the spectrogram."""

    def vocode(self, mel: Mel) -> Audio:
        return Audio(from_mel(mel), mel.settings.sample_rate)


class Vocoder(Fake[VocoderOptions]):
    """Hums what is written down."""

    session_class = VocoderSession


class LoudspeakerSession(FakeSession[AudioOutOptions]):
    """Plays into nothing, at the pace of a clock that starts with the first sound of each utterance.

    Attributes:
        played: all audio that was queued, utterance by utterance.
        heard: how many samples of each utterance were heard, known when it was stopped or the next one began.
    """

    def __init__(self, options: AudioOutOptions, setup: Setup, seed: int, clock: Callable[[], float]) -> None:
        super().__init__(options, setup, seed)
        self.played: list[list[Audio]] = []
        self.heard: list[int] = []
        self._clock = clock
        self._rate = 1
        self._began: float | None = None
        self._playing = False

    def begin(self, sample_rate: int, start_s: float) -> None:
        self.stop()
        self._rate = sample_rate
        self._began, self._playing = None, True
        self.played.append([])
        self.heard.append(0)

    def play(self, audio: Audio) -> None:
        if not self._playing:
            raise StageError("audio_out", "begin() comes before play()")
        if self._began is None:
            self._began = self._clock()
        self.played[-1].append(audio)

    def pending_s(self) -> float:
        return (self._queued() - self._position()) / self._rate if self._playing else 0.0

    def stop(self) -> int:
        if self._playing:
            self.heard[-1] = self._position()
            self._playing = False
        return self.heard[-1] if self.heard else 0

    def _queued(self) -> int:
        return sum(len(audio.samples) for audio in self.played[-1])

    def _position(self) -> int:
        if self.options.speed is None or self._began is None:
            return self._queued()
        return min(self._queued(), int((self._clock() - self._began) * self.options.speed * self._rate))


class Loudspeaker(Fake[AudioOutOptions]):
    """Plays into nothing. Tests that hold the clock themselves give their own ``clock``, in seconds."""

    def __init__(self, options: AudioOutOptions, setup: Setup, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(options, setup)
        self._clock = clock

    def _make(self, seed: int) -> LoudspeakerSession:
        return LoudspeakerSession(self.options, self.setup, seed, self._clock)
