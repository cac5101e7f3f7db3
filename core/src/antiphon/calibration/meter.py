"""Measures speech with the feature extractors that a dialogue uses, so that definitions cannot differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.discovery import Plugins
from antiphon.errors import PluginNotFound
from antiphon.features import Measurement, present
from antiphon.payloads import Audio, Utterance
from antiphon.stages import Setup

EXTRACTORS: Mapping[str, Mapping[str, Any]] = {
    "praat": {"features": ("duration", "pitch_mean", "pitch_05", "pitch_range", "intensity_mean")},
    "rate": {},
}
"""The feature extractors and their options; the others of Praat's features take most of its time."""


class Meter:
    """The extractors ``praat`` and ``rate``.

    Raises:
        PluginNotFound: one of them is not installed; says what to install.
    """

    def __init__(self, plugins: Plugins | None = None) -> None:
        plugins = plugins or Plugins()
        try:
            providers = {name: plugins.find("features", name).provider for name in EXTRACTORS}
        except PluginNotFound as error:
            raise PluginNotFound(
                f"voices are measured with the feature extractors {' and '.join(EXTRACTORS)}: {error}. "
                "Install antiphon-features-praat and antiphon-asr-sphinx"
            ) from error
        self._sessions = [
            provider.open(provider.options_class()(**EXTRACTORS[name]), Setup()).session(0)
            for name, provider in providers.items()
        ]

    def measure(self, audio: Audio, text: str) -> dict[str, float]:
        """The raw values of the features that could be measured."""
        utterance = Utterance("agent", text, audio)
        known: dict[str, Measurement] = {}
        for session in self._sessions:
            known |= session.extract(utterance, known)
        return present(known)
