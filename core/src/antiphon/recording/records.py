"""What a recording holds: the line of `turns.jsonl`, and what observers are told of a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from antiphon.features import Measurements
from antiphon.payloads import Speaker, Word


@frozen
class TurnRecord:
    """One turn of one speaker.

    Attributes:
        turn: number of the exchange, from 0; a user's turn and the agent's answer share it.
        start_s, end_s: on the time line of the session, which both audio tracks share; equal for silent turns.
        text: what was recognised, or what was spoken.
        words: recognised words, in seconds from ``start_s``.
        features: what was measured on this turn's audio (of the agent: what was heard; *realised*).
        normalised: the same, normalised (of the agent: on the scale of its own voice).
        target: what the strategy asked for, behind the common limits (agent only; *requested*).
        controls: what the voice was told, raw, within its limits (agent only; *planned*).
        interrupted: the user barged in; the audio was cut to what was heard.
        latency_ms: milliseconds of work by stage. Of the user's turn: ``recognizer`` from the endpointer's decision to
            the words, each extractor on the whole turn (mostly before that decision), and what lies between them and
            the voice. Of the agent's: ``synthesizer`` from the request to the first audio, and ``response`` from the
            endpointer's decision to the first sample of the agent's audio.
        extras: what stages wanted to be kept: the strategy's extras, the voice's notes, policies that were applied.
    """

    turn: int
    speaker: Speaker
    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()
    features: Measurements = field(factory=dict)
    normalised: Measurements = field(factory=dict)
    target: Mapping[str, float] = field(factory=dict)
    controls: Mapping[str, float] = field(factory=dict)
    interrupted: bool = False
    latency_ms: Mapping[str, float] = field(factory=dict)
    extras: Mapping[str, Any] = field(factory=dict)


@frozen
class SessionInfo:
    """A session, as observers see it."""

    id: str
    folder: Path
    profile_name: str
    seed: int


@frozen
class Exporter:
    """A format of ``antiphon session export``: ``write(session folder, destination)``."""

    name: str
    summary: str
    suffix: str
    write: Callable[[Path, Path], None]
