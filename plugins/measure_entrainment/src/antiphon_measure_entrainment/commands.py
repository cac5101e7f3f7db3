"""``antiphon measure``: a turn table in, a tidy table of effects out."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd
from antiphon.errors import AntiphonError
from rich.console import Console
from rich.table import Table

from antiphon_measure_entrainment.everything import MEASURES
from antiphon_measure_entrainment.everything import measure as measured
from antiphon_measure_entrainment.turns import features_of

ALSO_CALLED = {"conversation_id": "conversation", "turn_index": "turn"}
SUFFIXES = (".csv", ".parquet")


@click.command()
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feature", "-f", "features", multiple=True, help="A feature column; without it, every numeric column.")
@click.option(
    "--measure", "-m", "measures", multiple=True, type=click.Choice(MEASURES), help="Without it, all measures."
)
@click.option("--permutations", default=1000, show_default=True, type=click.IntRange(min=1), help="Draws of each null.")
@click.option("--seed", default=0, show_default=True, type=int, help="Of the random draws.")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A .csv or .parquet to write.")
def measure(
    table: Path, features: tuple[str, ...], measures: tuple[str, ...], permutations: int, seed: int, output: Path | None
) -> None:
    """Measure the entrainment in TABLE, a .csv or .parquet with one row per turn.

    Columns: conversation, turn, speaker, start_s, end_s, and one for each feature. The table that is printed has
    p-values from permutations and q-values corrected over all its rows (Benjamini and Hochberg).
    """
    if output is not None and output.suffix not in SUFFIXES:
        raise click.BadParameter(f"{output.name} ends neither in .csv nor in .parquet", param_hint="--output")
    turns = read(table)
    progress = Console(stderr=True)
    try:
        result = measured(
            turns,
            features or features_of(turns),
            measures=measures or MEASURES,
            permutations=permutations,
            seed=seed,
            progress=lambda name: progress.print(f"[dim]{name}[/dim]", highlight=False),
        )
    except ValueError as error:
        raise AntiphonError(f"{table}: {error}") from None
    Console().print(printed(result))
    if output is not None:
        result.to_csv(output, index=False) if output.suffix == ".csv" else result.to_parquet(output, index=False)


def read(path: Path) -> pd.DataFrame:
    """The turn table of a file."""
    if path.suffix not in SUFFIXES:
        raise AntiphonError(f"{path} ends neither in .csv nor in .parquet")
    try:
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise AntiphonError(f"{path} cannot be read as a table: {error}") from None
    return table.rename(columns={old: new for old, new in ALSO_CALLED.items() if new not in table.columns})


def printed(result: pd.DataFrame) -> Table:
    """The tidy table for the terminal."""
    table = Table("feature", "measure", "estimate", "95 % interval", "effect", "p", "q", "n", box=None)
    for row in result.itertuples():
        if row.note and pd.isna(row.estimate):
            table.add_row(row.feature, row.measure, f"[dim]{row.note}[/dim]")
            continue
        interval = "" if pd.isna(row.low) else f"{row.low:.3g} to {row.high:.3g}"
        shown = ["" if pd.isna(value) else f"{value:.3g}" for value in (row.estimate, row.effect_size, row.p, row.q)]
        table.add_row(row.feature, row.measure, shown[0], interval, *shown[1:], str(row.n))
    return table
