"""Suites of the agent's side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from antiphon.payloads import Audio, Mel, MelSettings, SpeechRequest, Spoken, VoiceCard
from antiphon.provider import Provider
from antiphon.testing.conformance.calls import Call, call, results, same
from antiphon.testing.conformance.checks import check_audio, check_extras
from antiphon.testing.conformance.inputs import ODD_TEXTS, chunks, speechlike
from antiphon.testing.conformance.suite import Conversation, Suite

SENTENCE = "The boat left the harbour early in the morning."


class SynthesizerSuite(Suite):
    """Voices, plain and streaming, of audio or of mel spectrograms."""

    stage = "synthesizer"

    @pytest.fixture
    def voice(self, chosen: Any) -> VoiceCard:
        """What it says of itself before it is opened."""
        voice = chosen.voice()
        assert isinstance(voice, VoiceCard), f"voice() returned {voice!r}"
        return voice

    @pytest.fixture
    def speak(self, provider: Provider) -> str:
        """The method that speaks."""
        return "stream" if "streaming" in provider.capabilities else "synthesize"

    @pytest.fixture
    def long_text(self) -> str:
        """Much to say; override it for slow voices."""
        return " ".join([SENTENCE] * 20)

    @pytest.fixture
    def conversations(self, voice: VoiceCard, speak: str) -> tuple[Conversation, Conversation]:
        high = {c.feature.name: c.clip(c.from_z(1)) for c in voice.controls}
        low = {c.feature.name: c.clip(c.from_z(-1)) for c in voice.controls}
        return (
            [call(speak, SpeechRequest("Good morning.")), call(speak, SpeechRequest(SENTENCE, high))],
            [call(speak, SpeechRequest(SENTENCE, low)), call(speak, SpeechRequest("Good evening."))],
        )

    @pytest.fixture
    def odd(self, voice: VoiceCard, speak: str, long_text: str) -> Mapping[str, Conversation]:
        after = call(speak, SpeechRequest("Good morning."))
        lowest = {c.feature.name: c.low for c in voice.controls}
        highest = {c.feature.name: c.high for c in voice.controls}
        beyond = {c.feature.name: 10 * abs(c.high) + 1 for c in voice.controls}
        return {
            **{label: [call(speak, SpeechRequest(text)), after] for label, text in ODD_TEXTS.items()},
            "a long text": [call(speak, SpeechRequest(long_text)), after],
            "all controls at their lowest": [call(speak, SpeechRequest(SENTENCE, lowest)), after],
            "all controls at their highest": [call(speak, SpeechRequest(SENTENCE, highest)), after],
            "all controls beyond their limits": [call(speak, SpeechRequest(SENTENCE, beyond)), after],
            "a control that it lacks": [call(speak, SpeechRequest(SENTENCE, {"unheard_of": 1.0})), after],
        }

    @pytest.fixture(autouse=True)
    def _remember_what_it_promises(self, provider: Provider, voice: VoiceCard) -> None:
        self._sample_rate, self._mel = voice.sample_rate, "mel" in provider.capabilities

    def check(self, one: Call, result: Any) -> None:
        for spoken in result if one.method == "stream" else [result]:
            assert isinstance(spoken, Spoken), f"{one.method}() gave {spoken!r}"
            check_extras(spoken.notes)
            if spoken.mel is not None:
                assert self._mel, 'mel spectrograms need the capability "mel"'
                assert isinstance(spoken.mel, Mel), f"{spoken.mel!r} is no Mel"
                assert np.isfinite(spoken.mel.frames).all(), "the spectrogram is not finite"
            if spoken.audio is not None:
                check_audio(spoken.audio)
                rate = spoken.audio.sample_rate
                assert rate == self._sample_rate, f"the voice card says {self._sample_rate} Hz, the audio {rate} Hz"

    def test_voice_card_is_possible(self, voice: VoiceCard) -> None:
        assert voice.name, "the voice has no name"
        assert voice.sample_rate > 0, "the voice has no sample rate"
        names = [control.feature.name for control in voice.controls]
        assert len(set(names)) == len(names), f"a control is named twice: {names}"
        for control in voice.controls:
            assert control.feature.scale == "raw", f"{control.feature} is a control; controls are raw"
            assert control.low < control.high, f"{control.feature.name}: its limits are {control.low}, {control.high}"
            assert control.sd > 0, f"{control.feature.name}: its sd is {control.sd}"
            natural = control.from_z(0)
            assert control.low <= natural <= control.high, f"{control.feature.name}: the voice's mean is {natural}"

    def test_every_control_can_be_heard(self, component: Any, voice: VoiceCard, speak: str) -> None:
        for control in voice.controls:
            name = control.feature.name
            requests = [SpeechRequest(SENTENCE, {name: control.clip(control.from_z(z))}) for z in (-1.5, 1.5)]
            low, high = (call(speak, request).on(component.session(0)) for request in requests)
            assert not same(low, high), f"{name} changes nothing"

    def test_an_utterance_can_be_cut_off(self, component: Any, speak: str) -> None:
        if speak != "stream":
            pytest.skip("speaks whole utterances")
        request = call(speak, SpeechRequest("Good morning."))
        session = component.session(0)
        for heard in (1, 0):  # cut off after the first piece, and before it
            pieces = session.stream(SpeechRequest(SENTENCE))
            for _ in range(heard):
                next(pieces, None)
            pieces.close()
            again = request.on(session)
            self.check(request, again)
            if self.repeatable:
                whole = request.on(component.session(0))
                assert same(_sound(again), _sound(whole)), "what was cut off is heard in the next utterance"


def _sound(pieces: list[Spoken]) -> list[float]:
    return [sample for piece in pieces if piece.audio for sample in piece.audio.samples.tolist()]


class VocoderSuite(Suite):
    """Vocoders."""

    stage = "vocoder"

    @pytest.fixture
    def settings(self, chosen: Any) -> MelSettings:
        """The spectrograms that it expects."""
        settings = chosen.mel_settings()
        assert isinstance(settings, MelSettings), f"mel_settings() returned {settings!r}"
        return settings

    @pytest.fixture
    def conversations(self, settings: MelSettings) -> tuple[Conversation, Conversation]:
        return (
            [call("vocode", _mel(settings, 40, 0)), call("vocode", _mel(settings, 25, 1))],
            [call("vocode", _mel(settings, 30, 2)), call("vocode", _mel(settings, 40, 0))],
        )

    @pytest.fixture
    def odd(self, settings: MelSettings) -> Mapping[str, Conversation]:
        usual = call("vocode", _mel(settings, 10, 0))
        narrow = Mel(np.zeros((10, max(1, settings.bands // 2)), dtype=np.float32), settings)
        return {
            "no frames": [call("vocode", _mel(settings, 0, 0)), usual],
            "one frame": [call("vocode", _mel(settings, 1, 0)), usual],
            "silence": [call("vocode", Mel(np.full((20, settings.bands), -30, dtype=np.float32), settings)), usual],
            "too few bands": [call("vocode", narrow), usual],
        }

    @pytest.fixture(autouse=True)
    def _remember_what_it_expects(self, settings: MelSettings) -> None:
        self._settings = settings

    def check(self, one: Call, result: Any) -> None:
        check_audio(result)
        assert result.sample_rate == self._settings.sample_rate, "its audio has another rate than its spectrograms"
        expected, slack = len(one.arguments[0].frames) * self._settings.hop, self._settings.n_fft
        assert abs(len(result.samples) - expected) <= slack, f"{len(result.samples)} samples, not about {expected}"


def _mel(settings: MelSettings, frames: int, seed: int) -> Mel:
    levels = np.random.default_rng(seed).normal(-5, 1.5, (frames, settings.bands))
    return Mel(levels.astype(np.float32), settings)


class AudioOutSuite(Suite):
    """Sinks of the agent's audio."""

    stage = "audio_out"

    @pytest.fixture
    def utterance(self) -> Audio:
        """What is played."""
        return speechlike(16000, 0.3)

    @pytest.fixture
    def conversations(self, utterance: Audio) -> tuple[Conversation, Conversation]:
        rate = utterance.sample_rate
        play = [call("play", chunk) for chunk in chunks(utterance, 0.1)]
        return (
            [call("begin", rate, 0.5), *play, call("stop"), call("begin", rate, 2.0), *play, call("stop")],
            [call("begin", rate, 1.0), play[0], call("stop"), call("begin", rate, 3.0), *play, call("stop")],
        )

    @pytest.fixture
    def odd(self, utterance: Audio) -> Mapping[str, Conversation]:
        begin, play = call("begin", utterance.sample_rate, 0.0), call("play", utterance)
        pending, stop = call("pending_s"), call("stop")
        late = call("begin", utterance.sample_rate, 5.0)
        return {
            "nothing played": [begin, pending, begin, stop],
            "no samples": [begin, call("play", utterance.between(0, 0)), pending, stop],
            "one sample": [begin, call("play", utterance.between(0, 1)), pending, stop],
            "play before begin": [play, stop],
            "pending before begin": [pending],
            "stop before begin": [stop],
            "stop twice": [begin, play, stop, stop],
            "pending after stop": [begin, play, stop, pending],
            "begin twice": [begin, begin, play, stop],
            "begin without stop": [begin, play, late, play, stop],
            "begin in the past": [late, play, stop, begin, play, stop],
            **{f"{hz} Hz": [call("begin", hz, 0.0), call("play", speechlike(hz, 0.2)), stop] for hz in (8000, 96000)},
        }

    def check(self, one: Call, result: Any) -> None:
        if one.method == "stop":
            assert isinstance(result, int), f"stop() returned {result!r}, not a number of samples"
            assert result >= 0, f"stop() returned {result}"
        elif one.method == "pending_s":
            assert isinstance(result, float | int), f"pending_s() returned {result!r}, not seconds"
            assert result >= 0, f"pending_s() returned {result}"
        else:
            assert result is None, f"{one.method}() returned {result!r}"

    def test_no_more_is_heard_than_was_played(self, component: Any, utterance: Audio) -> None:
        session = component.session(0)
        calls = [call("begin", utterance.sample_rate, 0.0), call("play", utterance), call("stop")]
        heard = results(session, calls)[-1]
        assert 0 <= heard <= len(utterance.samples), f"{heard} samples of {len(utterance.samples)} were heard"

    def test_what_is_stopped_is_no_longer_pending(self, component: Any, utterance: Audio) -> None:
        session = component.session(0)
        results(session, [call("begin", utterance.sample_rate, 0.0), call("play", utterance)])
        assert session.pending_s() <= utterance.duration_s + 1e-6, "more is pending than was played"
        session.stop()
        assert session.pending_s() == 0, "after stop() audio is still pending"
