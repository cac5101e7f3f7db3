"""Registers the implementations of this distribution; imports nothing heavy."""

from __future__ import annotations

from antiphon.hookspecs import Register, hookimpl
from antiphon.provider import Provider

from antiphon_features_praat.specs import ALL


@hookimpl
def antiphon_register_features(register: Register) -> None:
    register(
        Provider(
            "praat",
            "Pitch, intensity, jitter, shimmer and noise by Praat",
            "antiphon_features_praat.extractor:Praat",
            options="antiphon_features_praat.options:PraatOptions",
            writes=ALL,
            capabilities={"process"},
        )
    )


@hookimpl
def antiphon_register_synthesizer(register: Register) -> None:
    register(
        Provider(
            "praat-adapt",
            "Moves another voice's speech to the requested pitch, pitch range, intensity and rate",
            "antiphon_features_praat.adapt:PraatAdapt",
            options="antiphon_features_praat.adapt_options:AdaptOptions",
            capabilities={"process"},
        )
    )
