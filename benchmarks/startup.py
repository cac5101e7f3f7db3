"""How long ``antiphon --help`` and ``antiphon plugins`` take to start, next to a bare command of the CLI library.

All run as processes of their own, in turn, so what else the machine does hits them alike. The ratios are of medians.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Mapping

from benchmarks.common import Figure, Report, Settings, command, figure, stopwatch

BARE = "bare click command"
PROGRAMS: Mapping[str, list[str]] = {
    BARE: ["-c", "import click\n@click.command()\ndef main():\n    click.echo('hello')\nmain()", "--help"],
    "antiphon --help": ["-c", "from antiphon.cli.main import main\nmain()", "--help"],
    "antiphon plugins": ["-c", "from antiphon.cli.main import main\nmain()", "plugins"],
}


def run(settings: Settings) -> Report:
    """Start every program many times, after once to fill the caches."""
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(4 if settings.quick else 21):
        for name, arguments in PROGRAMS.items():
            with stopwatch(seconds[name]):
                subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    medians = {name: statistics.median(taken[1:]) for name, taken in seconds.items()}
    figures: list[Figure] = [figure(name, 1e3 * median, "ms") for name, median in medians.items()]
    for name, median in medians.items():
        if name != BARE:
            figures.append(figure(f"{name}, by the bare command", median / medians[BARE], "times", at_most=2))
    return Report("Start of the command line", figures)


main = command(run)

if __name__ == "__main__":
    main()
