"""``python -m benchmarks.entrainment``: the figures of docs/results/entrainment.md."""

from __future__ import annotations

import click

from benchmarks.entrainment.power import power


@click.group()
def main() -> None:
    """What models of entrainment reach. Each command goes on where it was stopped."""


main.add_command(power)

if __name__ == "__main__":
    main()
