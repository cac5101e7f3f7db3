"""``antiphon corpus``: imports, describes and simulates turn tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

import click
import numpy as np
from antiphon.cli.lazy import LazyCommand
from antiphon.errors import InputError
from attrs import asdict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

from antiphon_corpus.adjacency import Array
from antiphon_corpus.best_loss import best_loss
from antiphon_corpus.describe import Description, describe
from antiphon_corpus.model import Monologues
from antiphon_corpus.plot import plot_description
from antiphon_corpus.simulate import TYPICAL, Dynamics, parameters, simulate
from antiphon_corpus.turn_table import read_turn_table, write_turn_table


@click.group()
def corpus() -> None:
    """Import, describe and simulate corpora of conversations, as turn tables."""


corpus.add_command(
    LazyCommand("import", "antiphon_corpus.importing.commands:import_", "Make a turn table of a corpus.")
)


@corpus.command(name="describe")
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "--rename", multiple=True, metavar="NAME=COLUMN", help="Read the file's column NAME as COLUMN; repeatable."
)
@click.option("--drop-unknown", is_flag=True, help="Leave out columns that are no known features.")
@click.option("--local-speakers", is_flag=True, help="Names of speakers stand for others in every conversation.")
@click.option(
    "--monologues",
    type=click.Choice(get_args(Monologues)),
    default="refuse",
    show_default=True,
    help="What to do with conversations of one speaker.",
)
@click.option("--permutations", type=click.IntRange(19), default=1000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the permutations.")
@click.option("--plot", type=click.Path(path_type=Path), help="Also draw all this into this PNG file.")
def describe_command(
    table: Path,
    rename: Sequence[str],
    drop_unknown: bool,
    local_speakers: bool,
    monologues: str,
    permutations: int,
    seed: int,
    plot: Path | None,
) -> None:
    """Print counts, feature statistics, missing shares and correlations of adjacent turns of the turn table TABLE."""
    read = read_turn_table(
        table,
        rename=dict(_pair(text, "--rename") for text in rename),
        drop_unknown=drop_unknown,
        local_speakers=local_speakers,
        monologues=cast(Monologues, monologues),
    )
    console = Console()
    for notice in read.notices:
        console.print(f"[yellow]note[/] {notice}", highlight=False)
    description = describe(read, permutations=permutations, seed=seed)
    _print(console, description)
    if plot is not None:
        plot_description(read, description, plot)
        console.print(f"plot  {plot}", soft_wrap=True, highlight=False)


@corpus.command(name="simulate")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--coupling",
    multiple=True,
    default=("0.2",),
    show_default=True,
    metavar="B|FEATURE=B",
    help="How strongly we follow the partner: one number for all features, or by feature, repeatable (others then 0).",
)
@click.option("--conversations", type=click.IntRange(1), default=200, show_default=True)
@click.option("--exchanges", type=click.FloatRange(4), default=30.0, show_default=True, help="Mean, a conversation.")
@click.option("--inertia", type=click.FloatRange(0, 1, max_open=True), default=0.4, show_default=True)
@click.option("--text-effect", type=float, default=0.3, show_default=True, help="Of the length of our turn's text.")
@click.option("--drift", type=click.FloatRange(0), default=0.0, show_default=True, help="SD over a conversation.")
@click.option("--missing", type=click.FloatRange(0, 1, max_open=True), default=0.0, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def simulate_command(
    out: Path,
    coupling: Sequence[str],
    conversations: int,
    exchanges: float,
    inertia: float,
    text_effect: float,
    drift: float,
    missing: float,
    seed: int,
    force: bool,
) -> None:
    """Write simulated conversations to OUT (.csv or .parquet), and what is known of them to NAME.truth.json."""
    truth = out.with_name(f"{out.stem}.truth.json")
    for path in (out, truth):
        if path.exists() and not force:
            raise InputError(f"{path} is there already; choose another name, or --force to overwrite it")
    dynamics = Dynamics(
        coupling=_coupling(coupling),
        inertia=inertia,
        text_effect=text_effect,
        drift_sd=drift,
        missing=missing,
        mean_exchanges=exchanges,
    )
    simulation = simulate(conversations, dynamics, seed=seed)
    write_turn_table(simulation.table, out)
    loss = asdict(best_loss(simulation))
    known = {"seed": seed, "conversations": conversations, **parameters(dynamics), "best_smooth_l1": loss}
    truth.write_text(json.dumps(known, indent=2) + "\n", "utf-8")
    click.echo(f"{out}: {conversations} conversations, {len(simulation.table.frame)} turns")
    click.echo(f"{truth}: least smooth L1 {loss['free_running']:.4f} free-running, {loss['one_step']:.4f} one step")


def _pair(text: str, option: str) -> tuple[str, str]:
    left, separator, right = text.partition("=")
    if not (separator and left and right):
        raise click.BadParameter(f'"{text}" is not of the form NAME=VALUE', param_hint=option)
    return left, right


def _coupling(texts: Sequence[str]) -> float | dict[str, float]:
    try:
        if len(texts) == 1 and "=" not in texts[0]:
            return float(texts[0])
        return {name: float(value) for name, value in (_pair(text, "--coupling") for text in texts)}
    except ValueError as error:
        names = ", ".join(TYPICAL)
        raise click.BadParameter(
            f"{error}; give a number, or FEATURE=NUMBER of {names}", param_hint="--coupling"
        ) from None


def _print(console: Console, d: Description) -> None:
    counts = (
        f"{d.conversations} conversations ({d.dyads} of two speakers), {d.speakers} speakers, {d.turns} turns "
        f"(median {d.median_turns:g} a conversation), {d.hours:.1f} hours"
    )
    turns = f"turns: median {d.median_turn_s:.2f} s, {d.median_words:g} words"
    if d.floor.median_s is not None:
        turns += (
            f"; the other speaker starts {d.floor.median_s:.2f} s after (median), {d.floor.overlapping:.0%} overlap"
        )
    for line in (counts, turns):
        console.print(line, highlight=False, soft_wrap=True)
    headings = ("absent", "mean", "SD", "5 %", "median", "95 %")
    statistics = _table("", Column("unit", no_wrap=True), *map(_right, headings))
    for s in d.statistics:
        numbers = (s.mean, s.sd, s.p05, s.median, s.p95)
        statistics.add_row(s.feature.name, s.feature.unit, f"{s.missing:.1%}", *map(_number, numbers))
    console.print(statistics)
    headings = ("pairs", "r", "null, 95 %", "p", "median r", "p <= .05")
    adjacent = _table("adjacent turns", *map(_right, headings))
    for a in d.adjacent:
        adjacent.add_row(
            a.feature.name,
            str(a.pairs),
            _ratio(a.pooled),
            _interval(a.null),
            "-" if a.p is None else f"{a.p:.3f}",
            _ratio(_median(a.by_conversation)),
            f"{a.significant} of {a.testable}",
        )
    console.print(adjacent)


def _table(title: str, *columns: str | Column) -> Table:
    feature = Column("feature", no_wrap=True)
    return Table(
        feature,
        *columns,
        title=title or None,
        title_justify="left",
        box=SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
    )


def _right(heading: str) -> Column:
    return Column(heading, justify="right", no_wrap=True)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(null: Array) -> str:
    return "..".join(f"{q:.3f}" for q in np.quantile(null, [0.025, 0.975])) if len(null) else "-"


def _median(values: Array) -> float | None:
    return float(np.median(values)) if len(values) else None
