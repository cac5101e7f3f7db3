"""Variants of a recording with another pitch, pitch range and rate: one reader's speech moves too little by itself.

The recording is played as a voice that knows one utterance, and the engine's voice ``praat-adapt`` moves it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from antiphon.discovery import Plugins
from antiphon.errors import PluginNotFound
from antiphon.features import PITCH_MEAN, PITCH_RANGE, RATE
from antiphon.options import Selection
from antiphon.payloads import Audio, Control, SpeechRequest, Spoken, VoiceCard
from antiphon.provider import Provider
from antiphon.stages import Setup
from attrs import define, frozen


@frozen
class Spread:
    """How far variants are moved: uniform between plus and minus each value."""

    pitch_st: float = 4.0
    range_log2: float = 0.7
    """Of the logarithm of the range: 0.7 takes it to its power of 1.6."""
    rate_log2: float = 0.48


@define
class Tape:
    """A voice that knows one utterance; it is its own options and session."""

    audio: Audio | None = None

    def voice(self) -> VoiceCard:
        """Rate 1 is that of the recording; the other means are measured by who adapts it."""
        features = ((PITCH_MEAN, 5.0), (PITCH_RANGE, 0.5), (RATE, 0.0))
        controls = tuple(Control(spec, mean, 1.0, 0.0, math.inf) for spec, mean in features)
        return VoiceCard("tape", 0, controls)

    def session(self, seed: int) -> Tape:
        return self

    def synthesize(self, request: SpeechRequest) -> Spoken:
        return Spoken(self.audio)


def open_tape(tape: Tape, setup: Setup) -> Tape:
    """What the tape's provider opens."""
    return tape


class Variation:
    """Makes variants.

    Raises:
        PluginNotFound: ``praat-adapt`` is not installed.
    """

    def __init__(self, plugins: Plugins, spread: Spread) -> None:
        try:
            provider = plugins.find("synthesizer", "praat-adapt").provider
        except PluginNotFound as error:
            raise PluginNotFound(
                f"recordings are varied with the voice praat-adapt: {error}; install antiphon-features-praat"
            ) from error
        self._spread = spread
        self._tape = Tape()
        tape = Provider("tape", "One utterance", f"{__name__}:open_tape", options=f"{__name__}:Tape")
        options = provider.options_class()(base=Selection("synthesizer", tape, self._tape), corrections=0)
        self._adapt: Any = provider.open(options, Setup())

    def vary(self, audio: Audio, measured: Mapping[str, float], seed: int) -> Audio | None:
        """A variant moved at random; None where nothing can be moved. ``measured`` are the recording's raw values."""
        if not {PITCH_MEAN.name, PITCH_RANGE.name} <= measured.keys():
            return None
        spread = (self._spread.pitch_st / 12, self._spread.range_log2, self._spread.rate_log2)
        pitch, width, rate = np.random.default_rng(seed).uniform(-1.0, 1.0, 3) * spread
        wanted = {
            PITCH_MEAN.name: measured[PITCH_MEAN.name] * 2.0**pitch,
            PITCH_RANGE.name: measured[PITCH_RANGE.name] ** (2.0**width),
            RATE.name: 2.0**rate,
        }
        self._tape.audio = audio
        spoken: Spoken = self._adapt.session(seed).synthesize(SpeechRequest("", wanted))
        return None if "unmoved" in spoken.notes else spoken.audio
