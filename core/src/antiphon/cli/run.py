"""``antiphon run`` and ``antiphon replay``."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from antiphon.cli.progress import Progress
from antiphon.cli.summary import legend, turns_table, wide_console
from antiphon.engine import SessionResult, run_profile
from antiphon.errors import AntiphonError
from antiphon.profile.toml import inline_table
from antiphon.recording.plot import plot_turns
from antiphon.recording.reader import read_recording

PLOT = "turns.png"

settings = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help='Override a key of the profile, e.g. --set strategy.use="matching"; may be given again.',
)
sessions_folder = click.option(
    "--sessions",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("sessions"),
    show_default=True,
    help="Where the folder of the session is made.",
)
quiet = click.option("--quiet", "-q", is_flag=True, help="Print only the path of the session folder.")


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@settings
@click.option("--audio", type=click.Path(path_type=Path), help="Take the user's side from this audio file.")
@click.option("--turns", type=click.IntRange(min=1), help="End after so many exchanges.")
@click.option("--seed", type=int, help="Seed of everything random in the session.")
@sessions_folder
@quiet
def run(
    profile: Path,
    overrides: tuple[str, ...],
    audio: Path | None,
    turns: int | None,
    seed: int | None,
    sessions: Path,
    quiet: bool,
) -> None:
    """Hold the dialogue that PROFILE describes, and record it.

    Ends with a table of the turns, a plot of both speakers' pitch, intensity and rate, and the path of the session's
    folder. Ctrl-C ends the dialogue; what was said until then is kept.
    """
    own = list(overrides)
    if audio is not None:
        own.append(_source(use="file", options={"path": str(audio.absolute())}))
    if turns is not None:
        own.append(f"session.turns={turns}")
    if seed is not None:
        own.append(f"session.seed={seed}")
    _hold(profile, own, sessions, quiet)


@click.command()
@click.argument("session", type=click.Path(path_type=Path))
@click.option("--profile", type=click.Path(path_type=Path), help="Another profile than the recording's own.")
@settings
@sessions_folder
@quiet
def replay(session: Path, profile: Path | None, overrides: tuple[str, ...], sessions: Path, quiet: bool) -> None:
    """Feed the recorded user of SESSION through a profile again.

    With the recording's own profile and seed the turns come out the same.
    """
    recording = read_recording(session)
    live = any(event.get("duplex") == "barge-in" for event in recording.events)
    source = _source(use="recording", options={"path": str(session.absolute()), "live": live})
    _hold(profile or recording.profile_path, [source, 'audio_out={use = "none"}', *overrides], sessions, quiet)


def _hold(profile: Path, overrides: Sequence[str], sessions: Path, quiet: bool) -> None:
    console = wide_console(quiet=quiet)
    try:
        with Progress(console) as progress:
            result = run_profile(profile, sessions=sessions, overrides=overrides, on_event=progress.on_event)
    except KeyboardInterrupt:
        if progress.session:
            console.print(f"interrupted; what was said is in {sessions / progress.session}", soft_wrap=True)
        raise
    _report(result, console)
    if quiet:
        click.echo(result.info.folder)
    if result.error is not None:
        raise result.error


def _report(result: SessionResult, console: Console) -> None:
    if result.turns:
        console.print(turns_table(result.turns))
        console.print(f"[dim]{legend()}[/]")
        with contextlib.suppress(AntiphonError):  # without matplotlib there is no picture, and nothing else is lost
            plot_turns(result.turns, result.info.folder / PLOT)
            console.print(f"plot     {result.info.folder / PLOT}", soft_wrap=True)
    console.print(f"session  {result.info.folder}  ({result.reason})", soft_wrap=True, highlight=False)


def _source(**table: object) -> str:
    """An override that replaces the whole table of the user's side."""
    return "audio_in=" + inline_table(table)
