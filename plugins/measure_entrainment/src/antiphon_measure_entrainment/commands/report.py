"""``antiphon report``: the page of one recorded dialogue."""

from __future__ import annotations

from pathlib import Path

import click
from antiphon.errors import InputError

from antiphon_measure_entrainment.output.files import require_report

PAGE = "report.html"


@click.command()
@click.argument("session", type=click.Path(path_type=Path))
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help=f"The page; otherwise SESSION/{PAGE}."
)
def report(session: Path, output: Path | None) -> None:
    """Make a page of the dialogue recorded in SESSION, also of one that was cut off.

    Its sound is in the page, which needs no network: play it turn by turn, see what was understood, measured, asked of
    the agent's voice and heard of it, how long each stage took, and what went wrong.
    """
    require_report()
    from antiphon_measure_entrainment.report.dialogue import dialogue_page

    page = dialogue_page(session)
    destination = output or session / PAGE
    try:
        destination.write_text(page, "utf-8")
    except OSError as error:
        raise InputError(f"{destination}: it cannot be written: {error.strerror or error}") from error
    click.echo(destination)
