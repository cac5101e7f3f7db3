"""Registers the built-in stages; imports nothing heavy."""

from antiphon.hookspecs import Register, hookimpl


@hookimpl
def antiphon_register_audio_in(register: Register) -> None:
    """file, simulated, terminal."""


@hookimpl
def antiphon_register_audio_out(register: Register) -> None:
    """file, none."""


@hookimpl
def antiphon_register_endpoint(register: Register) -> None:
    """energy."""


@hookimpl
def antiphon_register_recognizer(register: Register) -> None:
    """terminal."""


@hookimpl
def antiphon_register_features(register: Register) -> None:
    """constant."""


@hookimpl
def antiphon_register_responder(register: Register) -> None:
    """eliza, scripted, constant."""


@hookimpl
def antiphon_register_synthesizer(register: Register) -> None:
    """none."""


@hookimpl
def antiphon_register_normalizer(register: Register) -> None:
    """causal, user-z, fixed, none."""


@hookimpl
def antiphon_register_strategy(register: Register) -> None:
    """The rule strategies."""


@hookimpl
def antiphon_register_transform(register: Register) -> None:
    """log, pitch-range, map, to-voice, clip, slew, ..."""
