"""``python -m benchmarks.entrainment``: the figures of docs/results/entrainment.md."""

from __future__ import annotations

import click

from benchmarks.entrainment.corpora import corpora
from benchmarks.entrainment.power import power
from benchmarks.entrainment.recovery import recovery


@click.group()
def main() -> None:
    """What models of entrainment reach. Each command goes on where it was stopped."""


main.add_command(corpora)
main.add_command(power)
main.add_command(recovery)

if __name__ == "__main__":
    main()
