"""The options of this distribution's implementations."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from antiphon.options import option
from attrs import Attribute, frozen, validators


def _alone(options: RecognizerOptions, attribute: Attribute[Path | None], value: Path | None) -> None:
    if value is not None and options.language_model is not None:
        raise ValueError("grammar and language_model exclude each other; give one of them")


@frozen
class RecognizerOptions:
    """Options of recognizer ``sphinx``. Without any, it knows the US English that SpeechRecognition ships."""

    model: Path | None = option(None, help="Folder of the acoustic model; default: US English.", exists=True)
    dictionary: Path | None = option(
        None, help="Pronouncing dictionary, one word and its phones a line; default: US English.", exists=True
    )
    language_model: Path | None = option(
        None, help="N-gram language model (ARPA or binary); default: US English.", exists=True
    )
    grammar: Path | None = option(
        None,
        help="JSGF grammar that says what can be recognised, instead of a language model.",
        exists=True,
        validator=_alone,
    )
    max_active_states: int = option(
        5_000,
        help="Hidden Markov models that the search follows at a time; fewer are faster and less accurate.",
        validator=validators.ge(100),
    )
    second_search: Literal["pauses", "end", "never"] = option(
        "pauses",
        help="When to search for the words once more, which finds better ones: while the user pauses (where the system "
        "can copy a process; else never), only when the turn is over, so that the user waits, or never.",
    )

    @property
    def searches_in_pauses(self) -> bool:
        """Whether there is a second search, in the user's pauses. A grammar needs none."""
        return self.second_search == "pauses" and hasattr(os, "fork") and self.grammar is None

    @property
    def searches_twice(self) -> bool:
        """Whether there is a second search at all."""
        return self.second_search == "end" or self.searches_in_pauses


def _below_silence(options: EndpointerOptions, attribute: Attribute[float], value: float) -> None:
    if not 0.05 <= value <= options.silence_s:
        raise ValueError(
            f"{attribute.name} is {value}; it must lie between 0.05 and silence_s, which is {options.silence_s}"
        )


@frozen
class EndpointerOptions:
    """Options of endpoint ``sphinx``."""

    silence_s: float = option(0.5, help="Silence that ends a turn.", unit="s", validator=validators.gt(0))
    min_speech_s: float = option(
        0.1,
        help="Speech shorter than this is passed over.",
        unit="s",
        validator=validators.and_(validators.ge(0), validators.le(1.0)),
    )
    max_turn_s: float = option(
        30.0,
        help="Length at which a turn is cut; what follows is the next turn.",
        unit="s",
        validator=validators.ge(1.0),
    )
    mode: Literal["loose", "medium-loose", "medium-strict", "strict"] = option(
        "medium-strict", help="How sure the detector must be that it hears speech."
    )
    window_s: float = option(
        0.2, help="Stretch of the input that is looked at for each decision.", unit="s", validator=_below_silence
    )
    ratio: float = option(
        0.8,
        help="Share of that stretch that must be speech for speech to begin, and silence for it to stop.",
        validator=validators.and_(validators.ge(0.5), validators.lt(1.0)),
    )
