"""Options of the synthesizer ``pyttsx3``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.options import option
from attrs import frozen, validators

if TYPE_CHECKING:
    from antiphon.calibration import Calibration
    from antiphon.payloads import VoiceCard

VOICES = Path(__file__).parent / "voices"


@frozen
class Pyttsx3Options:
    name: str = option(
        "en-us",
        help="The voice: its language and, behind a +, its variant as eSpeak NG names them; en-us+f5, en (British).",
        validator=validators.min_len(1),
    )
    calibration: Path | None = option(
        None, help="A calibration file in place of the one that this package carries for the voice.", exists=True
    )
    attempts: int = option(3, help="How often an utterance is tried before it fails.", validator=validators.ge(1))
    timeout_s: float = option(20.0, help="How long one attempt may take.", unit="s", validator=validators.gt(0.0))

    def voice_calibration(self) -> Calibration:
        """What is known of the voice.

        Raises:
            ModelError: nobody has calibrated it, or the calibration is another voice's.
        """
        from antiphon.calibration import find_calibration

        return find_calibration("pyttsx3", self.name, VOICES, self.calibration)

    def voice(self) -> VoiceCard:
        """What the engine is told of the voice."""
        return self.voice_calibration().card()
