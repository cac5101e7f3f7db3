"""``antiphon session``: look at recordings and export them."""

from __future__ import annotations

from pathlib import Path

import click

from antiphon.cli.summary import legend, turns_table, wide_console
from antiphon.discovery import Plugins
from antiphon.errors import AntiphonError
from antiphon.recording.reader import read_recording
from antiphon.recording.records import Exporter


@click.group()
def session() -> None:
    """Look at recorded sessions and export them."""


@session.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--plot", type=click.Path(path_type=Path), help="Also draw both speakers' prosody into this PNG file.")
def show(folder: Path, plot: Path | None) -> None:
    """Print the turns of the session in FOLDER, also of one that was cut off."""
    recording = read_recording(folder)
    console = wide_console()
    if not recording.complete:
        console.print("[yellow]this session did not end by itself; these are the turns that were finished[/]")
    console.print(turns_table(recording.turns))
    console.print(f"[dim]{legend()}[/]")
    for event in recording.events:
        if event["kind"] in ("stage_failed", "observer_failed", "session_finished"):
            text = event.get("error") or event.get("reason") or ""
            console.print(f"{event['at_s']:8.2f} s  {event['kind'].replace('_', ' ')}: {text}", markup=False)
    if plot is not None:
        from antiphon.recording.plot import plot_turns

        plot_turns(recording.turns, plot)
        console.print(f"plot  {plot}", soft_wrap=True)


@session.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "-f", "name", default="csv", show_default=True, help="One of the formats of --formats.")
@click.option(
    "--out", "-o", type=click.Path(path_type=Path), help="The file to write, or the folder for several sessions."
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@click.option(
    "--formats",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, parameter, wanted: _print_formats(context, wanted),
    help="List the formats and exit.",
)
def export(folders: tuple[Path, ...], name: str, out: Path | None, force: bool) -> None:
    """Write the sessions in FOLDERS as tables (csv, parquet) or annotations (textgrid)."""
    exporters = _exporters()
    if name not in exporters:
        raise AntiphonError(f'there is no export format "{name}"; known are {", ".join(sorted(exporters))}')
    exporter = exporters[name]
    for folder in folders:
        destination = _destination(folder, exporter, out, several=len(folders) > 1)
        if destination.exists() and not force:
            raise AntiphonError(f"{destination} is there already; give another --out, or --force to overwrite it")
        exporter.write(folder, destination)
        click.echo(destination)


def _destination(folder: Path, exporter: Exporter, out: Path | None, *, several: bool) -> Path:
    if several or (out is not None and out.is_dir()):
        parent = out or Path()
        parent.mkdir(parents=True, exist_ok=True)
        return parent / f"{folder.resolve().name}{exporter.suffix}"
    return out or folder / f"turns{exporter.suffix}"


def _exporters() -> dict[str, Exporter]:
    found: dict[str, Exporter] = {}
    Plugins().hook.antiphon_register_exporters(register=lambda exporter: found.setdefault(exporter.name, exporter))
    return found


def _print_formats(context: click.Context, wanted: bool) -> None:
    if wanted:
        for exporter in sorted(_exporters().values(), key=lambda e: e.name):
            click.echo(f"{exporter.name:<10} {exporter.summary}")
        context.exit()
