"""Registers the implementations of this distribution; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import Provider, hookimpl
from antiphon.hookspecs import Register

if TYPE_CHECKING:
    import click


@hookimpl
def antiphon_register_audio_in(register: Register) -> None:
    """sr."""
    register(
        Provider(
            "sr",
            "The microphone, by SpeechRecognition's Microphone",
            "antiphon_audio_sr.microphone:MicrophoneInput",
            options="antiphon_audio_sr.options:MicrophoneOptions",
            capabilities={"live"},
        )
    )


@hookimpl
def antiphon_register_audio_out(register: Register) -> None:
    """speaker."""
    register(
        Provider(
            "speaker",
            "The loudspeaker or headphones, by PortAudio",
            "antiphon_audio_sr.speaker:Speaker",
            options="antiphon_audio_sr.options:SpeakerOptions",
            capabilities={"device"},
        )
    )


@hookimpl
def antiphon_register_commands(cli: click.Group) -> None:
    """antiphon devices."""
    from antiphon.cli.lazy import LazyCommand

    cli.add_command(LazyCommand("devices", "antiphon_audio_sr.command:devices", "List microphones and speakers."))
