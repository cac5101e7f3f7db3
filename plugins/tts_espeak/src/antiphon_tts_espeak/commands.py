"""``antiphon espeak``: calibrates voices and shows how well they do what they are told."""

from __future__ import annotations

from pathlib import Path

from antiphon.calibration.commands import voice_commands
from antiphon.stages import Setup

from antiphon_tts_espeak.calibrate import calibrate
from antiphon_tts_espeak.options import EspeakOptions
from antiphon_tts_espeak.synthesizer import Espeak


def _open(voice: str, calibration: Path | None) -> Espeak:
    return Espeak(EspeakOptions(name=voice, calibration=calibration), Setup())


espeak = voice_commands("espeak", calibrate, _open)
