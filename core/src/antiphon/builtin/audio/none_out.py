"""The agent's audio goes nowhere."""

from __future__ import annotations

from antiphon.options import NoOptions
from antiphon.payloads import Audio
from antiphon.stages import Component


class NoneOut(Component[NoOptions]):
    """audio_out ``none``."""

    def session(self, seed: int) -> NoneOutSession:
        return NoneOutSession()


class NoneOutSession:
    """Counts what would have been heard."""

    def __init__(self) -> None:
        self._heard = 0

    def begin(self, sample_rate: int, start_s: float) -> None:
        self._heard = 0

    def play(self, audio: Audio) -> None:
        self._heard += len(audio.samples)

    def pending_s(self) -> float:
        return 0.0

    def stop(self) -> int:
        return self._heard
