"""The synthesizer ``praat-adapt``: another voice speaks as it likes, and Praat moves what it said to the target."""

from __future__ import annotations

from typing import Any

from antiphon.payloads import SpeechRequest, Spoken
from antiphon.speaking import speak_all
from antiphon.stages import Component, Setup

from antiphon_features_praat.adapt_options import AdaptOptions
from antiphon_features_praat.adapter import Adapter


class PraatAdapt(Component[AdaptOptions]):
    """Opens the wrapped voice and adapts what it says."""

    def __init__(self, options: AdaptOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self._adapter = Adapter(options)
        self._base = options.base.provider.open(options.base.options, setup)

    def session(self, seed: int) -> PraatAdaptSession:
        return PraatAdaptSession(self._base.session(seed), self._adapter, seed)

    def close(self) -> None:
        _close(self._base)


class PraatAdaptSession:
    """An `antiphon.stages.Synthesizer`."""

    def __init__(self, base: Any, adapter: Adapter, seed: int) -> None:
        self._base = base
        self._adapter = adapter
        self._seed = abs(seed) % 2**31

    def synthesize(self, request: SpeechRequest) -> Spoken:
        """The adapted speech; the notes hold natural, requested and reached values, and why any could not be moved."""
        wanted = {name: float(raw) for name, raw in request.controls.items() if name in self._adapter.features}
        others = {name: raw for name, raw in request.controls.items() if name not in wanted}
        audio = speak_all(self._base, SpeechRequest(request.text, others))
        if audio is None or not wanted:
            return Spoken(audio)
        return self._adapter.adapt(audio, wanted, self._seed)

    def close(self) -> None:
        _close(self._base)


def _close(component_or_session: Any) -> None:
    close = getattr(component_or_session, "close", None)
    if close is not None:
        close()
