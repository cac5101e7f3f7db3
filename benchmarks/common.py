"""What the benchmarks share: real speech, figures with their targets, and tables to read."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np
from antiphon.audio_files import read_audio
from antiphon.payloads import Audio
from attrs import field, frozen
from rich.console import Console
from rich.table import Table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Where the corpora are unless ``--data`` names another folder."""


class NoData(Exception):
    """A benchmark needs real speech that is not there."""


@frozen
class Settings:
    """What the command line asks for: the folder of the corpora, and whether less is measured to be done sooner."""

    data: Path = DATA
    quick: bool = False


@frozen
class Figure:
    """One line of a report; without a target, ``met`` is None."""

    what: str
    measured: str
    target: str = ""
    met: bool | None = None


@frozen
class Report:
    """What a benchmark found out, with what is to be known about it."""

    title: str
    figures: Sequence[Figure]
    notes: Sequence[str] = field(default=())


@frozen
class Sentence:
    """A read sentence and its text."""

    text: str
    audio: Audio


def figure(
    what: str, value: float, unit: str = "", *, at_most: float | None = None, at_least: float | None = None
) -> Figure:
    """A measured value beside the limit that it is to keep."""
    if at_most is not None:
        return Figure(what, _with_unit(value, unit), f"at most {at_most:g} {unit}".strip(), value <= at_most)
    if at_least is not None:
        return Figure(what, _with_unit(value, unit), f"at least {at_least:g} {unit}".strip(), value >= at_least)
    return Figure(what, _with_unit(value, unit))


def _with_unit(value: float, unit: str) -> str:
    """Three significant digits, without an exponent."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:.{digits}f} {unit}".strip()


def percentile(values: Sequence[float], percent: float) -> float:
    """The percentile, interpolated linearly."""
    return float(np.percentile(values, percent))


@contextmanager
def stopwatch(seconds: list[float]) -> Iterator[None]:
    """Append how long the block took."""
    started = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - started)


def sentences(data: Path, count: int) -> list[Sentence]:
    """Real sentences of one speaker, spread over the corpus, no text twice.

    Raises:
        NoData: they are not there.
    """
    folder = data / "voices" / "kathleen"
    if not (folder / "metadata.csv").is_file():
        raise NoData(f"needs real speech, and {folder} is not there; name the folder of the corpora by --data")
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE)
        readings = sorted(rows, key=lambda row: row["id"], reverse=True)
    by_text = list({row["text"]: row for row in readings}.values())[::-1]
    count = min(count, len(by_text))
    chosen = [by_text[i * len(by_text) // count] for i in range(count)]
    return [Sentence(row["text"], read_audio(folder / "wavs" / f"{row['id']}.flac")) for row in chosen]


def show(console: Console, report: Report) -> None:
    """Print a report as a table."""
    table = Table(title=report.title, title_justify="left", caption_justify="left")
    for heading in ("what", "measured", "target", "met"):
        table.add_column(heading, justify="right" if heading in ("measured", "target") else "left")
    for line in report.figures:
        met = {None: "", True: "[green]yes[/]", False: "[red]no[/]"}[line.met]
        table.add_row(line.what, line.measured, line.target, met)
    console.print(table)
    for note in report.notes:
        console.print(note, style="dim")


def command(run: Callable[[Settings], Report]) -> click.Command:
    """The command line of one benchmark."""

    @click.command(help=run.__doc__)
    @click.option(
        "--data", type=click.Path(path_type=Path), default=DATA, show_default=True, help="Folder of the corpora."
    )
    @click.option("--quick", is_flag=True, help="Measure less, to be done sooner.")
    def main(data: Path, quick: bool) -> None:
        try:
            show(Console(), run(Settings(data, quick)))
        except NoData as missing:
            raise click.ClickException(str(missing)) from missing

    return main
