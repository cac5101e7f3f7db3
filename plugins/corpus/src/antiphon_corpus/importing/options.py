"""The options that all imports of audio share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import click
from antiphon.errors import InputError
from attrs import frozen

from antiphon_corpus.importing.choose import DEFAULT, choose_extractors, extractors_of_profile
from antiphon_corpus.importing.plan import Extractors, Plan
from antiphon_corpus.importing.pool import cores
from antiphon_corpus.importing.units import Rules
from antiphon_corpus.ipus import TurnRules
from antiphon_corpus.model import Monologues
from antiphon_corpus.transcripts.markup import MARKUP, SILENCE

SECONDS = click.FloatRange(0)

OUT = click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path), help="The turn table: a .csv or .parquet file."
)
FORCE = click.option("--force", is_flag=True, help="Overwrite a table that is there.")
MONOLOGUES = click.option(
    "--monologues",
    type=click.Choice(get_args(Monologues)),
    default="drop",
    show_default=True,
    help="What to do with conversations in which one speaker alone says something.",
)

_RULES = (
    click.option(
        "--ipu-pause",
        type=SECONDS,
        default=0.05,
        show_default=True,
        metavar="S",
        help="Segments of a speaker with at most this many seconds between them are one inter-pausal unit.",
    ),
    click.option(
        "--max-pause", type=SECONDS, metavar="S", help="A longer pause ends a turn; else only another speaker does."
    ),
    click.option(
        "--max-backchannel",
        type=SECONDS,
        metavar="S",
        help="A unit of at most this length, between two units of another speaker's turn, is a backchannel: no turn.",
    ),
    click.option(
        "--max-backchannel-words", type=click.IntRange(0), metavar="N", help="How many words a backchannel has at most."
    ),
    click.option(
        "--contained",
        type=click.Choice(["turn", "drop"]),
        default="turn",
        show_default=True,
        help="A unit that begins and ends while another speaker's lasts is a turn, or is left out.",
    ),
    click.option(
        "--keep-empty", is_flag=True, help="Keep units without text; else they are left out before turns are made."
    ),
    click.option(
        "--silence",
        multiple=True,
        metavar="LABEL",
        help=f"Another label of silence, beside {' '.join(SILENCE)} and the empty one; repeatable.",
    ),
    click.option(
        "--markup",
        type=click.Choice(list(MARKUP)),
        help="How markup is taken out of the text.  [default: by the corpus]",
    ),
)

_FEATURES = (
    click.option(
        "--features",
        multiple=True,
        metavar="NAME",
        help=f"An extractor, as a profile names it; repeatable, in order.  [default: {', '.join(DEFAULT)}]",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME.OPTION=VALUE",
        help="An option of an extractor, as in TOML; repeatable.",
    ),
    click.option(
        "--profile", type=click.Path(path_type=Path), help="Take the extractors of this profile, with their options."
    ),
    click.option("--no-audio", is_flag=True, help="Do without audio: turns with text and times, but no features."),
    click.option(
        "--slack",
        type=SECONDS,
        default=0.25,
        show_default=True,
        metavar="S",
        help="A transcript may go on this long behind the end of the audio.",
    ),
)

_RUN = (
    MONOLOGUES,
    click.option("--jobs", type=click.IntRange(1), help="Processes side by side.  [default: all cores]"),
    click.option("--seed", type=int, default=0, show_default=True, help="Of extractors that draw at random."),
    FORCE,
)


def shared_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options that all imports of audio share; `Options.of` makes sense of their values."""
    for option in reversed((OUT, *_RULES, *_FEATURES, *_RUN)):
        command = option(command)
    return command


@frozen
class Options:
    """What the shared options say."""

    out: Path
    plan: Plan
    no_audio: bool
    monologues: Monologues
    jobs: int
    force: bool

    @classmethod
    def of(cls, values: Mapping[str, Any], markup: str) -> Options:
        """From the values of the options; `markup` is the corpus' own, unless another is asked for.

        Raises:
            InputError: extractors or their options are unknown or wrong.
            ProfileError: the profile is wrong.
        """
        if values["max_backchannel_words"] is not None and values["max_backchannel"] is None:
            raise InputError("--max-backchannel-words needs --max-backchannel, the longest that a backchannel lasts")
        turns = TurnRules(
            max_pause_s=values["max_pause"],
            max_backchannel_s=values["max_backchannel"],
            max_backchannel_words=values["max_backchannel_words"],
            contained=values["contained"],
            keep_empty=values["keep_empty"],
        )
        rules = Rules(values["ipu_pause"], (*SILENCE, *values["silence"]), values["markup"] or markup, turns)
        plan = Plan(rules, _extractors(values), values["slack"], values["seed"])
        names = ("out", "no_audio", "monologues", "force")
        return cls(plan=plan, jobs=values["jobs"] or cores(), **{name: values[name] for name in names})


def _extractors(values: Mapping[str, Any]) -> Extractors:
    if values["no_audio"]:
        return Extractors()
    if not values["profile"]:
        return choose_extractors(values["features"] or DEFAULT, values["settings"])
    if values["features"] or values["settings"]:
        raise InputError("--profile brings its own extractors; leave out --features and --set, or change the profile")
    return extractors_of_profile(values["profile"])
