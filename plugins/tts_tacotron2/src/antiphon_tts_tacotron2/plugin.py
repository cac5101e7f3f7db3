"""Registers the implementations and commands of this distribution; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import Provider, hookimpl
from antiphon.hookspecs import Register

if TYPE_CHECKING:
    import click


@hookimpl
def antiphon_register_vocoder(register: Register) -> None:
    register(
        Provider(
            "griffin-lim",
            "Griffin-Lim: any mel spectrogram to audio, without training",
            "antiphon_tts_tacotron2.griffin_lim:GriffinLim",
            options="antiphon_tts_tacotron2.options:GriffinLimOptions",
        )
    )


@hookimpl
def antiphon_register_commands(cli: click.Group) -> None:
    from antiphon.cli.lazy import LazyCommand

    cli.add_command(
        LazyCommand("tacotron2", "antiphon_tts_tacotron2.commands:tacotron2", "Voices of the synthesizer tacotron2.")
    )
