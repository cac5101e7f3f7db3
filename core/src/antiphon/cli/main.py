"""The ``antiphon`` command; each subcommand is imported when it is used."""

from __future__ import annotations

from typing import Any

import click

import antiphon
from antiphon.cli.lazy import LazyCommand
from antiphon.errors import AntiphonError, ProfileError

COMMANDS = (
    LazyCommand("run", "antiphon.cli.run:run", "Hold the dialogue that a profile describes."),
    LazyCommand("replay", "antiphon.cli.run:replay", "Feed a recording through a profile again."),
    LazyCommand("session", "antiphon.cli.session:session", "Show and export recordings."),
    LazyCommand("profile", "antiphon.cli.profile:profile", "Check, show and write profiles."),
    LazyCommand("plugins", "antiphon.cli.plugins:plugins", "List and examine plugins."),
    LazyCommand("plugin", "antiphon.cli.plugin_new:plugin", "Make a plugin of your own."),
)
INTERRUPTED = 130


class ExtensibleGroup(click.Group):
    """A group that plugins add commands to, and that turns errors into messages.

    Plugins are asked only where an unknown command or the help needs them; they replace none of the commands here.
    """

    _plugins_asked = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._ask_plugins()
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands:
            self._ask_plugins()
        return super().get_command(ctx, cmd_name)

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

    def _ask_plugins(self) -> None:
        if self._plugins_asked:
            return
        self._plugins_asked = True
        from antiphon.discovery import Plugins

        offered = click.Group()
        for implementation in Plugins().hook.antiphon_register_commands.get_hookimpls():
            try:
                implementation.function(cli=offered)
            except Exception as error:  # a plugin may fail in any way; the other commands remain
                click.echo(f"The commands of plugin {implementation.plugin_name} are broken: {error}", err=True)
        for name in sorted(offered.commands.keys() - self.commands.keys()):
            self.add_command(offered.commands[name], name)


@click.group(cls=ExtensibleGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(antiphon.__version__, message="antiphon %(version)s")
def main() -> None:
    """Spoken dialogues with a voice that adapts to its user."""


for command in COMMANDS:
    main.add_command(command)
