"""``antiphon corpus import``: turn tables of audio and transcripts, of published corpora, of recorded sessions."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import click
from antiphon.errors import AntiphonError, InputError
from attrs import evolve
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from antiphon_corpus.importing import corpora
from antiphon_corpus.importing.find import ANY_TIER, Layout, find_sources
from antiphon_corpus.importing.listed import read_list
from antiphon_corpus.importing.options import FORCE, MONOLOGUES, OUT, Options, shared_options
from antiphon_corpus.importing.record import SCHEMA, record_path, versions, write_json
from antiphon_corpus.importing.run import Summary, run_import
from antiphon_corpus.importing.source import CHANNELS, Source
from antiphon_corpus.model import Monologues, TurnTable
from antiphon_corpus.pattern import Pattern
from antiphon_corpus.sessions import from_sessions
from antiphon_corpus.turn_table import check_suffix, replace_table

ROOTS = click.argument("roots", nargs=-1, required=True, type=click.Path(path_type=Path))
TIERS = click.option(
    "--tiers",
    default=str(ANY_TIER),
    show_default=True,
    metavar="PATTERN",
    help="Which tiers of TextGrids are read, and who speaks on them, as '{speaker} - words'.",
)


@click.group(name="import")
def import_() -> None:
    """Make a turn table of a corpus.

    Every turn of every conversation becomes a row: who spoke, when, what, and what the feature extractors measure. The
    extractors are those of live dialogues, so that a corpus and a dialogue mean the same by the same name.

    Conversations are spread over all cores. One that fails is told with its reason and stops no other; the exit status
    is then 1. An import that was killed or had failures goes on where it was when it is repeated. What was done, and
    with which versions, stands in NAME.import.json beside the table.
    """


@import_.command(short_help="Recordings and transcripts, found by their names.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--transcripts",
    multiple=True,
    default=("{conversation}.TextGrid",),
    show_default=True,
    metavar="PATTERN",
    help="Names of the transcripts: .TextGrid, .csv, .tsv, .json, .ctm or .srt; repeatable.",
)
@click.option(
    "--audio",
    multiple=True,
    default=("{conversation}.wav", "{conversation}.flac"),
    show_default=True,
    metavar="PATTERN",
    help="Names of the recordings; with {speaker}, one for each speaker; repeatable.",
)
@click.option(
    "--channels", metavar="NAME,NAME", help="The speakers, in the order of the channels.  [default: A,B or 1,2]"
)
@click.option("--shared-speakers", is_flag=True, help="The same name in two conversations is the same person.")
@TIERS
@shared_options
def audio(
    folder: Path,
    transcripts: Sequence[str],
    audio: Sequence[str],
    channels: str | None,
    shared_speakers: bool,
    tiers: str,
    **shared: Any,
) -> None:
    """Import the recordings and transcripts in FOLDER, found by their names.

    In a PATTERN, {conversation} stands for the conversation's name and {speaker} for the speaker's, * for anything;
    it may begin with folders. Without {speaker}, a recording has a channel for each speaker, and a transcript says who
    speaks: by tiers (TextGrid), a column (CSV), a key (JSON), channels (CTM), or "NAME: ..." (SRT).

    \b
        antiphon corpus import audio talks -o talks.parquet --channels ann,bob
        antiphon corpus import audio talks -o talks.parquet \\
            --audio '{conversation}_{speaker}.wav' --transcripts '{conversation}_{speaker}.csv'
    """
    options = Options.of(shared, "plain")
    layout = Layout(
        transcripts,
        () if options.no_audio else audio,
        tiers=Pattern(tiers),
        channels={name.strip(): i for i, name in enumerate(channels.split(","))} if channels else CHANNELS,
    )
    _run(find_sources([folder], layout, local_speakers=not shared_speakers, out=options.out), options)


@import_.command(name="list", short_help="Recordings and transcripts, from a list.")
@click.argument("file", type=click.Path(path_type=Path))
@TIERS
@shared_options
def list_(file: Path, tiers: str, **shared: Any) -> None:
    """Import the conversations that the CSV file FILE lists, for names that follow no pattern.

    A row for each speaker of each conversation, with the columns conversation, speaker (the person's name),
    transcript, audio, channel (in that recording, from 0), label (what the transcript calls the speaker). Paths are
    relative to FILE. A transcript without a label and with one row is that speaker's alone.
    """
    _run(read_list(file, Pattern(tiers)), Options.of(shared, "plain"))


@import_.command(short_help="Fisher English.")
@ROOTS
@shared_options
def fisher(roots: Sequence[Path], **shared: Any) -> None:
    """Import Fisher English (LDC2004S13, LDC2004T19, LDC2005S13, LDC2005T19) below ROOTS.

    Transcripts are fe_03_NNNNN.txt, recordings fe_03_NNNNN.sph, .wav or .flac with channels A and B. With
    fe_03_p1_calldata.tbl and fe_03_p2_calldata.tbl below ROOTS, speakers are called by their PINs; otherwise each is
    somebody else in every call.
    """
    persons = corpora.fisher_persons(roots)
    _tell_unknown(persons, "*calldata.tbl")
    _import(roots, corpora.FISHER, persons, Options.of(shared, "fisher"))


@import_.command(short_help="Switchboard.")
@ROOTS
@click.option(
    "--level",
    type=click.Choice(["word", "trans"]),
    default="word",
    show_default=True,
    help="Transcripts of words, or of utterances.",
)
@shared_options
def switchboard(roots: Sequence[Path], level: Literal["word", "trans"], **shared: Any) -> None:
    """Import Switchboard (LDC97S62) with Mississippi State's transcripts below ROOTS.

    Transcripts are sw2001A-ms98-a-word.text or -trans.text, recordings sw02001.sph with channels A and B, or one a
    side, sw2001A.wav. With call_con_tab.csv below ROOTS, speakers are called by their numbers; otherwise each is
    somebody else in every call.
    """
    persons = corpora.switchboard_persons(roots)
    _tell_unknown(persons, "call_con_tab.csv")
    _import(roots, corpora.switchboard(level), persons, Options.of(shared, "switchboard"))


@import_.command(short_help="The Columbia Games Corpus, and those made like it.")
@ROOTS
@shared_options
def games(roots: Sequence[Path], **shared: Any) -> None:
    """Import the Columbia Games Corpus (LDC2021S02), or one made like it, below ROOTS.

    Transcripts are s01.objects.1.A.words, recordings s01.objects.1.A.wav, .flac or .sph. With README.sessions-info
    below ROOTS, speakers are called by their numbers; otherwise each is somebody else in every game.
    """
    persons = corpora.games_persons(roots)
    _tell_unknown(persons, "README.sessions-info")
    _import(roots, corpora.GAMES, persons, Options.of(shared, "brackets"))


@import_.command(short_help="Recorded sessions of Antiphon.")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@OUT
@MONOLOGUES
@FORCE
def sessions(folders: Sequence[Path], out: Path, monologues: Monologues, force: bool) -> None:
    """Import the recorded sessions FOLDERS, with what was measured while they ran."""
    check_suffix(out)
    if out.exists() and not force:
        raise InputError(f"{out} is there already; choose another name, or --force to overwrite it")
    console, failures = Console(stderr=True), dict[str, str]()

    def failed(folder: Path, error: AntiphonError) -> None:
        failures[str(folder)] = str(error)
        _tell_failure(console, folder.name, str(error))

    table = from_sessions(folders, monologues=monologues, on_failure=failed)
    replace_table(table, out)
    done = [str(folder) for folder in folders if str(folder) not in failures]
    note = {"schema": SCHEMA, "command": sys.argv[1:], "versions": versions(), "notices": list(table.notices)}
    write_json(record_path(out), {**note, "sessions": done, "failures": failures})
    _tell(out, Summary(table, failures, 0), len(folders))


def _import(roots: Sequence[Path], layout: Layout, persons: corpora.Persons, options: Options) -> None:
    if options.no_audio:
        layout = evolve(layout, audio=())
    _run(find_sources(roots, layout, persons, out=options.out), options)


def _tell_unknown(persons: Mapping[str, Any], table: str) -> None:
    if not persons:
        Console(stderr=True).print(f"[yellow]note[/] there is no {table}: speakers have no names", highlight=False)


def _run(sources: Sequence[Source], options: Options) -> None:
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal, refresh_per_second=2
    ) as progress:
        task = progress.add_task("conversations", total=len(sources))

        def on_done(name: str, failure: str | None) -> None:
            progress.advance(task)
            if failure is not None:
                _tell_failure(progress.console, name, failure)

        summary = run_import(
            sources,
            options.plan,
            options.out,
            processes=options.jobs,
            monologues=options.monologues,
            force=options.force,
            note={"command": sys.argv[1:]},
            on_done=on_done,
        )
    _tell(options.out, summary, len(sources))


def _tell_failure(console: Console, name: str, failure: str) -> None:
    console.print(f"[red]failed[/] {escape(name)}: {escape(failure)}", soft_wrap=True, highlight=False)


def _tell(out: Path, summary: Summary, total: int) -> None:
    console = Console(soft_wrap=True, highlight=False)
    table: TurnTable | None = summary.table
    if summary.resumed:
        console.print(f"{summary.resumed} of {total} conversations were finished by an earlier run")
    if table is not None:
        for notice in table.notices:
            console.print(f"[yellow]note[/] {escape(notice)}")
        frame = table.frame
        console.print(
            f"{out}: {frame['conversation'].nunique()} conversations, {frame['speaker'].nunique()} speakers, "
            f"{len(frame)} turns, {len(table.features)} features"
        )
        console.print(f"{record_path(out)}: how they were made")
    if summary.failures:
        console.print(
            f"[red]{len(summary.failures)} of {total} failed[/], as told above"
            + ("" if table is None else f" and in {record_path(out).name}")
            + "; mend them and repeat the command: what is finished is not done again"
        )
        click.get_current_context().exit(1)
