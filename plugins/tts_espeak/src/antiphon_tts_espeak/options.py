"""Options of the synthesizer ``espeak``."""

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
class EspeakOptions:
    name: str = option(
        "en-us",
        help="The voice: its language and, behind a +, its variant as eSpeak NG names them; en-us+f5, en (British).",
        validator=validators.min_len(1),
    )
    calibration: Path | None = option(
        None, help="A calibration file in place of the one that this package carries for the voice.", exists=True
    )
    chunk_ms: int = option(
        50,
        help="Length of the pieces in which speech is delivered.",
        unit="ms",
        validator=[validators.ge(10), validators.le(1000)],
    )

    def voice_calibration(self) -> Calibration:
        """What is known of the voice.

        Raises:
            ModelError: nobody has calibrated it, or the calibration is another voice's.
        """
        from antiphon.calibration import find_calibration

        return find_calibration("espeak", self.name, VOICES, self.calibration)

    def voice(self) -> VoiceCard:
        """What the engine is told of the voice."""
        return self.voice_calibration().card()
