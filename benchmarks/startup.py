"""How long ``antiphon --help`` and ``antiphon plugins`` take to start, next to a bare command of the CLI library.

All run as processes of their own, in turn, so what else the machine does hits them alike. The ratios are of medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping

import click
from attrs import frozen
from rich.console import Console
from rich.table import Table

BARE = "bare click command"
PROGRAMS: Mapping[str, list[str]] = {
    BARE: ["-c", "import click\n@click.command()\ndef main():\n    click.echo('hello')\nmain()", "--help"],
    "antiphon --help": ["-c", "from antiphon.cli.main import main\nmain()", "--help"],
    "antiphon plugins": ["-c", "from antiphon.cli.main import main\nmain()", "plugins"],
}


@frozen
class Start:
    """Median wall and processor time of one program, and how many times those of the bare command they are."""

    wall_ms: float
    cpu_ms: float
    wall_ratio: float
    cpu_ratio: float


def run(rounds: int = 30) -> Mapping[str, Start]:
    """Start every program `rounds` times, after once to fill the caches."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    for turn in range(rounds + 1):
        for name, arguments in PROGRAMS.items():
            taken = _start(arguments)
            if turn:
                times[name].append(taken)
    medians = {name: tuple(map(statistics.median, zip(*taken, strict=True))) for name, taken in times.items()}
    bare_wall, bare_cpu = medians[BARE]
    return {
        name: Start(1e3 * wall, 1e3 * cpu, wall / bare_wall, cpu / bare_cpu) for name, (wall, cpu) in medians.items()
    }


def _start(arguments: list[str]) -> tuple[float, float]:
    """Seconds of wall and of processor time."""
    before, started = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - started, os.times()
    used = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    return wall, used


@click.command()
@click.option("--rounds", default=30, show_default=True, help="How often each program is started.")
def main(rounds: int) -> None:
    """Print the times of all programs and their ratios to the bare command."""
    table = Table("program", "ms", "processor ms", "ratio", "processor ratio", title="Start")
    for name, start in run(rounds).items():
        table.add_row(
            name, f"{start.wall_ms:.0f}", f"{start.cpu_ms:.0f}", f"{start.wall_ratio:.2f}", f"{start.cpu_ratio:.2f}"
        )
    Console().print(table)


if __name__ == "__main__":
    main()
