"""The options of microphone and speaker."""

from __future__ import annotations

from antiphon import option
from attrs import frozen
from attrs.validators import ge, gt, le, optional

DEVICE_HELP = "name of the device, a part that only its name has, or its index, as `antiphon devices` lists them"


@frozen
class MicrophoneOptions:
    """Options of audio_in ``sr``."""

    device: int | str | None = option(None, help=f"{DEVICE_HELP}; none for the system's default")
    sample_rate: int | None = option(
        None, help="rate to record at; none for the device's own", unit="Hz", validator=optional(gt(0))
    )
    chunk_ms: float = option(20.0, help="length of a chunk", unit="ms", validator=[ge(10), le(100)])
    calibrate_s: float = option(
        1.0,
        help="time at the start in which the noise of the room is measured, reported and judged; 0 for no measurement",
        unit="s",
        validator=ge(0),
    )
    timeout_s: float = option(
        5.0, help="a microphone that delivers nothing for this long has failed", unit="s", validator=gt(0)
    )


@frozen
class SpeakerOptions:
    """Options of audio_out ``speaker``."""

    device: int | str | None = option(None, help=f"{DEVICE_HELP}; none for the system's default")
    sample_rate: int | None = option(
        None,
        help="rate to open the device at; none for its own; audio at other rates is converted",
        unit="Hz",
        validator=optional(gt(0)),
    )
    buffer_s: float = option(
        0.1,
        help="audio that is handed to the device in advance: more rides out a busy machine, "
        "less starts earlier when a voice is slow",
        unit="s",
        validator=[ge(0.01), le(1)],
    )
