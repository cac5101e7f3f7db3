"""The tables of a profile as they are written: every key with its type, its default and its help.

The checks, the JSON Schema and the resolved profile all follow these classes.
"""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen, validators

from antiphon.options import option
from antiphon.profile.model import Duplex


@frozen
class FallbackTable:
    """A policy that uses another implementation instead."""

    fallback: str = option(help="Name of the implementation that takes over.")
    options: dict[str, Any] = option(factory=dict, help="Its options.")


PolicyTable = Literal["fail", "skip"] | FallbackTable


@frozen
class StageTable:
    """What every stage has."""

    use: str = option(help="Name of an implementation, `distribution:name`, or `./file.py:Class`.")
    options: dict[str, Any] = option(factory=dict, help="Options of the implementation.")
    timeout_s: float | None = option(
        None,
        unit="s",
        validator=validators.optional(validators.gt(0)),
        help="Deadline of one call; inf for none.",
    )
    on_error: PolicyTable | None = option(None, help="What happens when a call fails.")
    on_timeout: PolicyTable | None = option(None, help="What happens when a call misses its deadline.")


@frozen
class StrategyTable(StageTable):
    """The strategy and the limits that hold for every strategy."""

    features: Literal["controllable"] | tuple[str, ...] = option(
        "controllable", help="What it may set; `controllable`: all that is measured and that the voice can be told."
    )
    clip: float | None = option(
        2.5,
        validator=validators.optional(validators.gt(0)),
        help='Largest magnitude of a target, on the scale of the strategy; "none" for no limit.',
    )
    slew: float | None = option(
        1.5,
        validator=validators.optional(validators.gt(0)),
        help='Largest change of a target from one turn to the next; "none" for no limit.',
    )


@frozen
class TransformTable(StageTable):
    """A transform of features."""

    on: Literal["user", "target"] = option(
        "target", help="`user`: before the normaliser; `target`: between strategy and voice."
    )


@frozen
class SessionTable:
    """How long, how, and with which randomness."""

    seed: int = option(0, validator=validators.ge(0), help="All randomness of the session comes from it.")
    turns: int | None = option(
        None,
        validator=validators.optional(validators.gt(0)),
        help="Number of exchanges; without it the session lasts until the user's side ends.",
    )
    duplex: Duplex = option("half", help="`barge-in`: the user may interrupt the agent.")


@frozen(kw_only=True)
class ProfileTable:
    """A whole profile."""

    schema: Literal[1] = option(help="Version of the profile format.")
    name: str = option("", validator=validators.min_len(1), help="Name of the profile; else its file's.")
    extends: str | None = option(None, help="Path of a profile whose tables this one changes.")
    requires: dict[str, str] = option(factory=dict, help="Distribution name to version specifier.")
    session: SessionTable = option(factory=SessionTable, help="The session.")
    audio_in: StageTable = option(help="Where the user's side comes from.")
    endpoint: StageTable | None = option(None, help="Finds where speech begins and ends.")
    recognizer: StageTable | None = option(None, help="Turns speech into words.")
    features: tuple[StageTable, ...] = option((), help="Measure utterances, in order.")
    normalizer: StageTable | None = option(None, help="Puts the user's features on a common scale.")
    responder: StageTable | None = option(None, help="Writes the agent's replies.")
    strategy: StrategyTable | None = option(None, help="Chooses the prosody of the replies.")
    transform: tuple[TransformTable, ...] = option((), help="Change features on their way, in order.")
    synthesizer: StageTable | None = option(None, help="Speaks.")
    vocoder: StageTable | None = option(None, help="Turns mel spectrograms into audio.")
    audio_out: StageTable | None = option(None, help="Plays or keeps the agent's audio.")


@frozen
class StageDefaults:
    """What holds for a stage that the profile says nothing about."""

    use: str | None = None
    timeout_s: float = 5.0
    policy: Literal["fail", "skip"] = "skip"


DEFAULTS = {
    "audio_in": StageDefaults(policy="fail"),
    "endpoint": StageDefaults("energy"),
    "recognizer": StageDefaults("terminal", timeout_s=10.0),
    "features": StageDefaults(timeout_s=10.0),
    "normalizer": StageDefaults("causal"),
    "responder": StageDefaults("eliza", timeout_s=20.0, policy="fail"),
    "strategy": StageDefaults("neutral"),
    "transform": StageDefaults(),
    "synthesizer": StageDefaults("none", timeout_s=20.0, policy="fail"),
    "vocoder": StageDefaults(),
    "audio_out": StageDefaults("none", policy="fail"),
}
LISTS = {"features", "transform"}
"""Stages of which a profile has any number."""

TABLES: dict[str, type[StageTable]] = {"strategy": StrategyTable, "transform": TransformTable}
"""The tables of stages that have more keys than every stage has."""
