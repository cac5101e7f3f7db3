"""``antiphon plugins``: what is installed; imports nothing that listing does not need."""

from __future__ import annotations

import click

from antiphon.discovery import Plugins, Registered
from antiphon.errors import AntiphonError
from antiphon.provider import KINDS


@click.group(invoke_without_command=True)
@click.pass_context
def plugins(ctx: click.Context) -> None:
    """List the installed implementations, by stage, and the plugins that are broken."""
    if ctx.invoked_subcommand is None:
        _list(Plugins())


@plugins.command()
@click.argument("name")
@click.option("--stage", type=click.Choice(KINDS), help="Where a name stands for several stages.")
def show(name: str, stage: str | None) -> None:
    """Show the options and features of the implementation NAME."""
    from antiphon.cli.plugin_page import page

    installed = Plugins()
    stages = [stage] if stage else [s for s in KINDS if _registers(installed, s, name)]
    if not stages:
        names = sorted({r.provider.name for r in installed.registered()})
        raise AntiphonError(f'no plugin registers "{name}"; installed are {", ".join(names)}')
    click.echo("\n\n".join(page(installed.find(s, name)) for s in stages))


@plugins.command()
def doctor() -> None:
    """Import every implementation, open what can be opened, and tell what fails."""
    from antiphon.cli.doctor import examine

    raise SystemExit(1 if examine(Plugins()) else 0)


def _registers(installed: Plugins, stage: str, name: str) -> bool:
    plain = name.rpartition(":")[2]
    return any(r.provider.name == plain for r in installed.registered(stage))


def _list(installed: Plugins) -> None:
    registered = installed.registered()
    names = max((len(r.provider.name) for r in registered), default=0)
    origins = max((len(_origin(r)) for r in registered), default=0)
    for stage in KINDS:
        click.secho(stage, bold=True)
        for r in (r for r in registered if r.stage == stage):
            click.echo(f"  {r.provider.name:{names}}  {_origin(r):{origins}}  {r.provider.summary}")
    if installed.broken:
        click.secho("broken", bold=True, fg="red")
        for broken in installed.broken:
            click.echo(f"  {broken.entry_point}  {broken.distribution} {broken.version}: {broken.cause}")


def _origin(registered: Registered) -> str:
    return f"{registered.distribution} {registered.version}"
