"""Registers the commands of this distribution; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def antiphon_register_commands(cli: click.Group) -> None:
    from antiphon.cli.lazy import LazyCommand

    commands = "antiphon_measure_entrainment.commands"
    cli.add_command(
        LazyCommand("measure", f"{commands}.measure:measure", "Measure entrainment in tables of turns and in sessions.")
    )
    cli.add_command(
        LazyCommand("report", f"{commands}.report:report", "Make a page of a recorded session, with its sound.")
    )
