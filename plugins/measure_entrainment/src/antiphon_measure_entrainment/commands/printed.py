"""Effects as tables for the terminal."""

from __future__ import annotations

from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

EFFECT_NUMBERS = ("estimate", "95 % interval", "effect size", "p", "q", "n")
CHECK_NUMBERS = ("slope", "95 % interval", "promised", "p of promised", "turns")


def print_effects(console: Console, effects: pd.DataFrame) -> None:
    """The tidy table, significant rows bold; below it why others are not computable."""
    names = [name for name in ("group", "feature", "measure") if name in effects.columns]
    table = _table("entrainment", names, EFFECT_NUMBERS)
    for row in effects[effects["estimate"].notna()].to_dict("records"):
        table.add_row(
            *(escape(str(row[name])) for name in names),
            number(row["estimate"]),
            interval(row["low"], row["high"]),
            *(number(row[name]) for name in ("effect_size", "p", "q")),
            str(row["n"]),
            style="bold" if row["q"] <= 0.05 else "",
        )
    console.print(table)
    _print_gaps(console, effects[effects["estimate"].isna()], names)


def print_check(console: Console, check: pd.DataFrame) -> None:
    """`manipulation_check`; slopes that differ from the promise are yellow."""
    names = ["strategy", "feature", "on"]
    table = _table(
        "manipulation check: the agent's voice on what was requested, and on the user's", names, CHECK_NUMBERS
    )
    for row in check[check["slope"].notna()].to_dict("records"):
        missed = not pd.isna(row["p_promised"]) and row["p_promised"] < 0.05
        table.add_row(
            *(escape(str(row[name])) for name in names),
            number(row["slope"]),
            interval(row["low"], row["high"]),
            number(row["promised"]),
            number(row["p_promised"]),
            str(row["n"]),
            style="yellow" if missed else "",
        )
    console.print(table)
    _print_gaps(console, check[check["slope"].isna()], names)


def number(value: Any) -> str:
    """Three digits, or nothing."""
    return "" if pd.isna(value) else f"{value:.3g}"


def interval(low: Any, high: Any) -> str:
    return "" if pd.isna(low) or pd.isna(high) else f"{low:.3g} to {high:.3g}"


def _table(title: str, names: list[str], numbers: tuple[str, ...]) -> Table:
    table = Table(*names, box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for heading in numbers:
        table.add_column(heading, justify="right")
    return table


def _print_gaps(console: Console, rows: pd.DataFrame, names: list[str]) -> None:
    for note, same in rows.groupby("note", sort=False):
        which = "; ".join(dict.fromkeys(" ".join(str(row[name]) for name in names) for row in same.to_dict("records")))
        console.print(f"[dim]{escape(str(note))}: {escape(which)}[/]", highlight=False, soft_wrap=True)
