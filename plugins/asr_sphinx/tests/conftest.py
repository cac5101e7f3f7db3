"""Speech to recognise: real where the corpus is, and digits spoken by eSpeak NG where that plugin is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from antiphon.discovery import Plugins
from antiphon.payloads import Audio, SpeechRequest
from antiphon.stages import Setup
from antiphon_asr_sphinx.options import RecognizerOptions
from antiphon_asr_sphinx.recognizer import SphinxRecognizer

Say = Callable[[str], Audio]

DIGITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.fixture(scope="session")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SphinxRecognizer]:
    """Knows the digits, which is fast and certain. All tests share it: sessions must not notice."""
    path = tmp_path_factory.mktemp("grammar") / "digits.gram"
    path.write_text(f"#JSGF V1.0;\ngrammar digits;\npublic <digits> = ({' | '.join(DIGITS)})+;\n", encoding="utf-8")
    component = SphinxRecognizer(RecognizerOptions(grammar=path), Setup())
    yield component
    component.close()


@pytest.fixture(scope="session")
def dictation() -> Iterator[SphinxRecognizer]:
    """Knows the English language, as it is without options. All tests share it."""
    component = SphinxRecognizer(RecognizerOptions(), Setup())
    yield component
    component.close()


@pytest.fixture(scope="session")
def say() -> Say:
    """Speaks a text without silence around it, 22,050 Hz."""
    found = [r.provider for r in Plugins().registered("synthesizer") if r.provider.name == "espeak"]
    if not found:
        pytest.skip("needs the plugin antiphon-tts-espeak")
    voice = found[0].open(found[0].options_class()(), Setup())

    def speak(text: str) -> Audio:
        pieces = [spoken.audio for spoken in voice.session(0).stream(SpeechRequest(text)) if spoken.audio is not None]
        return Audio(np.concatenate([piece.samples for piece in pieces]), pieces[0].sample_rate)

    return speak


@pytest.fixture(scope="session")
def digits(say: Say) -> Audio:
    """ "One two three four five"."""
    return say("one two three four five")


@pytest.fixture
def sentence(kathleen: Path) -> Audio:
    """ "Author of the danger trail, Philip Steels, etc.", read by a human."""
    return read(kathleen / "wavs" / "arctic_a0001_1.flac")


def read(path: Path) -> Audio:
    return Audio(*soundfile.read(path, dtype="float32"))
