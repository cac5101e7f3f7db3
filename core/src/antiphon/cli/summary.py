"""A session as a table, a turn a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, RATE, Measurements
from antiphon.recording.records import TurnRecord

SHOWN = {PITCH_MEAN: 0, INTENSITY_MEAN: 1, RATE: 1}
"""The features in the table, with their digits; the recording has all."""
PIPED_WIDTH = 140
"""Columns of output that goes to a file or another program."""


def wide_console(*, quiet: bool = False) -> Console:
    """A console on which the table has room also where there is no terminal."""
    console = Console(quiet=quiet)
    return console if console.is_terminal else Console(quiet=quiet, width=PIPED_WIDTH)


def turns_table(turns: Sequence[TurnRecord]) -> Table:
    """Who said what, how it sounded; of the agent also what the strategy asked for and what the voice was told."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("turn", justify="right")
    table.add_column("speaker")
    table.add_column("words", overflow="fold", ratio=1, min_width=20)
    for spec in SHOWN:
        table.add_column(f"{spec.name.replace('_', ' ')}\n[{spec.unit}]".replace("[", "\\["), justify="right")
    table.add_column("answered\nin \\[ms]", justify="right")
    for turn in turns:
        table.add_row(
            str(turn.turn),
            turn.speaker,
            escape(turn.text) + (" (interrupted)" if turn.interrupted else ""),
            *(_cell(turn, spec.name, digits) for spec, digits in SHOWN.items()),
            f"{turn.latency_ms['response']:.0f}" if "response" in turn.latency_ms else "",
        )
    return table


def legend() -> str:
    """What the table's numbers are."""
    return "user: measured; agent: heard <- told (asked for, on the strategy's scale)"


def _cell(turn: TurnRecord, name: str, digits: int) -> str:
    measured = _number(turn.features, name, digits)
    if turn.speaker == "user":
        return measured
    told = f" <- {turn.controls[name]:.{digits}f}" if name in turn.controls else ""
    return measured + told + _target(turn.target, name)


def _target(target: Mapping[str, float], name: str) -> str:
    return f" ({target[name]:+.2f})" if name in target else ""


def _number(features: Measurements, name: str, digits: int) -> str:
    measurement = features.get(name)
    return "-" if measurement is None or measurement.value is None else f"{measurement.value:.{digits}f}"
