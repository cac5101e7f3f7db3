"""Turns one recording into items; runs in worker processes, because Praat holds the GIL."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from antiphon.discovery import Plugins
from antiphon.errors import AudioError
from antiphon.features import PROSODY, present
from antiphon.payloads import Audio, MelSettings
from attrs import frozen

from antiphon_tts_tacotron2.mel import log_mel
from antiphon_tts_tacotron2.preparation.corpus import Recording
from antiphon_tts_tacotron2.preparation.item import NATURAL, Item, Outcome, stable_seed
from antiphon_tts_tacotron2.preparation.measuring import Prosody
from antiphon_tts_tacotron2.preparation.variation import Spread, Variation
from antiphon_tts_tacotron2.preparation.waveform import LONGEST_S, read_speech


@frozen
class Settings:
    """How recordings are prepared."""

    mels: Path
    mel: MelSettings
    variants: int
    spread: Spread
    seed: int


class Processor:
    """Holds what is expensive to open."""

    def __init__(self, settings: Settings) -> None:
        plugins = Plugins()
        self._settings = settings
        self._prosody = Prosody(plugins)
        self._variation = Variation(plugins, settings.spread) if settings.variants else None

    def process(self, recording: Recording) -> Outcome:
        """Measure the recording and its variants and cache their mel spectrograms."""
        if recording.path is None:
            return Outcome(recording.id, problem="no audio file of this name")
        try:
            audio = read_speech(recording.path, self._settings.mel.sample_rate)
        except AudioError as error:
            return Outcome(recording.id, problem=str(error))
        measurements = self._prosody.measure(audio, recording.text)
        by_name = ((spec.name, measurements[spec.name]) for spec in PROSODY)
        unmeasured = [f"{name}: {measured.reason}" for name, measured in by_name if measured.value is None]
        if unmeasured:
            return Outcome(recording.id, problem="not measured: " + "; ".join(unmeasured))
        natural = present(measurements)
        items = [self._keep(recording, NATURAL, audio, natural)]
        for variant in range(1, self._settings.variants + 1):
            item = self._variant(recording, variant, audio, natural)
            if item is not None:
                items.append(item)
        return Outcome(recording.id, tuple(items))

    def _variant(self, recording: Recording, variant: int, audio: Audio, natural: dict[str, float]) -> Item | None:
        assert self._variation is not None
        varied = self._variation.vary(audio, natural, stable_seed(self._settings.seed, recording.id, variant))
        if varied is None or varied.duration_s > LONGEST_S:
            return None
        measured = present(self._prosody.measure(varied, recording.text))
        return self._keep(recording, variant, varied, measured) if len(measured) == len(natural) else None

    def _keep(self, recording: Recording, variant: int, audio: Audio, measured: dict[str, float]) -> Item:
        mel = log_mel(audio.samples, self._settings.mel)
        features = {spec.name: measured[spec.name] for spec in PROSODY}
        item = Item(recording.id, recording.text, variant, len(mel), features)
        np.save(self._settings.mels / f"{item.name}.npy", mel.astype(np.float16))
        return item


_processor: Processor | None = None


def start(settings: Settings) -> None:
    """Open the processor of a worker process."""
    global _processor
    _processor = Processor(settings)


def run(recording: Recording) -> Outcome:
    """Process a recording in a worker process."""
    assert _processor is not None
    return _processor.process(recording)
