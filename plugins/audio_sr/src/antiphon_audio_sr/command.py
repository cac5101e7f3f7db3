"""``antiphon devices``: what there is to listen and to speak with."""

from __future__ import annotations

import sys

import click
from antiphon.errors import DeviceError

from antiphon_audio_sr.devices import Device, Direction, list_devices


@click.command()
def devices() -> None:
    """List microphones and speakers: index, name, rate; * marks the default.

    Profiles take a name, a unique part of one, or an index.
    """
    try:
        found = list_devices()
    except DeviceError as error:
        click.echo(f"Cannot list sound devices: {error}", err=True)
        sys.exit(1)
    _print("Inputs", "audio_in", "input", found)
    _print("Outputs", "audio_out", "output", found)


def _print(title: str, stage: str, direction: Direction, found: list[Device]) -> None:
    able = [device for device in found if device.serves(direction)]
    if not able:
        click.echo(f"{title}: none. Plug in or enable a device, or use another {stage}: file works everywhere.")
        return
    click.echo(f"{title}:")
    width = max(len(device.name) for device in able)
    for device in able:
        mark = "*" if direction in device.default_for else " "
        channels = device.inputs if direction == "input" else device.outputs
        click.echo(
            f" {mark}{device.index:3d}  {device.name:{width}}  {device.sample_rate:6d} Hz"
            f"  {channels:3d} channel{'s' if channels != 1 else ''}  {device.host}"
        )
