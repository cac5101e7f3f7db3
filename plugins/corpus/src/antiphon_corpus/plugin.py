"""Registers the commands of this distribution; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def antiphon_register_commands(cli: click.Group) -> None:
    from antiphon.cli.lazy import LazyCommand

    cli.add_command(LazyCommand("corpus", "antiphon_corpus.commands:corpus", "Import, describe and simulate corpora."))
