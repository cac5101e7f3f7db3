"""Registers the built-in stages; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from antiphon.hookspecs import Register, hookimpl
from antiphon.provider import Provider

if TYPE_CHECKING:
    from antiphon.recording.records import Exporter

INSTANT = ("instant",)


@hookimpl
def antiphon_register_audio_in(register: Register) -> None:
    """file, recording, simulated, terminal."""
    code, options = "antiphon.builtin.audio.", "antiphon.builtin.audio.options:"
    register(Provider("file", "An audio file", f"{code}file_in:FileIn", f"{options}FileInOptions"))
    register(
        Provider(
            "recording",
            "The user of a recorded session",
            f"{code}recording_in:RecordingIn",
            f"{options}RecordingInOptions",
        )
    )
    register(
        Provider(
            "simulated",
            "A user whose turns are spoken by a voice, with a prosody that follows a script",
            f"{code}simulated:SimulatedUser",
            f"{options}SimulatedOptions",
        )
    )
    register(
        Provider(
            "terminal",
            "Typed turns",
            f"{code}terminal_in:TerminalIn",
            f"{options}TerminalInOptions",
            capabilities={"text"},
        )
    )


@hookimpl
def antiphon_register_audio_out(register: Register) -> None:
    """file, none."""
    code, options = "antiphon.builtin.audio.", "antiphon.builtin.audio.options:"
    register(
        Provider("file", "A WAV file on the session's time line", f"{code}file_out:FileOut", f"{options}FileOutOptions")
    )
    register(Provider("none", "The agent's audio goes nowhere", f"{code}none_out:NoneOut"))


@hookimpl
def antiphon_register_endpoint(register: Register) -> None:
    """energy."""
    register(
        Provider(
            "energy",
            "Speech is what rises above the background noise",
            "antiphon.builtin.energy.endpointer:EnergyEndpointer",
            "antiphon.builtin.energy.options:EnergyOptions",
            capabilities=INSTANT,
        )
    )


@hookimpl
def antiphon_register_recognizer(register: Register) -> None:
    """terminal."""
    register(
        Provider(
            "terminal", "Asks at the terminal what was said", "antiphon.builtin.recognizer_terminal:TerminalRecognizer"
        )
    )


@hookimpl
def antiphon_register_features(register: Register) -> None:
    """constant."""
    code = "antiphon.builtin.features_constant:"
    register(
        Provider(
            "constant",
            "Given values with fuzz",
            f"{code}ConstantFeatures",
            f"{code}ConstantOptions",
            capabilities=INSTANT,
        )
    )


@hookimpl
def antiphon_register_responder(register: Register) -> None:
    """eliza, scripted, constant."""
    code, options = "antiphon.builtin.responders.", "antiphon.builtin.responders.options:"
    register(Provider("eliza", "The psychotherapist of 1966", f"{code}eliza:Eliza", capabilities=INSTANT))
    register(
        Provider(
            "scripted",
            "Lines in order, and replies to patterns",
            f"{code}scripted:Scripted",
            f"{options}ScriptedOptions",
        )
    )
    register(
        Provider(
            "constant", "Always the same", f"{code}constant:Constant", f"{options}ConstantOptions", capabilities=INSTANT
        )
    )


@hookimpl
def antiphon_register_synthesizer(register: Register) -> None:
    """none."""
    code = "antiphon.builtin.synthesizer_none:"
    register(Provider("none", "Replies stay text", f"{code}NoneVoice", f"{code}NoneOptions", capabilities={"text"}))


@hookimpl
def antiphon_register_normalizer(register: Register) -> None:
    """causal, user-z, fixed, none."""
    code, options = "antiphon.builtin.normalizers.", "antiphon.builtin.normalizers.options:"
    register(
        Provider(
            "causal",
            "z-scores against the user's earlier turns and a prior, the same in training",
            f"{code}causal:Causal",
            f"{options}CausalOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "user-z",
            "z-scores over the user's turns so far, this one included; for comparison",
            f"{code}user_z:UserZ",
            f"{options}UserZOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "fixed",
            "z-scores with a given mean and standard deviation",
            f"{code}fixed:Fixed",
            f"{options}FixedOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "none", "features as they arrive", f"{code}none:Unnormalized", f"{options}NoneOptions", capabilities=INSTANT
        )
    )


@hookimpl
def antiphon_register_strategy(register: Register) -> None:
    """The rule strategies."""
    code, options = "antiphon.builtin.strategies.", "antiphon.builtin.strategies.options:"
    register(Provider("neutral", "The voice does not react", f"{code}neutral:Neutral", capabilities=INSTANT))
    register(
        Provider(
            "matching",
            "The user's last turn",
            f"{code}proportional:Matching",
            f"{options}MatchingOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "partial",
            "A share of the way to the user's last turn",
            f"{code}proportional:Partial",
            f"{options}PartialOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "convergence-schedule",
            "A share that grows from exchange to exchange",
            f"{code}proportional:ConvergenceSchedule",
            f"{options}ScheduleOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "global-convergence",
            "The mean of all the user's turns",
            f"{code}proportional:GlobalConvergence",
            f"{options}GlobalOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "lagged",
            "A weighted sum of the user's last turns",
            f"{code}temporal:Lagged",
            f"{options}LaggedOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "weise",
            "Weise's mixture of local and global entrainment with growing weights",
            f"{code}weise:Weise",
            f"{options}WeiseOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "levitan2016",
            "Intensity, pitch and rate of the user's last turn, within bounds",
            f"{code}proportional:Levitan2016",
            f"{options}LevitanOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "lubold-pitch-shift",
            "The voice's contour shifted to the user's mean pitch",
            f"{code}proportional:LuboldPitchShift",
            f"{options}LuboldOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "synchrony",
            "Moves with the user, not to the user",
            f"{code}temporal:Synchrony",
            f"{options}SynchronyOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "disentrain",
            "The opposite of the user, or against the user's changes",
            f"{code}temporal:Disentrain",
            f"{options}DisentrainOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "sham",
            "Entrains to the user of another, recorded session; a control",
            f"{code}controls:Sham",
            f"{options}ShamOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "random",
            "Random targets; a control",
            f"{code}controls:RandomTarget",
            f"{options}RandomOptions",
            capabilities=INSTANT,
        )
    )


@hookimpl
def antiphon_register_transform(register: Register) -> None:
    """log, pitch-range, map, expand, to-voice, clip, slew."""
    code, options = "antiphon.builtin.transforms.", "antiphon.builtin.transforms.options:"
    register(
        Provider(
            "log", "Natural logarithm; dB stay dB", f"{code}scales:Log", f"{options}LogOptions", capabilities=INSTANT
        )
    )
    register(
        Provider(
            "pitch-range",
            "Pitch range from the pitch's quantiles",
            f"{code}pitch_range:PitchRange",
            f"{options}PitchRangeOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "map",
            "The user's range to the voice's, without a normaliser",
            f"{code}map:Map",
            f"{options}MapOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "expand",
            "z to raw with a given mean and standard deviation",
            f"{code}scales:Expand",
            f"{options}ExpandOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "to-voice",
            "z to raw on the scale of the voice, within its limits",
            f"{code}scales:ToVoice",
            f"{options}ToVoiceOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "clip",
            "Limits the magnitude of z-scores",
            f"{code}limits:Clip",
            f"{options}ClipOptions",
            capabilities=INSTANT,
        )
    )
    register(
        Provider(
            "slew",
            "Limits the change of z-scores from turn to turn",
            f"{code}limits:Slew",
            f"{options}SlewOptions",
            capabilities=INSTANT,
        )
    )


@hookimpl
def antiphon_register_exporters(register: Callable[[Exporter], Any]) -> None:
    """csv, parquet, textgrid; called only to export, so it may import what holds the data."""
    from antiphon.recording import export
    from antiphon.recording.records import Exporter

    register(Exporter("csv", "a row a turn, UTF-8", ".csv", export.write_csv))
    register(Exporter("parquet", "the same rows with their types", ".parquet", export.write_parquet))
    register(Exporter("textgrid", "turns and words for Praat", ".TextGrid", export.write_textgrid))
