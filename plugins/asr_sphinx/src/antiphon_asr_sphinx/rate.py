"""feature extractor ``rate``: how fast somebody speaks."""

from __future__ import annotations

from antiphon.features import DURATION, RATE, Measurement, Measurements, missing
from antiphon.options import NoOptions
from antiphon.payloads import Utterance
from antiphon.stages import Component, Setup

from antiphon_asr_sphinx.dictionary import syllables_by_word
from antiphon_asr_sphinx.syllables import count_syllables


class SpeakingRate(Component[NoOptions]):
    """features ``rate``: syllables of the text divided by the duration that an earlier extractor measured."""

    def __init__(self, options: NoOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        syllables_by_word()  # loads the dictionary now and not in the first turn

    def session(self, seed: int) -> SpeakingRate:
        """It keeps nothing from turn to turn."""
        return self

    def extract(self, utterance: Utterance, known: Measurements) -> Measurements:
        duration = known.get(DURATION.name, Measurement(None, "nobody measured it"))
        if duration.value is None:
            return missing([RATE.name], f"no duration: {duration.reason}")
        if duration.value <= 0:
            return missing([RATE.name], f"the duration is {duration.value:g} s")
        syllables = count_syllables(utterance.text)
        if not syllables:
            return missing([RATE.name], "no syllables in the text" if utterance.text.strip() else "no text")
        return {RATE.name: Measurement(syllables / duration.value)}
