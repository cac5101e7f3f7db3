"""Registers the fakes.

No entry point names this module: fakes are not for dialogues. Tests give it to the discovery::

    Plugins(modules=[("fakes", antiphon.testing.plugin)])

Every fake exists twice, and those that never wait thrice: ``fake`` runs on a thread, ``fake-process`` in a process,
``fake-instant`` on the engine's own thread.
"""

from __future__ import annotations

from antiphon.features import FeatureSpec
from antiphon.hookspecs import Register, hookimpl
from antiphon.provider import Provider
from antiphon.testing.fakes.options import MEASURED


def _register(
    register: Register,
    name: str,
    summary: str,
    implementation: str,
    options: str,
    *capabilities: str,
    writes: tuple[FeatureSpec, ...] = (),
    instant: bool = False,
) -> None:
    """Register a fake for a thread, one for a process, and perhaps one for the engine's own thread."""
    factory, options = f"antiphon.testing.fakes.{implementation}", f"antiphon.testing.fakes.options:{options}"
    places = {"": "", "process": ", in a worker process", **({"instant": ", at once"} if instant else {})}
    for place, where in places.items():
        register(
            Provider(
                f"{name}-{place}" if place else name,
                summary + where,
                factory,
                options,
                writes=writes,
                capabilities={*capabilities, place} - {""},
            )
        )


@hookimpl
def antiphon_register_audio_in(register: Register) -> None:
    _register(register, "fake-audio", "Tones and silence", "listening:Tones", "AudioInOptions")
    _register(register, "fake-text", "Typed lines", "listening:Typist", "TypedOptions", "text")


@hookimpl
def antiphon_register_endpoint(register: Register) -> None:
    _register(register, "fake", "Threshold of the samples", "listening:Threshold", "EndpointOptions", instant=True)


@hookimpl
def antiphon_register_recognizer(register: Register) -> None:
    options = "RecognizerOptions"
    _register(register, "fake", "Knows what will be said", "listening:Recognizer", options)
    _register(
        register,
        "fake-streaming",
        "Knows what will be said, and says so while it is",
        "listening:StreamingRecognizer",
        options,
        "streaming",
    )
    _register(
        register,
        "fake-pausing",
        "Knows what will be said, and when it is over",
        "listening:PausingRecognizer",
        options,
        "streaming",
        "pauses",
    )


@hookimpl
def antiphon_register_features(register: Register) -> None:
    _register(register, "fake", "Measures", "listening:Meter", "FakeOptions", "words", writes=MEASURED, instant=True)


@hookimpl
def antiphon_register_normalizer(register: Register) -> None:
    _register(register, "fake", "Deviation from the first", "deciding:Normalizer", "NormalizerOptions", instant=True)


@hookimpl
def antiphon_register_responder(register: Register) -> None:
    _register(register, "fake", "An echo", "deciding:Echo", "ResponderOptions", instant=True)
    _register(
        register, "fake-streaming", "An echo, word by word", "deciding:StreamingEcho", "ResponderOptions", "streaming"
    )


@hookimpl
def antiphon_register_strategy(register: Register) -> None:
    _register(register, "fake", "Asks for what the user did", "deciding:Mirror", "StrategyOptions", instant=True)


@hookimpl
def antiphon_register_transform(register: Register) -> None:
    _register(register, "fake", "Every value times a number", "deciding:Gain", "TransformOptions", instant=True)


@hookimpl
def antiphon_register_synthesizer(register: Register) -> None:
    _register(register, "fake", "Hums", "speaking:Hum", "SynthesizerOptions")
    _register(
        register, "fake-streaming", "Hums piece by piece", "speaking:StreamingHum", "SynthesizerOptions", "streaming"
    )
    _register(register, "fake-mel", "Writes down how it would hum", "speaking:MelHum", "MelOptions", "mel")


@hookimpl
def antiphon_register_vocoder(register: Register) -> None:
    _register(register, "fake", "Hums what is written down", "speaking:Vocoder", "VocoderOptions")


@hookimpl
def antiphon_register_audio_out(register: Register) -> None:
    _register(register, "fake", "A loudspeaker with a clock", "speaking:Loudspeaker", "AudioOutOptions", "device")
    _register(register, "fake-track", "Keeps the agent's audio", "speaking:Loudspeaker", "AudioOutOptions")
