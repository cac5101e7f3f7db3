"""A synthetic vowel whose prosody is known, and two voices to adapt: that vowel, and recordings of a reader."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, PITCH_RANGE, RATE
from antiphon.options import Selection, option
from antiphon.payloads import Audio, Control, SpeechRequest, Spoken, VoiceCard
from antiphon.provider import Provider
from antiphon.stages import Component
from attrs import frozen
from numpy.typing import ArrayLike

SAMPLE_RATE = 16000
VOICE_RATE = 32000  # at low rates, whole samples make every other period of so regular a sound differ
FORMANTS = ((700.0, 110.0), (1200.0, 120.0), (2600.0, 160.0))

MakeVowel = Callable[..., Audio]


def make_vowel(f0: ArrayLike, seconds: float = 1.0, sample_rate: int = SAMPLE_RATE, level: float = 0.1) -> Audio:
    """Harmonics of `f0` (Hz, a number or one a sample) under three formants, with a root mean square of `level`."""
    count = round(seconds * sample_rate)
    contour = np.broadcast_to(np.asarray(f0, dtype=float), (count,))
    phase = 2 * np.pi * np.cumsum(contour) / sample_rate
    sound = np.zeros(count)
    for k in range(1, int(3500 / contour.max()) + 1):
        frequency = k * contour.mean()
        gain = sum(1 / (1 + ((frequency - centre) / width) ** 2) for centre, width in FORMANTS)
        sound += gain / k**0.5 * np.cos(k * phase)
    return Audio(level * sound / np.sqrt(np.mean(sound**2)), sample_rate)


@frozen
class VowelOptions:
    def voice(self) -> VoiceCard:
        controls = (
            Control(PITCH_MEAN, np.log(150.0), 0.1, 140.0, 160.0),
            Control(PITCH_RANGE, np.log(1.5), 0.2, 1.4, 1.6),
            Control(INTENSITY_MEAN, 70.0, 2.0, 65.0, 72.0),
            Control(RATE, np.log(4.0), 0.15, 3.8, 4.2),
        )
        return VoiceCard("vowel", VOICE_RATE, controls)


class Vowel(Component[VowelOptions]):
    """Says a falling and rising vowel, a quarter of a second a letter; keeps the controls that it is given."""

    def session(self, seed: int) -> Vowel:
        return self

    def synthesize(self, request: SpeechRequest) -> Spoken:
        self.controls = dict(request.controls)
        if not request.text:
            return Spoken()
        seconds = 0.25 * len(request.text)
        swing = np.sin(2 * np.pi * np.arange(round(seconds * VOICE_RATE)) / VOICE_RATE)
        return Spoken(make_vowel(150.0 * 1.22**swing, seconds, VOICE_RATE))


class Noise(Component[VowelOptions]):
    """Hisses."""

    def session(self, seed: int) -> Noise:
        return self

    def synthesize(self, request: SpeechRequest) -> Spoken:
        return Spoken(Audio(np.random.default_rng(0).normal(0, 0.01, SAMPLE_RATE), SAMPLE_RATE))


@frozen
class ReaderOptions:
    folder: Path = option(help="The recordings' folder.")

    def voice(self) -> VoiceCard:
        return VoiceCard("reader", 22050)


class Reader(Component[ReaderOptions]):
    """Plays the recording whose id is the text."""

    def session(self, seed: int) -> Reader:
        return self

    def synthesize(self, request: SpeechRequest) -> Spoken:
        import soundfile

        return Spoken(Audio(*soundfile.read(self.options.folder / "wavs" / f"{request.text}.flac")))


def _chosen(implementation: str, options: object) -> Selection:
    provider = Provider(implementation.lower(), "for tests", f"{__file__}:{implementation}")
    return Selection("synthesizer", provider, options)


@pytest.fixture
def vowel() -> MakeVowel:
    return make_vowel


@pytest.fixture
def vowel_voice() -> Selection:
    return _chosen("Vowel", VowelOptions())


@pytest.fixture
def hiss_voice() -> Selection:
    return _chosen("Noise", VowelOptions())


@pytest.fixture
def reader_voice(kathleen: Path) -> Selection:
    return _chosen("Reader", ReaderOptions(kathleen))


@pytest.fixture
def reader_ids(kathleen: Path) -> list[str]:
    with (kathleen / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file, delimiter="|")]
