"""Registers what this distribution offers; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def antiphon_register_commands(cli: click.Group) -> None:
    from antiphon.cli.lazy import LazyCommand

    summary = "Train, evaluate and export models of entrainment."
    cli.add_command(LazyCommand("entrain", "antiphon_entrain_neural.commands.group:entrain", summary))
