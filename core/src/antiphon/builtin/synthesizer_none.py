"""A voice that is not heard: replies stay text. Payloads are imported late because this module holds options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from antiphon.payloads import SpeechRequest, Spoken, VoiceCard


@frozen
class NoneOptions:
    """Options of synthesizer ``none``."""

    def voice(self) -> VoiceCard:
        from antiphon.payloads import VoiceCard

        return VoiceCard("none", sample_rate=16_000)


class NoneVoice:
    """synthesizer ``none``: has no controls."""

    def __init__(self, options: NoneOptions, setup: Any) -> None:
        pass

    def session(self, seed: int) -> NoneSession:
        return NoneSession()


class NoneSession:
    """Has nothing to remember."""

    def synthesize(self, request: SpeechRequest) -> Spoken:
        from antiphon.payloads import Spoken

        return Spoken()
