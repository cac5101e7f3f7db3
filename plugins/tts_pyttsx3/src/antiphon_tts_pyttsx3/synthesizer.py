"""The synthesizer ``pyttsx3``."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from antiphon.audio_files import read_audio
from antiphon.errors import AudioError, StageError
from antiphon.payloads import Audio, SpeechRequest, Spoken
from antiphon.speakable import speakable
from antiphon.stages import Component, Setup
from attrs import evolve

from antiphon_tts_pyttsx3.options import Pyttsx3Options
from antiphon_tts_pyttsx3.process import JobFailed, SpeechProcess


class Voice:
    """A pyttsx3 voice told by its own settings: ``pitch`` (0 to 99), ``rate`` (words a minute), ``volume`` (0 to 1)."""

    def __init__(self, name: str, timeout_s: float) -> None:
        self._name = name
        self._timeout_s = timeout_s
        self._folder = tempfile.TemporaryDirectory(prefix="antiphon-")
        self._process = SpeechProcess()

    @property
    def version(self) -> str:
        """The library that speaks."""
        return self._process.version(self._timeout_s)

    @property
    def process_id(self) -> int:
        """The number of the process that will speak next."""
        return self._process.id

    def speak(self, text: str, settings: Mapping[str, float]) -> Audio:
        """The utterance, from its first sound to its last, spoken with these very settings.

        Raises:
            JobFailed: it was not spoken, or not so.
        """
        wanted: dict[str, float] = {"pitch": round(settings["pitch"]), "rate": round(settings["rate"])}
        wanted["volume"] = round(settings["volume"], 2)
        file = Path(self._folder.name) / "speech.wav"
        file.unlink(missing_ok=True)
        used = self._process.speak(text, self._name, wanted, file, self._timeout_s)
        if used != wanted:
            raise JobFailed(f"it spoke with {used} in place of {wanted}")
        return _without_outer_silence(_read(file))

    def renew(self) -> None:
        """Let the next utterance be spoken by a fresh process, which starts now."""
        self._process.close()
        self._process = SpeechProcess()

    def close(self) -> None:
        """End the process and remove its files."""
        self._process.close()
        self._folder.cleanup()


class Pyttsx3(Component[Pyttsx3Options]):
    """pyttsx3 with the prosody that is asked for.

    Each utterance is spoken by a process of its own, which was started when the one before it was finished. The
    library behind pyttsx3 keeps state from one utterance to the next, so in one process the same request would never
    sound exactly the same twice. And whatever goes wrong in there, the next attempt starts clean.
    """

    def __init__(self, options: Pyttsx3Options, setup: Setup) -> None:
        super().__init__(options, setup)
        self.calibration = options.voice_calibration()
        self._voice = Voice(options.name, options.timeout_s)
        try:
            _ = self._voice.version  # that pyttsx3 does not start is told now, not in the dialogue
        except BaseException:
            self._voice.close()
            raise

    @property
    def process_id(self) -> int:
        """The number of the process that will speak next."""
        return self._voice.process_id

    def session(self, seed: int) -> Pyttsx3Session:
        """Speech depends on the request alone: conversations have no state and no randomness."""
        return Pyttsx3Session(self)

    def speak(self, text: str, settings: Mapping[str, float]) -> Spoken:
        """The utterance; its notes say at which attempt.

        Raises:
            StageError: every attempt failed.
        """
        reasons = []
        for attempt in range(1, self.options.attempts + 1):
            try:
                return Spoken(self._voice.speak(text, settings), notes={"attempts": attempt})
            except JobFailed as error:
                reasons.append(str(error))
            finally:
                self._voice.renew()
        raise StageError("synthesizer", f"all {self.options.attempts} attempts failed: {'; '.join(reasons)}")

    def close(self) -> None:
        """End its process."""
        self._voice.close()


class Pyttsx3Session:
    """A `antiphon.stages.Synthesizer`."""

    def __init__(self, component: Pyttsx3) -> None:
        self._component = component

    def synthesize(self, request: SpeechRequest) -> Spoken:
        """The whole utterance; notes: ``attempts``, and ``out_of_reach``, the values of what cannot go together."""
        text = speakable(request.text)
        if not text:
            return Spoken()
        calibration = self._component.calibration
        settings = calibration.settings(request.controls)
        missed = calibration.out_of_reach(request.controls, settings)
        spoken = self._component.speak(text, settings)
        return evolve(spoken, notes={**spoken.notes, "out_of_reach": missed}) if missed else spoken


def _read(file: Path) -> Audio:
    try:
        audio = read_audio(file)
    except AudioError as error:
        raise JobFailed(f"it wrote no speech: {error}") from error
    if not audio.samples.any():
        raise JobFailed("it wrote silence")
    return audio


def _without_outer_silence(audio: Audio) -> Audio:
    sounding = np.flatnonzero(audio.samples)
    return Audio(audio.samples[sounding[0] : sounding[-1] + 1], audio.sample_rate)
