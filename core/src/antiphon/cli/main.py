"""The ``antiphon`` command; each subcommand is imported when it is used."""

from __future__ import annotations

import importlib
from typing import Any

import click

import antiphon
from antiphon.errors import AntiphonError, ProfileError

COMMANDS = {
    "run": ("antiphon.cli.run:run", "Hold the dialogue that a profile describes."),
    "replay": ("antiphon.cli.run:replay", "Feed a recording through a profile again."),
    "session": ("antiphon.cli.session:session", "Show and export recordings."),
    "profile": ("antiphon.cli.profile:profile", "Check, show and write profiles."),
    "plugins": ("antiphon.cli.plugins:plugins", "List and examine plugins."),
    "plugin": ("antiphon.cli.plugin_new:plugin", "Make a plugin of your own."),
}
INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group whose own commands are imported when they are called, and which plugins may extend.

    Plugins are asked for their commands only where an unknown command or the help needs them.
    """

    _plugins_asked = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._ask_plugins()
        return [*COMMANDS, *sorted(self.commands.keys() - COMMANDS.keys())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name][0].partition(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        self._ask_plugins()
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self._summary(name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors that are meant for users become a message and an exit status."""
        try:
            return super().invoke(ctx)
        except ProfileError as error:
            click.echo(str(error), err=True)
            ctx.exit(2)
        except AntiphonError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)

    def _summary(self, name: str) -> str:
        return COMMANDS[name][1] if name in COMMANDS else self.commands[name].get_short_help_str(100)

    def _ask_plugins(self) -> None:
        if self._plugins_asked:
            return
        self._plugins_asked = True
        from antiphon.discovery import Plugins

        for implementation in Plugins().hook.antiphon_register_commands.get_hookimpls():
            try:
                implementation.function(cli=self)
            except Exception as error:  # a plugin may fail in any way; the other commands remain
                click.echo(f"The commands of plugin {implementation.plugin_name} are broken: {error}", err=True)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(antiphon.__version__, message="antiphon %(version)s")
def main() -> None:
    """Spoken dialogues with a voice that adapts to its user."""
