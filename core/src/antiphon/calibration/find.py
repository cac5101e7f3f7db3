"""Finds the calibration of a voice."""

from __future__ import annotations

from pathlib import Path

from antiphon.calibration.table import Calibration
from antiphon.errors import ModelError


def find_calibration(synthesizer: str, voice: str, folder: Path, file: Path | None = None) -> Calibration:
    """The calibration in `file`, or else that of the voice in `folder`, in which each voice has its ``VOICE.json``.

    Raises:
        ModelError: nobody has calibrated the voice, or the file is damaged or of another voice.
    """
    known = {path.stem: path for path in sorted(folder.glob("*.json"))}
    command = f"`antiphon {synthesizer} calibrate {voice}`"
    if file is None and voice not in known:
        raise ModelError(
            f'the {synthesizer} voice "{voice}" is not calibrated; those that are: {", ".join(known) or "none"}. '
            f"Make a calibration by {command} and name its file in synthesizer.options.calibration"
        )
    calibration = Calibration.load(file or known[voice])
    if calibration.voice != voice:
        raise ModelError(
            f'{file or known[voice]} calibrates the voice "{calibration.voice}", not "{voice}"; '
            f"set synthesizer.options.name to it, or make another calibration by {command}"
        )
    return calibration
