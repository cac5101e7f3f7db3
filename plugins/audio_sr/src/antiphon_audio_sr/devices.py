"""The sound devices of this machine, found through PortAudio."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Literal

from antiphon.errors import DeviceError
from attrs import frozen

Direction = Literal["input", "output"]

INSTALL_PORTAUDIO = "apt-get install libportaudio2"


@frozen
class Device:
    """A sound device.

    Attributes:
        index: PortAudio's number; it may change when devices are plugged in.
        inputs, outputs: numbers of channels.
        sample_rate: Hz; the device's own.
        host: the system interface behind it (ALSA, Core Audio, ...).
        default_for: the directions for which the system chooses it.
    """

    index: int
    name: str
    inputs: int
    outputs: int
    sample_rate: int
    host: str = ""
    default_for: frozenset[Direction] = frozenset()

    def serves(self, direction: Direction) -> bool:
        return (self.inputs if direction == "input" else self.outputs) > 0


def portaudio() -> ModuleType:
    """The sounddevice module.

    Raises:
        DeviceError: the PortAudio library is missing (sounddevice's import says so with OSError) or does not start.
    """
    try:
        import sounddevice
    except OSError as error:
        raise DeviceError(
            f"the PortAudio library is missing ({error}); install it, on Debian or Ubuntu with: {INSTALL_PORTAUDIO}"
        ) from error
    except Exception as error:  # PortAudio initialises on import and may fail in any way the sound system invents
        raise DeviceError(f"PortAudio does not start: {error}") from error
    return sounddevice  # type: ignore[no-any-return]


def list_devices() -> list[Device]:
    """All devices, in PortAudio's order.

    Raises:
        DeviceError: as `portaudio`.
    """
    sounddevice = portaudio()
    hosts = sounddevice.query_hostapis()
    default_input, default_output = sounddevice.default.device

    def defaults(index: int) -> frozenset[Direction]:
        pairs: tuple[tuple[Direction, int], ...] = (("input", default_input), ("output", default_output))
        return frozenset(direction for direction, chosen in pairs if chosen == index)

    return [
        Device(
            index=index,
            name=entry["name"],
            inputs=entry["max_input_channels"],
            outputs=entry["max_output_channels"],
            sample_rate=round(entry["default_samplerate"]),
            host=hosts[entry["hostapi"]]["name"],
            default_for=defaults(index),
        )
        for index, entry in enumerate(sounddevice.query_devices())
    ]


def choose(devices: Sequence[Device], wanted: int | str | None, direction: Direction) -> Device:
    """The device that a profile means: its whole name, a part of it that only one device has, or its index.

    Raises:
        DeviceError: there is none, or several; the message lists what could be meant.
    """
    able = [device for device in devices if device.serves(direction)]
    if not able:
        raise DeviceError(f"no {direction} device found; `antiphon devices` lists what the system offers")
    if wanted is None:
        default = [device for device in able if direction in device.default_for]
        if not default:
            raise DeviceError(f"the system has no default {direction} device; choose one of {_listed(able)}")
        return default[0]
    found = _matching(able, str(wanted).casefold().strip())
    if len(found) == 1:
        return found[0]
    if found:
        raise DeviceError(f'several {direction} devices match "{wanted}"; choose by index one of {_listed(found)}')
    raise DeviceError(f'no {direction} device matches "{wanted}"; there are {_listed(able)}')


def require_rate(device: Device, direction: Direction, sample_rate: int) -> None:
    """Check that the device opens at this rate.

    Raises:
        DeviceError: it does not, and why.
    """
    sounddevice = portaudio()
    check = sounddevice.check_input_settings if direction == "input" else sounddevice.check_output_settings
    try:
        check(device=device.index, channels=1, samplerate=sample_rate)
    except sounddevice.PortAudioError as error:
        raise DeviceError(
            f'{direction} device {device.index} "{device.name}" does not open at {sample_rate} Hz: {error}; '
            "another program may hold it, or it needs another options.sample_rate"
        ) from error


def _matching(devices: Sequence[Device], wanted: str) -> list[Device]:
    if wanted.isdecimal():
        return [device for device in devices if device.index == int(wanted)]
    exact = [device for device in devices if device.name.casefold() == wanted]
    return exact or [device for device in devices if wanted and wanted in device.name.casefold()]


def _listed(devices: Sequence[Device]) -> str:
    return ", ".join(f'{device.index} "{device.name}"' for device in devices)
