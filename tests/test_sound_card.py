"""A dialogue by microphone and loudspeaker, on a virtual sound card: what is said goes in, and the answer comes out."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import soxr
from antiphon.audio_files import read_audio
from antiphon.payloads import Audio, Samples, SpeechRequest
from antiphon.profile import load_profile
from antiphon.recording.reader import Recording, read_recording
from antiphon.speaking import speak_all
from antiphon.stages import Setup
from antiphon_audio_sr.testing import SAMPLE_RATE, VirtualSoundCard, why_unavailable

PROFILES = Path(__file__).resolve().parent.parent / "profiles"
SENTENCE = "i feel a little tired today"

pytestmark = pytest.mark.long


@pytest.fixture
def card() -> Iterator[VirtualSoundCard]:
    reason = why_unavailable()
    if reason:
        pytest.skip(reason)
    with TemporaryDirectory(prefix="card-") as folder, VirtualSoundCard(Path(folder)) as card:
        yield card


def test_a_dialogue_by_microphone_and_loudspeaker(card: VirtualSoundCard, tmp_path: Path) -> None:
    with _dialogue(card, tmp_path, "talk.toml", "--turns", "1") as process:
        _wait_until_it_listens(tmp_path, process)
        card.say(_spoken(SENTENCE))
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors

    recording = read_recording(Path(output.strip()))
    user, agent = recording.turns
    assert len(set(SENTENCE.split()) & set(user.text.split())) >= 4, user.text
    assert user.features["pitch_mean"].value == pytest.approx(_pitch_of_the_user(), rel=0.1)
    assert set(agent.controls) == {"pitch_mean", "pitch_range", "intensity_mean", "rate"}
    assert agent.start_s > user.end_s
    assert _places(recording, card.heard()), "the loudspeaker played what the recording says"


def test_the_user_interrupts(card: VirtualSoundCard, tmp_path: Path) -> None:
    """The card keeps the loudspeaker away from the microphone, as headphones do."""
    long_answer = 'responder={use="constant", options={text="' + "This is a very long answer. " * 6 + '"}}'
    with _dialogue(card, tmp_path, "barge-in.toml", "--turns", "2", "--set", long_answer) as process:
        _wait_until_it_listens(tmp_path, process)
        card.say(_spoken(SENTENCE))
        _wait(tmp_path, process, '"kind": "speaking"')
        card.say(_spoken("my mother called me yesterday"))
        output, errors = process.communicate(timeout=180)
    assert process.returncode == 0, errors
    recording = read_recording(Path(output.strip()))
    first = next(turn for turn in recording.turns if turn.speaker == "agent")
    assert first.interrupted
    assert 0 <= first.extras["heard_share"] < 0.9
    assert [turn.speaker for turn in recording.turns] == ["user", "agent", "user", "agent"]


def test_ctrl_c_ends_it(card: VirtualSoundCard, tmp_path: Path) -> None:
    with _dialogue(card, tmp_path, "talk.toml") as process:
        _wait_until_it_listens(tmp_path, process)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    (folder,) = (tmp_path / "sessions").iterdir()
    assert read_recording(folder).complete


@contextmanager
def _dialogue(card: VirtualSoundCard, tmp_path: Path, profile: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = ["run", str(PROFILES / profile), "-q", "--sessions", str(tmp_path / "sessions"), *arguments]
    process = subprocess.Popen(
        [sys.executable, "-m", "antiphon", *command],
        env={**os.environ, **card.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background jobs ignore it, and so would the child.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait_until_it_listens(tmp_path: Path, process: subprocess.Popen[str]) -> None:
    """The recording grows as soon as the microphone delivers."""
    _wait(tmp_path, process, '"kind": "listening"')
    _until(process, lambda: any(f.stat().st_size > 50_000 for f in (tmp_path / "sessions").glob("*/user.wav")))


def _wait(tmp_path: Path, process: subprocess.Popen[str], event: str) -> None:
    _until(process, lambda: any(event in f.read_text("utf-8") for f in (tmp_path / "sessions").glob("*/events.jsonl")))


def _until(process: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    while not happened():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def _spoken(text: str) -> Audio:
    voice = load_profile(PROFILES / "demo.toml").audio_in.selection.options.voice
    audio = speak_all(voice.provider.open(voice.options, Setup()).session(0), SpeechRequest(text, {}))
    assert audio is not None
    rate = SAMPLE_RATE
    return Audio(soxr.resample(audio.samples, audio.sample_rate, rate), rate)


def _pitch_of_the_user() -> float:
    control = (
        load_profile(PROFILES / "demo.toml").audio_in.selection.options.voice.options.voice().control("pitch_mean")
    )
    return float(control.from_z(0))


def _places(recording: Recording, heard: Samples) -> bool:
    """Whether the agent's recorded track is in what the loudspeaker played."""
    agent = read_audio(recording.folder / "agent.wav")
    turn = recording.turns[-1]
    spoken = agent.between(round(turn.start_s * agent.sample_rate), round(turn.end_s * agent.sample_rate))
    pattern = soxr.resample(spoken.samples, agent.sample_rate, SAMPLE_RATE)
    size = 1 << (len(heard) + len(pattern)).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(pattern, size)), size)
    at = int(np.argmax(product[: len(heard)]))
    found = heard[at : at + len(pattern)]
    return len(found) == len(pattern) and float(np.corrcoef(found, pattern)[0, 1]) > 0.95
