"""``antiphon measure``: turn tables and recorded sessions in, effects out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

import click
from antiphon.cli.lazy import LazyCommand
from antiphon.cli.summary import wide_console
from antiphon.errors import AntiphonError
from antiphon_corpus.model import Monologues

from antiphon_measure_entrainment.agents.conditions import condition
from antiphon_measure_entrainment.agents.manipulation import manipulation_check
from antiphon_measure_entrainment.agents.realised import realised_turns
from antiphon_measure_entrainment.commands.default_group import DefaultGroup
from antiphon_measure_entrainment.commands.printed import print_check, print_effects
from antiphon_measure_entrainment.commands.watch import Watch
from antiphon_measure_entrainment.measures.everything import MEASURES
from antiphon_measure_entrainment.output.files import FORMATS, check_outputs, write
from antiphon_measure_entrainment.studies.inputs import Inputs, read_inputs
from antiphon_measure_entrainment.studies.journal import Journal, beside
from antiphon_measure_entrainment.studies.runner import Results, identity, run, tasks


@click.group(cls=DefaultGroup)
def measure() -> None:
    """``antiphon measure PATHS...`` is ``antiphon measure run PATHS...``; the help is that of `run_command`."""


@measure.command("run", hidden=True)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="TABLE_OR_SESSIONS...")
@click.option("--feature", "-f", "features", multiple=True, help="A feature to measure; without it, every one.")
@click.option(
    "--measure",
    "-m",
    "measures",
    multiple=True,
    type=click.Choice(MEASURES),
    metavar="MEASURE",
    help=f"Without it, all measures: {', '.join(MEASURES)}.",
)
@click.option("--permutations", default=1000, show_default=True, type=click.IntRange(min=1), help="Draws of each null.")
@click.option("--seed", default=0, show_default=True, type=int, help="Of the random draws.")
@click.option("--jobs", "-j", default=1, show_default=True, type=click.IntRange(min=1), help="Processes to measure in.")
@click.option(
    "--output",
    "-o",
    "outputs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file to write, by its suffix: .csv, .parquet, .tex (a table for a paper) or .html (a report); repeatable.",
)
@click.option(
    "--rename", multiple=True, metavar="NAME=COLUMN", help="Read a table's column NAME as COLUMN; repeatable."
)
@click.option("--drop-unknown", is_flag=True, help="Leave out columns of tables that are no known features.")
@click.option("--local-speakers", is_flag=True, help="Names of speakers stand for others in every conversation.")
@click.option(
    "--monologues",
    type=click.Choice(get_args(Monologues)),
    default="keep",
    show_default=True,
    help="What to do with conversations of one speaker.",
)
def run_command(
    paths: tuple[Path, ...],
    features: tuple[str, ...],
    measures: tuple[str, ...],
    permutations: int,
    seed: int,
    jobs: int,
    outputs: tuple[Path, ...],
    rename: tuple[str, ...],
    drop_unknown: bool,
    local_speakers: bool,
    monologues: str,
) -> None:
    """Measure the entrainment in turn tables (.csv, .parquet) and recorded sessions.

    A table is measured by itself; sessions are measured by the strategy of their agent, with a check whether the agent
    did what its strategy promises. The q-values are corrected over all rows (Benjamini and Hochberg).

    What is finished is kept beside the first output until all is: after a Ctrl-C or a kill, the same command goes on.
    """
    check_outputs(outputs)
    inputs = read_inputs(
        paths,
        features,
        rename=dict(_pair(text) for text in rename),
        drop_unknown=drop_unknown,
        local_speakers=local_speakers,
        monologues=cast(Monologues, monologues),
    )
    console = wide_console()
    for notice in inputs.notices:
        console.print(f"[yellow]note[/] {notice}", highlight=False, soft_wrap=True)
    chosen = tuple(dict.fromkeys(measures)) or MEASURES
    with Journal(beside(outputs[0]) if outputs else None, identity(inputs.groups, permutations, seed)) as journal:
        try:
            results = _watched(inputs, chosen, permutations, seed, jobs, journal)
        except KeyboardInterrupt:
            if journal.path is not None:
                click.echo(
                    f"{len(journal.found)} results are kept in {journal.path}; the same command goes on.", err=True
                )
            raise
        print_effects(console, results.effects)
        check = None
        if inputs.sessions:
            turns = realised_turns(inputs.sessions)
            promised = {c.name: c.promised for c in map(condition, inputs.sessions) if c.promised is not None}
            check = manipulation_check(turns, promised)
            print_check(console, check)
        settings = {"permutations": permutations, "seed": seed}
        for path in outputs:
            write(path, inputs, results, check, settings)
            console.print(f"{FORMATS[path.suffix]}  {path}", soft_wrap=True, highlight=False)
        journal.remove()


measure.add_command(
    LazyCommand(
        "power", "antiphon_measure_entrainment.commands.power:power", "How large a study must be, by simulation."
    )
)


def _watched(
    inputs: Inputs, measures: Sequence[str], permutations: int, seed: int, jobs: int, journal: Journal
) -> Results:
    with Watch(len(tasks(inputs.groups, measures))) as watch:
        try:
            return run(
                inputs.groups,
                measures,
                permutations=permutations,
                seed=seed,
                jobs=jobs,
                journal=journal,
                finished=lambda task: watch.advance(", ".join((task.measure, *task.features))),
            )
        except ValueError as error:
            raise AntiphonError(str(error)) from error


def _pair(text: str) -> tuple[str, str]:
    left, separator, right = text.partition("=")
    if not (separator and left and right):
        raise click.BadParameter(f'"{text}" is not of the form NAME=COLUMN', param_hint="--rename")
    return left, right
