"""The synthesizer pyttsx3, with the real thing."""

import os
import signal
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from antiphon.errors import ModelError, StageError
from antiphon.payloads import SpeechRequest
from antiphon.stages import Setup
from antiphon.testing import conformance
from antiphon_tts_pyttsx3.options import Pyttsx3Options
from antiphon_tts_pyttsx3.process import JobFailed, SpeechProcess
from antiphon_tts_pyttsx3.synthesizer import Pyttsx3

TEXT = "I feel a little tired today."


class TestPyttsx3(conformance.SynthesizerSuite):
    name = "pyttsx3"


@pytest.fixture(scope="module")
def pyttsx3() -> Iterator[Pyttsx3]:
    component = Pyttsx3(Pyttsx3Options(), Setup())
    yield component
    component.close()


@pytest.fixture
def process() -> Iterator[SpeechProcess]:
    process = SpeechProcess()
    yield process
    process.close()


def test_no_setting_is_lost_in_many_changes(process: SpeechProcess, tmp_path: Path) -> None:
    lengths: dict[int, set[int]] = {}
    for i in range(30):
        settings = {"pitch": 45 + 7 * (i % 7), "rate": (120, 175, 260)[i % 3], "volume": (0.4, 0.9)[i % 2]}
        file = tmp_path / f"{i}.wav"
        assert process.speak(TEXT, "en-us", settings, file, 30) == settings
        with wave.open(str(file)) as speech:  # complete when speak() returns
            samples = np.frombuffer(speech.readframes(speech.getnframes()), "<i2")
        lengths.setdefault(settings["rate"], set()).add(len(samples))
        assert (np.abs(samples.astype(int)).max() > 14_000) == (settings["volume"] == 0.9)
    assert min(lengths[120]) > 1.3 * max(lengths[175]) > 1.6 * max(lengths[260])


def test_text_with_nothing_to_hear(pyttsx3: Pyttsx3) -> None:
    for text in ("", "  ", "...", "\x00"):
        assert pyttsx3.session(0).synthesize(SpeechRequest(text)).audio is None


def test_speech_begins_and_ends_with_sound_at_the_first_attempt(pyttsx3: Pyttsx3) -> None:
    spoken = pyttsx3.session(0).synthesize(SpeechRequest(TEXT))
    assert spoken.audio is not None
    assert spoken.audio.samples[0] != 0
    assert spoken.audio.samples[-1] != 0
    assert spoken.notes == {"attempts": 1}


def test_killed_process_is_replaced(pyttsx3: Pyttsx3) -> None:
    before = pyttsx3.session(0).synthesize(SpeechRequest(TEXT))
    os.kill(pyttsx3.process_id, signal.SIGKILL)
    after = pyttsx3.session(0).synthesize(SpeechRequest(TEXT))
    assert after.notes == {"attempts": 2}
    assert after.audio == before.audio


def test_hanging_process_is_replaced(pyttsx3: Pyttsx3) -> None:
    impatient = Pyttsx3(Pyttsx3Options(attempts=2, timeout_s=3.0), Setup())
    try:
        os.kill(impatient.process_id, signal.SIGSTOP)
        spoken = impatient.session(0).synthesize(SpeechRequest(TEXT))
        assert spoken.notes == {"attempts": 2}
    finally:
        impatient.close()


def test_attempts_come_to_an_end() -> None:
    once = Pyttsx3(Pyttsx3Options(attempts=1), Setup())
    try:
        os.kill(once.process_id, signal.SIGKILL)
        with pytest.raises(StageError, match=r"all 1 attempts failed.*ended"):
            once.session(0).synthesize(SpeechRequest(TEXT))
        assert once.session(0).synthesize(SpeechRequest(TEXT)).audio is not None
    finally:
        once.close()


def test_process_that_cannot_write_tells_why(process: SpeechProcess, tmp_path: Path) -> None:
    settings = {"pitch": 50, "rate": 175, "volume": 0.8}
    with pytest.raises(JobFailed):
        process.speak(TEXT, "no-such-voice", settings, tmp_path / "speech.wav", 30)
    assert process.speak(TEXT, "en-us", settings, tmp_path / "speech.wav", 30) == settings


def test_process_ends_with_the_component() -> None:
    component = Pyttsx3(Pyttsx3Options(), Setup())
    number = component.process_id
    component.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_uncalibrated_voice_is_told_with_the_command() -> None:
    with pytest.raises(ModelError, match=r"de.*not calibrated.*antiphon pyttsx3 calibrate de"):
        Pyttsx3Options(name="de").voice()
