"""The built-in sources, sinks, endpointer, responders and text stages pass the conformance suites."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from antiphon.audio_files import write_wav
from antiphon.testing import conformance, plugin
from antiphon.testing.conformance.inputs import joined, silence, speechlike


class TestFileIn(conformance.AudioInSuite):
    name = "file"

    @pytest.fixture
    def options_table(self, tmp_path: Path) -> dict[str, Any]:
        write_wav(tmp_path / "user.wav", joined(silence(0.5), speechlike(), silence(0.505)))
        return {"path": str(tmp_path / "user.wav")}


class TestSimulated(conformance.AudioInSuite):
    name = "simulated"
    modules: ClassVar[list[tuple[str, Any]]] = [("fakes", plugin)]
    options: ClassVar[dict[str, Any]] = {
        "voice": {"use": "fake"},
        "script": [{"text": "good morning"}, {"text": "how are you today", "pitch_st": 3, "rate_ratio": 1.2}],
    }


class TestSimulatedByAStreamingVoice(TestSimulated):
    options: ClassVar[dict[str, Any]] = {**TestSimulated.options, "voice": {"use": "fake-streaming"}}


class TestTerminalIn(conformance.AudioInSuite):
    name = "terminal"
    repeatable = False
    reads = 3

    @pytest.fixture(autouse=True)
    def typed(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        yield from stdin_holding("hello\nhow are you\n", monkeypatch)


class TestTerminalRecognizer(conformance.RecognizerSuite):
    name = "terminal"
    repeatable = False

    @pytest.fixture(autouse=True)
    def typed(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        yield from stdin_holding("one\ntwo\n", monkeypatch)


def stdin_holding(text: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A pipe as standard input."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    with open(reading, encoding="utf-8") as stdin:  # noqa: PTH123  a descriptor, no path
        monkeypatch.setattr(sys, "stdin", stdin)
        yield


class TestEnergy(conformance.EndpointerSuite):
    name = "energy"


class TestConstantFeatures(conformance.FeaturesSuite):
    name = "constant"
    options: ClassVar[dict[str, Any]] = {"values": {"pitch_mean": 180.0, "rate": 4.5}, "fuzz": 0.2}


class TestEliza(conformance.ResponderSuite):
    name = "eliza"


class TestScripted(conformance.ResponderSuite):
    name = "scripted"
    options: ClassVar[dict[str, Any]] = {
        "lines": ["one", "two"],
        "rules": [{"pattern": r"hello(.*)", "replies": [r"hello\1", "hi"]}],
    }


class TestConstant(conformance.ResponderSuite):
    name = "constant"


class TestNoVoice(conformance.SynthesizerSuite):
    name = "none"


class TestNoneOut(conformance.AudioOutSuite):
    name = "none"


class TestFileOut(conformance.AudioOutSuite):
    name = "file"

    @pytest.fixture
    def options_table(self, tmp_path: Path) -> dict[str, Any]:
        return {"path": str(tmp_path / "agent.wav")}
