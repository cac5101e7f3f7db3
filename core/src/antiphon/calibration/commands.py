"""``antiphon SYNTHESIZER calibrate`` and ``fidelity``: commands that all calibrated synthesizers share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from antiphon.calibration.fidelity import HEADER, fidelity
from antiphon.calibration.meter import Meter
from antiphon.calibration.table import Calibration

Progress = Callable[[int, int], None]
Calibrate = Callable[[str, Meter, Progress], Calibration]
Open = Callable[[str, "Path | None"], Any]


def voice_commands(synthesizer: str, calibrate: Calibrate, component: Open) -> click.Group:
    """The group of commands of a synthesizer.

    Args:
        synthesizer: its name in profiles.
        calibrate: makes the calibration of a voice.
        component: opens the synthesizer with a voice and, if given, the path of a calibration.
    """

    @click.group(name=synthesizer, help=f"Voices of the synthesizer {synthesizer}.")
    def group() -> None:
        pass

    @group.command(name="calibrate")
    @click.argument("voice")
    @click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File; VOICE.json if not given.")
    def calibrate_command(voice: str, output: Path | None) -> None:
        """Measure what the settings of VOICE do, for options.calibration of a profile. Takes some minutes."""
        path = output or Path(f"{voice}.json")
        with click.progressbar(length=1000, label=voice) as bar:
            calibration = calibrate(voice, Meter(), lambda done, total: bar.update(1000 * done // total - bar.pos))
        calibration.save(path)
        click.echo(
            f"{path} written; in a profile: synthesizer.options = {{name = {voice!r}, calibration = {str(path)!r}}}"
        )

    @group.command(name="fidelity")
    @click.argument("voice")
    @click.option(
        "--calibration", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its calibration."
    )
    @click.option(
        "--vectors", type=click.IntRange(2), default=20, show_default=True, help="Requests for each sentence."
    )
    def fidelity_command(voice: str, calibration: Path | None, vectors: int) -> None:
        """Compare what is asked of VOICE with what is measured, on sentences that no voice is calibrated on."""
        opened = component(voice, calibration)
        try:
            results = fidelity(opened.calibration.card(), opened.session(0), Meter(), vectors=vectors)
        finally:
            opened.close()
        click.echo("\n".join([HEADER, *(result.row() for result in results)]))

    return group
