"""The microphone, on a virtual sound card: what is said arrives whole, whoever reads and however late."""

import logging
import threading
import time

import numpy as np
import pytest
import speech_recognition
from antiphon.errors import DeviceError
from antiphon.payloads import Audio, Samples
from antiphon.stages import Setup
from antiphon_audio_sr.microphone import MicrophoneInput, MicrophoneSession
from antiphon_audio_sr.options import MicrophoneOptions
from antiphon_audio_sr.sounddevice_pyaudio import Microphone
from antiphon_audio_sr.testing import SAMPLE_RATE, VirtualSoundCard


def sweep(seconds: float, rate: int = SAMPLE_RATE) -> Audio:
    """A tone that rises from 200 to 2,000 Hz, so that every moment of it is different."""
    time_s = np.arange(round(seconds * rate)) / rate
    tone = 0.3 * np.sin(2 * np.pi * (200 * time_s + 900 / seconds * time_s**2))
    return Audio(tone.astype(np.float32), rate)


def options(**chosen: object) -> MicrophoneOptions:
    return MicrophoneOptions(**{"sample_rate": SAMPLE_RATE, "device": "default", **chosen})


def read(session: MicrophoneSession, seconds: float) -> list[Audio]:
    chunks: list[Audio] = []
    while not chunks or chunks[-1].end_sample < seconds * chunks[0].sample_rate:
        chunk = session.read()
        assert chunk is not None
        chunks.append(chunk)
    return chunks


def samples(chunks: list[Audio]) -> Samples:
    return np.concatenate([chunk.samples for chunk in chunks])


def assert_contains(recording: Samples, said: Samples) -> None:
    """Every sample of what was said is there, in order, at one place."""
    size = 1 << (len(recording) + len(said)).bit_length()
    product = np.fft.irfft(np.fft.rfft(recording, size) * np.conj(np.fft.rfft(said, size)), size)
    at = int(np.argmax(product[: len(recording)]))
    found = recording[at : at + len(said)]
    assert len(found) == len(said)
    assert np.max(np.abs(found - said)) < 2e-4


def test_what_is_said_arrives_exactly(sound_card: VirtualSoundCard) -> None:
    said = sweep(1.0)
    session = MicrophoneInput(options(), Setup()).session(0)
    first = session.read()
    assert first is not None
    sound_card.say(said)
    chunks = [first, *read(session, 2.5)]
    session.close()
    assert session.read() is None

    assert_contains(samples(chunks), said.samples)
    assert {chunk.sample_rate for chunk in chunks} == {SAMPLE_RATE}
    assert {len(chunk.samples) for chunk in chunks} == {SAMPLE_RATE // 50}
    assert [chunk.start_sample for chunk in chunks] == [n * SAMPLE_RATE // 50 for n in range(len(chunks))]


def test_nothing_is_lost_while_nobody_reads(sound_card: VirtualSoundCard) -> None:
    said = sweep(1.0)
    session = MicrophoneInput(options(), Setup()).session(0)
    chunks = read(session, 0.1)
    sound_card.say(said).wait()
    time.sleep(0.5)
    chunks += read(session, 2.0)
    session.close()
    assert_contains(samples(chunks), said.samples)


def test_sessions_record_apart(sound_card: VirtualSoundCard) -> None:
    said = sweep(0.5)
    microphone = MicrophoneInput(options(), Setup())
    one, other = microphone.session(0), microphone.session(0)
    heard_by_one, heard_by_other = read(one, 0.1), read(other, 0.1)
    sound_card.say(said)
    for _ in range(75):
        heard_by_one += [chunk for chunk in [one.read()] if chunk]
        heard_by_other += [chunk for chunk in [other.read()] if chunk]
    one.close()
    other.close()
    assert_contains(samples(heard_by_one), said.samples)
    assert_contains(samples(heard_by_other), said.samples)


def test_close_ends_a_read_that_waits(sound_card: VirtualSoundCard) -> None:
    session = MicrophoneInput(options(), Setup()).session(0)
    read(session, 0.1)
    closer = threading.Timer(0.2, session.close)
    closer.start()
    while session.read() is not None:
        pass
    closer.join()
    assert session.read() is None


def test_noise_is_reported_and_the_audio_kept(sound_card: VirtualSoundCard, caplog: pytest.LogCaptureFixture) -> None:
    session = MicrophoneInput(options(calibrate_s=0.3), Setup()).session(0)
    with caplog.at_level(logging.INFO):
        chunks = read(session, 0.5)
    session.close()
    assert chunks[0].start_sample == 0
    assert session.noise_db == -np.inf
    assert "digital silence" in caplog.text


def test_says_which_microphones_there_are(sound_card: VirtualSoundCard) -> None:
    with pytest.raises(DeviceError, match=r'"kazoo"; there are .*"default"'):
        MicrophoneInput(options(device="kazoo"), Setup())


def test_serves_speech_recognitions_own_interface(sound_card: VirtualSoundCard) -> None:
    said = sweep(0.5)
    with Microphone(sample_rate=SAMPLE_RATE) as source:
        sound_card.say(said)
        recorded = speech_recognition.Recognizer().record(source, duration=1.5)
    recording = np.frombuffer(recorded.get_raw_data(), dtype=np.int16) / np.float32(32768)
    assert_contains(recording, said.samples)
