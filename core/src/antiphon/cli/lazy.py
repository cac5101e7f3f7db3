"""A command that is imported when it is called; the help lists it without that."""

from __future__ import annotations

import importlib
from typing import Any

import click


class LazyCommand(click.Command):
    """Stands for a command or group of commands until it is used.

    Plugins add their commands as these, so that ``antiphon --help`` imports none of their code::

        cli.add_command(LazyCommand("dance", "my_package.commands:dance", "Dance a little."))

    Args:
        name: of the command.
        reference: ``"package.module:object"``, the command itself.
        summary: one line for the help.
    """

    def __init__(self, name: str, reference: str, summary: str) -> None:
        super().__init__(name, help=summary, short_help=summary)
        self.reference = reference

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.reference.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of the command itself, which click goes on with."""
        return self.load().make_context(info_name, args, parent, **extra)
