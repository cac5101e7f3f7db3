"""``antiphon measure power``: simulates how large a study must be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pandas as pd
from antiphon.cli.summary import wide_console
from antiphon.errors import AntiphonError, InputError
from antiphon_corpus.simulate import TYPICAL
from attrs import asdict
from rich import box
from rich.console import Console
from rich.table import Table

from antiphon_measure_entrainment.commands.printed import interval, number
from antiphon_measure_entrainment.commands.watch import Watch
from antiphon_measure_entrainment.measures.everything import MEASURES
from antiphon_measure_entrainment.output.files import FORMATS, check_outputs, write_table
from antiphon_measure_entrainment.studies.journal import Journal, beside
from antiphon_measure_entrainment.studies.power import Method, Study, blocks, smallest
from antiphon_measure_entrainment.studies.power import power as powers_of


class Numbers(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # no generic in click 8.1
    """Numbers with commas between them, each within limits."""

    name = "N,N,..."

    def __init__(self, kind: click.IntRange | click.FloatRange) -> None:
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            return value
        return tuple(dict.fromkeys(self.kind.convert(part.strip(), param, ctx) for part in value.split(",")))


@click.command()
@click.option(
    "--effect",
    "effects",
    type=Numbers(click.FloatRange(0, 1, max_open=True)),
    default="0.1,0.2",
    show_default=True,
    help="Correlations of a speaker's turn with the partner's turn that it answers.",
)
@click.option("--dyads", type=Numbers(click.IntRange(1)), default="5,10,20,40,80", show_default=True)
@click.option(
    "--exchanges",
    type=Numbers(click.IntRange(4)),
    default="15,30,60",
    show_default=True,
    help="Of each dyad, in the mean; an exchange is two turns.",
)
@click.option(
    "--measure",
    "-m",
    "measures",
    multiple=True,
    type=click.Choice(MEASURES),
    metavar="MEASURE",
    default=("local_synchrony",),
    show_default=True,
    help=f"One of {', '.join(MEASURES)}; repeatable.",
)
@click.option("--feature", "-f", type=click.Choice(list(TYPICAL)), default="pitch_mean", show_default=True)
@click.option("--target", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.8, show_default=True)
@click.option("--alpha", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.05, show_default=True)
@click.option("--simulations", default=200, show_default=True, type=click.IntRange(1), help="Of each size of study.")
@click.option("--permutations", default=199, show_default=True, type=click.IntRange(min=19), help="Draws of each null.")
@click.option("--seed", default=0, show_default=True, type=int)
@click.option("--jobs", "-j", default=1, show_default=True, type=click.IntRange(min=1), help="Processes.")
@click.option(
    "--output",
    "-o",
    "outputs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file to write, by its suffix: .csv, .parquet, or .html (the curves); repeatable.",
)
def power(
    effects: tuple[float, ...],
    dyads: tuple[int, ...],
    exchanges: tuple[int, ...],
    measures: tuple[str, ...],
    feature: str,
    target: float,
    alpha: float,
    simulations: int,
    permutations: int,
    seed: int,
    jobs: int,
    outputs: tuple[Path, ...],
) -> None:
    """Simulate how many dyads and exchanges a study needs to find an effect.

    Of each size of study many are simulated, in which one speaker follows the other by the given correlation; power is
    the share in which the measure's p is at most alpha. An effect of 0 shows how often it is found by chance.

    What is finished is kept beside the first output until all is: after a Ctrl-C or a kill, the same command goes on.
    """
    check_outputs(outputs)
    unfit = [path.name for path in outputs if path.suffix == ".tex"]
    if unfit:
        raise click.BadParameter(f"{unfit[0]}: power is written as .csv, .parquet or .html", param_hint="--output")
    method = Method(measures, feature, permutations, alpha, seed)
    studies = [Study(effect, count, number_of) for effect in effects for count in exchanges for number_of in dyads]
    with Journal(beside(outputs[0]) if outputs else None, {**asdict(method), "alpha": None}) as journal:
        try:
            found = _watched(studies, method, simulations, jobs, journal)
        except KeyboardInterrupt:
            if journal.path is not None:
                click.echo(f"What is finished is kept in {journal.path}; the same command goes on.", err=True)
            raise
        least = smallest(found, target)
        _print(wide_console(), found, least, target)
        for path in outputs:
            _write(path, found, least, target, method)
            click.echo(f"{FORMATS[path.suffix]}  {path}")
        journal.remove()


def _watched(studies: list[Study], method: Method, simulations: int, jobs: int, journal: Journal) -> pd.DataFrame:
    with Watch(len(blocks(studies, simulations))) as watch:
        try:
            return powers_of(
                studies,
                method,
                simulations=simulations,
                jobs=jobs,
                journal=journal,
                finished=lambda block: watch.advance(
                    f"r {block.study.effect:g}, {block.study.exchanges} exchanges, {block.study.dyads} dyads"
                ),
            )
        except ValueError as error:
            raise AntiphonError(str(error)) from error


def _print(console: Console, found: pd.DataFrame, least: pd.DataFrame, target: float) -> None:
    table = Table("measure", "effect", "exchanges", "dyads", "power", "95 % interval", box=box.SIMPLE_HEAD)
    for row in found.to_dict("records"):
        shown = (number(row["power"]), interval(row["low"], row["high"])) if row["simulations"] else (row["note"], "")
        table.add_row(row["measure"], f"{row['effect']:g}", str(row["exchanges"]), str(row["dyads"]), *shown)
    console.print(table)
    for row in least.to_dict("records"):
        study = f"{row['measure']}, effect {row['effect']:g}, {row['exchanges']} exchanges a dyad"
        if pd.isna(row["dyads"]):
            console.print(f"{study}: power {target:g} is not reached with these dyads", highlight=False)
            continue
        near = (
            ""
            if pd.isna(row["interpolated"])
            else f"; the fitted curve reaches {target:g} at {row['interpolated']:.0f}"
        )
        console.print(
            f"{study}: [bold]{row['dyads']:.0f} dyads[/] reach power {target:g} ({number(row['power'])}, 95 % interval "
            f"{interval(row['low'], row['high'])}){near}",
            highlight=False,
            soft_wrap=True,
        )


def _write(path: Path, found: pd.DataFrame, least: pd.DataFrame, target: float, method: Method) -> None:
    try:
        if path.suffix == ".html":
            from antiphon_measure_entrainment.report.power import power_page

            path.write_text(power_page(found, least, target, method), "utf-8")
        else:
            write_table(path, found)
    except OSError as error:
        raise InputError(f"{path}: it cannot be written: {error.strerror or error}") from error
