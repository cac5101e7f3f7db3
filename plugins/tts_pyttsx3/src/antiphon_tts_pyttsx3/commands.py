"""``antiphon pyttsx3``: calibrates voices and shows how well they do what they are told."""

from __future__ import annotations

from pathlib import Path

from antiphon.calibration.commands import voice_commands
from antiphon.stages import Setup

from antiphon_tts_pyttsx3.calibrate import calibrate
from antiphon_tts_pyttsx3.options import Pyttsx3Options
from antiphon_tts_pyttsx3.synthesizer import Pyttsx3


def _open(voice: str, calibration: Path | None) -> Pyttsx3:
    return Pyttsx3(Pyttsx3Options(name=voice, calibration=calibration), Setup())


pyttsx3 = voice_commands("pyttsx3", calibrate, _open)
