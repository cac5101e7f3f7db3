"""Registers the implementations of this distribution; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import Provider, hookimpl
from antiphon.hookspecs import Register

if TYPE_CHECKING:
    import click


@hookimpl
def antiphon_register_synthesizer(register: Register) -> None:
    register(
        Provider(
            "espeak",
            "eSpeak NG: speaks at once; pitch, pitch range, intensity and rate are calibrated",
            "antiphon_tts_espeak.synthesizer:Espeak",
            options="antiphon_tts_espeak.options:EspeakOptions",
            capabilities=("streaming",),
        )
    )


@hookimpl
def antiphon_register_commands(cli: click.Group) -> None:
    from antiphon.cli.lazy import LazyCommand

    cli.add_command(LazyCommand("espeak", "antiphon_tts_espeak.commands:espeak", "Voices of the synthesizer espeak."))
