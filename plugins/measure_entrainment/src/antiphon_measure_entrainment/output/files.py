"""Writes what was measured, in the format that a file's suffix says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import pandas as pd
from antiphon.errors import AntiphonError, InputError

from antiphon_measure_entrainment.studies.inputs import Inputs
from antiphon_measure_entrainment.studies.runner import Results

FORMATS = {".csv": "table", ".parquet": "table", ".tex": "LaTeX", ".html": "report"}
"""What can be written, by suffix."""

CHECK = "manipulation"
"""Tables of the manipulation check lie beside those of the effects, with this before the suffix."""


def check_outputs(paths: Sequence[Path]) -> None:
    """Whether all of `paths` can be written later, before anything is measured.

    Raises:
        click.BadParameter: a suffix is not known.
        AntiphonError: a folder is not there, or what a format needs is not installed.
    """
    for path in paths:
        if path.suffix not in FORMATS:
            known = ", ".join(FORMATS)
            raise click.BadParameter(f"{path.name} ends in none of {known}", param_hint="--output")
        if not path.parent.is_dir():
            raise InputError(f"{path}: there is no folder {path.parent}; make it first")
        if path.suffix in (".tex", ".html"):
            require_report()


def require_report() -> None:
    """
    Raises:
        AntiphonError: what reports are made with is not installed.
    """
    try:
        import jinja2
        import plotly
    except ImportError as error:
        raise AntiphonError(
            "reports and LaTeX tables need jinja2 and plotly: pip install 'antiphon-measure-entrainment[report]'"
        ) from error
    del jinja2, plotly


def write(
    path: Path, inputs: Inputs, results: Results, check: pd.DataFrame | None, settings: Mapping[str, int]
) -> None:
    """Write one file, and beside a table that of the manipulation check, if there is one.

    Raises:
        InputError: the file cannot be written.
    """
    writers: dict[str, Callable[[], None]] = {
        ".csv": lambda: _tables(path, results.effects, check),
        ".parquet": lambda: _tables(path, results.effects, check),
        ".tex": lambda: _latex(path, results.effects, check),
        ".html": lambda: _report(path, inputs, results, check, settings),
    }
    try:
        writers[path.suffix]()
    except OSError as error:
        raise InputError(f"{path}: it cannot be written: {error.strerror or error}") from error


def write_table(path: Path, table: pd.DataFrame) -> None:
    """A data frame as .csv or .parquet."""
    if path.suffix == ".csv":
        table.to_csv(path, index=False, lineterminator="\n")
    else:
        table.to_parquet(path, index=False)


def _tables(path: Path, effects: pd.DataFrame, check: pd.DataFrame | None) -> None:
    write_table(path, effects)
    if check is not None:
        write_table(path.with_name(f"{path.stem}.{CHECK}{path.suffix}"), check)


def _latex(path: Path, effects: pd.DataFrame, check: pd.DataFrame | None) -> None:
    from antiphon_measure_entrainment.output.latex import check_table, effects_table

    text = effects_table(effects) + ("" if check is None else "\n" + check_table(check))
    path.write_text(text, "utf-8")


def _report(
    path: Path, inputs: Inputs, results: Results, check: pd.DataFrame | None, settings: Mapping[str, int]
) -> None:
    from antiphon_measure_entrainment.report.measures import measures_page

    path.write_text(measures_page(inputs, results, check, settings), "utf-8")
