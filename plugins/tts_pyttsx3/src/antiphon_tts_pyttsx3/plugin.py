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
            "pyttsx3",
            "pyttsx3's eSpeak NG voices, a process for each utterance; pitch, intensity and rate are calibrated",
            "antiphon_tts_pyttsx3.synthesizer:Pyttsx3",
            options="antiphon_tts_pyttsx3.options:Pyttsx3Options",
        )
    )


@hookimpl
def antiphon_register_commands(cli: click.Group) -> None:
    from antiphon.cli.lazy import LazyCommand

    cli.add_command(
        LazyCommand("pyttsx3", "antiphon_tts_pyttsx3.commands:pyttsx3", "Voices of the synthesizer pyttsx3.")
    )
