"""Options of the fakes; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from attrs import frozen, validators

from antiphon.features import DURATION, INTENSITY_MEAN, PITCH_MEAN, RATE, FeatureSpec
from antiphon.options import option

if TYPE_CHECKING:
    from antiphon.payloads import MelSettings, VoiceCard

MEASURED = (PITCH_MEAN, INTENSITY_MEAN, RATE, DURATION)
"""What the fake extractor writes."""

Fault = Literal["none", "raise", "hang", "die", "garbage"]


@frozen
class FakeOptions:
    """What every fake can be told to do wrong.

    A piece of a stream counts as a call. After a worker process has been started again, calls count from 0 again.
    """

    fault: Fault = option(
        "none",
        help="What goes wrong: it raises, hangs, ends its worker process, or returns something of no known type.",
    )
    fault_in: str = option(
        "", help='The method in which it goes wrong, or "open" or "session"; empty means every method of the session.'
    )
    fault_at: int = option(0, help="The call at which it goes wrong, counted from 0 in each session.")
    fault_calls: int = option(1, help="How many calls in a row go wrong.", validator=validators.ge(1))
    hang_s: float = option(60.0, help="How long it hangs.", unit="s", validator=validators.ge(0))
    delay_s: float = option(0.0, help="How long every call takes at least.", unit="s", validator=validators.ge(0))


@frozen
class AudioInOptions(FakeOptions):
    """A user who speaks in tones."""

    turns: int = option(3, help="How many tones there are.", validator=validators.ge(0))
    speech_s: float = option(0.8, help="Length of a tone.", unit="s", validator=validators.gt(0))
    silence_s: float = option(1.0, help="Length of the silence before, between and after tones.", unit="s")
    hesitation_s: float = option(0.0, help="Silence in the middle of each tone.", unit="s", validator=validators.ge(0))
    pitch_hz: float = option(150.0, help="Frequency of the first tone.", unit="Hz", validator=validators.gt(0))
    pitch_step: float = option(1.1, help="Ratio of the frequencies of two successive tones.")
    level_db: float = option(70.0, help="Intensity of the tones.", unit="dB", validator=validators.lt(90))
    sample_rate: int = option(16000, help="Samples a second.", unit="Hz", validator=validators.gt(0))
    chunk_s: float = option(0.02, help="Length of a chunk.", unit="s", validator=validators.gt(0))
    live: bool = option(False, help="Whether the audio goes on while the agent speaks.")
    pace: Literal["fast", "real"] = option("fast", help="Whether a chunk arrives only when its time has passed.")


@frozen
class TypedOptions(FakeOptions):
    """A user who types."""

    lines: tuple[str, ...] = option(("hello", "how are you", "goodbye"), help="What the user types, a turn a line.")


@frozen
class EndpointOptions(FakeOptions):
    """Silence is what stays under a threshold."""

    threshold: float = option(0.01, help="Magnitude of the samples above which there is speech; full scale is 1.")
    pause_s: float = option(0.1, help="Silence after which a pause is reported.", unit="s")
    silence_s: float = option(0.4, help="Silence that ends a turn.", unit="s")


@frozen
class RecognizerOptions(FakeOptions):
    """A recogniser that knows what will be said."""

    script: tuple[str, ...] = option(
        ("hello there", "how are you today", "goodbye"),
        help="What is recognised, turn after turn, and from the start again; silence is recognised as nothing.",
        validator=validators.min_len(1),
    )


@frozen
class NormalizerOptions(FakeOptions):
    """Deviation from the first value of the session."""

    sd: float = option(0.2, help="One standard deviation of a logarithmic feature.", validator=validators.gt(0))
    sd_db: float = option(4.0, help="One standard deviation of a level.", unit="dB", validator=validators.gt(0))

    def convert(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        return {name: spec.on("z") for name, spec in specs.items()}


@frozen
class ResponderOptions(FakeOptions):
    """An echo."""

    pardon: str = option("pardon?", help="The reply to a turn in which nothing was recognised.")


@frozen
class StrategyOptions(FakeOptions):
    """The user's latest values, scaled, with noise."""

    weight: float = option(1.0, help="What the user's values are multiplied by.")
    noise: float = option(0.0, help="Standard deviation of the noise that is added.", validator=validators.ge(0))


@frozen
class TransformOptions(FakeOptions):
    """Every feature times a number."""

    gain: float = option(1.0, help="The number.")

    def convert(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        return specs


@frozen
class SynthesizerOptions(FakeOptions):
    """A voice that hums: a tone of the requested pitch, level and rate."""

    sample_rate: int = option(16000, help="Samples a second.", unit="Hz", validator=validators.gt(0))
    chunk_s: float = option(0.1, help="Length of a piece of a stream.", unit="s", validator=validators.gt(0))

    def voice(self) -> VoiceCard:
        from antiphon.testing.fakes.tone import voice

        return voice(self.sample_rate)


@frozen
class VocoderOptions(FakeOptions):
    """A vocoder that hums a spectrogram's levels."""

    def mel_settings(self) -> MelSettings:
        from antiphon.testing.fakes.tone import MEL

        return MEL


@frozen
class MelOptions(SynthesizerOptions):
    """The same voice as a spectrogram."""

    def mel_settings(self) -> MelSettings:
        from antiphon.testing.fakes.tone import MEL

        return MEL


@frozen
class AudioOutOptions(FakeOptions):
    """A loudspeaker with a clock."""

    speed: float | None = option(
        None,
        help="Seconds of audio that are heard in a second; without it everything is heard at once.",
        validator=validators.optional(validators.gt(0)),
    )
