"""A group of commands that is also a command."""

from __future__ import annotations

import click


class DefaultGroup(click.Group):
    """Arguments that begin with no command of the group, nor with its help, go to the command named `default`."""

    default = "run"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in self.get_help_option_names(ctx):
            args = [self.default, *args]
        return super().parse_args(ctx, args)
