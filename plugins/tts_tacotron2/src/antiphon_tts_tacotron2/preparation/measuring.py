"""Measures recordings with the feature extractors of the engine, opened like the engine opens them."""

from __future__ import annotations

from antiphon.discovery import Plugins
from antiphon.errors import PluginNotFound
from antiphon.features import PROSODY, Measurement, Measurements
from antiphon.payloads import Audio, Utterance
from antiphon.stages import Setup

_INSTALL = "install antiphon-features-praat and antiphon-asr-sphinx, or antiphon-tts-tacotron2[train]"


class Prosody:
    """The extractors ``praat`` and ``rate``, which measure the features of `antiphon.features.PROSODY`.

    Raises:
        PluginNotFound: one of them is not installed; says what to install.
    """

    def __init__(self, plugins: Plugins) -> None:
        try:
            praat, rate = (plugins.find("features", name).provider for name in ("praat", "rate"))
        except PluginNotFound as error:
            raise PluginNotFound(
                f"corpora are measured with the extractors praat and rate: {error}; {_INSTALL}"
            ) from error
        names = ("duration", *(spec.name for spec in PROSODY if spec.name != "rate"))
        chosen = ((praat, praat.options_class()(features=names)), (rate, rate.options_class()()))
        self._sessions = [provider.open(options, Setup()).session(0) for provider, options in chosen]

    def measure(self, audio: Audio, text: str) -> Measurements:
        """Every feature, or the reason why it could not be measured."""
        utterance = Utterance("agent", text, audio)
        known: dict[str, Measurement] = {}
        for session in self._sessions:
            known |= session.extract(utterance, known)
        return known
