"""Options of the built-in audio sources and sinks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from attrs import Attribute, frozen, validators

from antiphon.errors import AntiphonError
from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, RATE
from antiphon.options import Selection, option

Pace = Literal["fast", "real"]

_CHUNK = validators.and_(validators.ge(0.01), validators.le(0.1))
_CHUNK_HELP = "Length of the chunks in which the audio is delivered."
_PACE_HELP = 'Deliver as fast as it is taken ("fast"), or each chunk when its time has come ("real").'


def _unlike(absolute: str) -> Any:
    """Validate that a relative change is not given together with the absolute value of the same feature."""

    def check(line: ScriptLine, attribute: Attribute[float], value: float) -> None:
        if value != attribute.default and absolute in line.controls:
            raise ValueError(f'give either "{attribute.name}" or "{absolute}" of "controls", not both')

    return check


@frozen
class FileInOptions:
    """Options of audio_in ``file``."""

    path: Path = option(help="The audio file that holds the user's side.", exists=True)
    chunk_s: float = option(0.03, help=_CHUNK_HELP, unit="s", validator=_CHUNK)
    pace: Pace = option("fast", help=_PACE_HELP, validator=validators.in_(("fast", "real")))
    timeline: Literal["pause", "continuous"] = option(
        "pause",
        help='Whether the file waits while the agent speaks ("pause") or runs on beneath it ("continuous").',
        validator=validators.in_(("pause", "continuous")),
    )
    channel: int | None = option(
        None,
        help="Index, from 0, of the channel to read; the mean of all channels if it is left out.",
        validator=validators.optional(validators.ge(0)),
    )

    @property
    def live(self) -> bool:
        """Whether the audio goes on while the agent speaks."""
        return self.timeline == "continuous"


@frozen
class ScriptLine:
    """A turn of the simulated user: what to say and how.

    Changes are relative to the voice's own mean, so a script fits every voice; ``controls`` are absolute. Either is
    kept within the limits of the voice.
    """

    text: str = option(help="What the user says.", validator=validators.min_len(1))
    controls: Mapping[str, float] = option(
        factory=dict, help="Values of the voice's controls by feature name, in the feature's unit."
    )
    pitch_st: float = option(0.0, help="Shift of the mean pitch.", unit="semitones", validator=_unlike(PITCH_MEAN.name))
    intensity_db: float = option(
        0.0, help="Shift of the mean intensity.", unit="dB", validator=_unlike(INTENSITY_MEAN.name)
    )
    rate_ratio: float = option(
        1.0, help="Factor on the speaking rate.", validator=validators.and_(validators.gt(0), _unlike(RATE.name))
    )

    def shifts(self) -> dict[str, float]:
        """The relative changes asked for: feature name to a step in the log domain of the feature."""
        steps = {
            PITCH_MEAN.name: self.pitch_st * math.log(2) / 12,
            INTENSITY_MEAN.name: self.intensity_db,
            RATE.name: math.log(self.rate_ratio),
        }
        return {name: step for name, step in steps.items() if step}


def _can_speak(_: Any, __: Any, voice: Selection) -> None:
    for capability, lack in {"text": "has no audio", "mel": "needs a vocoder"}.items():
        if capability in voice.provider.capabilities:
            raise ValueError(f'the voice "{voice.name}" {lack}; choose one that delivers audio')
    try:
        voice.options.voice()
    except AntiphonError as error:
        raise ValueError(str(error)) from error


def _can_be_told(options: SimulatedOptions, _: Any, script: tuple[ScriptLine, ...]) -> None:
    voice = options.voice.options.voice()
    for line in script:
        for name in (*line.controls, *line.shifts()):
            if voice.control(name) is None:
                able = ", ".join(control.feature.name for control in voice.controls) or "nothing"
                raise ValueError(
                    f'the voice "{voice.name}" cannot control {name}, which the line "{line.text}" asks for; '
                    f"it can control {able}"
                )


@frozen
class SimulatedOptions:
    """Options of audio_in ``simulated``."""

    live: ClassVar[bool] = False

    voice: Selection = option(help="The voice that speaks the user's turns.", stage="synthesizer", validator=_can_speak)
    script: tuple[ScriptLine, ...] = option(
        help="What the user says, a table for each turn.",
        validator=validators.and_(validators.min_len(1), _can_be_told),
    )
    repeat: int = option(1, help="How often the script is spoken; 0 for without end.", validator=validators.ge(0))
    lead_in_s: float = option(0.5, help="Silence before the first turn.", unit="s", validator=validators.ge(0))
    silence_s: float = option(
        1.0,
        help="Silence behind each turn; longer than the silence that ends a turn.",
        unit="s",
        validator=validators.ge(0),
    )
    noise_db: float | None = option(
        -60.0,
        help="Level of the white noise beneath everything.",
        unit="dB re full scale",
        validator=validators.optional(validators.le(0)),
    )
    sample_rate: int | None = option(
        None,
        help="Rate of the track; the voice's own if it is left out.",
        unit="Hz",
        validator=validators.optional(validators.and_(validators.ge(8_000), validators.le(192_000))),
    )
    chunk_s: float = option(0.03, help=_CHUNK_HELP, unit="s", validator=_CHUNK)
    pace: Pace = option("fast", help=_PACE_HELP, validator=validators.in_(("fast", "real")))


@frozen
class TerminalInOptions:
    """Options of audio_in ``terminal``."""

    live: ClassVar[bool] = False

    prompt: str = option("you: ", help="What asks for the next turn, where somebody sits at the terminal.")


@frozen
class FileOutOptions:
    """Options of audio_out ``file``."""

    path: Path = option(help="The WAV file to write; further sessions of one process get -2, -3, ... behind the name.")


@frozen
class RecordingInOptions:
    """Options of audio_in ``recording``."""

    path: Path = option(help="The session folder whose user is heard again.", exists=True)
    live: bool = option(
        False, help="Whether the recorded user goes on while the agent speaks, as in barge-in sessions."
    )
    pace: Literal["fast"] = option("fast", help="A recording is fed as fast as it is taken.")
