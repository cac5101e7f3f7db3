"""Registers the implementations of this distribution; imports nothing heavy."""

from __future__ import annotations

from antiphon.features import DURATION, RATE
from antiphon.hookspecs import Register, hookimpl
from antiphon.provider import Provider


@hookimpl
def antiphon_register_recognizer(register: Register) -> None:
    register(
        Provider(
            "sphinx",
            "CMU Sphinx: recognises while the user speaks, without a network",
            "antiphon_asr_sphinx.recognizer:SphinxRecognizer",
            options="antiphon_asr_sphinx.options:RecognizerOptions",
            capabilities={"streaming", "pauses", "process"},
        )
    )


@hookimpl
def antiphon_register_endpoint(register: Register) -> None:
    register(
        Provider(
            "sphinx",
            "Speech is what WebRTC's voice activity detector, as built into Sphinx, takes for speech",
            "antiphon_asr_sphinx.endpointer:SphinxEndpointer",
            options="antiphon_asr_sphinx.options:EndpointerOptions",
        )
    )


@hookimpl
def antiphon_register_features(register: Register) -> None:
    register(
        Provider(
            "rate",
            "Speaking rate: syllables of the text (CMU dictionary, then vowel groups) per second",
            "antiphon_asr_sphinx.rate:SpeakingRate",
            reads=(DURATION,),
            writes=(RATE,),
            capabilities={"words", "instant"},
        )
    )
