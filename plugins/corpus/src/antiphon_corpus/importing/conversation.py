"""Imports one conversation: transcripts to units, units to turns, and what the extractors measure of each turn.

This is what worker processes do; it imports nothing that is heavy by itself.
"""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from random import Random
from typing import Any

from antiphon.errors import AntiphonError, InputError
from antiphon.features import Measurement
from antiphon.payloads import Utterance, Word
from antiphon.stages import Setup
from attrs import evolve

from antiphon_corpus.importing.audio import SpeakerAudio, track_of
from antiphon_corpus.importing.plan import Plan, Recipe
from antiphon_corpus.importing.source import Source
from antiphon_corpus.importing.units import Unit, units
from antiphon_corpus.ipus import Turn, ipus_to_turns
from antiphon_corpus.transcripts.reader import read_transcript

Imported = dict[str, Any]
"""``turns``: rows of a turn table, with ``features`` by name, None where missing. ``left_out``: how many units are in
no turn, by reason. ``missing``: by feature, how many measurements are, by reason."""


class Importer:
    """Imports conversations in one process; its extractors are opened once.

    Raises:
        AntiphonError: an extractor cannot be opened.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        chosen = plan.extractors
        setup = Setup(folder=chosen.folder, specs={spec.name: spec for spec in chosen.specs})
        self._components = [(s, s.provider.open(s.options, setup)) for s in chosen.selections]

    @classmethod
    def from_recipe(cls, recipe: Recipe) -> Importer:
        """In another process."""
        providers, pickled = recipe
        for provider in providers:
            provider.options_class()
        return cls(pickle.loads(pickled))

    def __call__(self, source: Source) -> Imported:
        """
        Raises:
            AntiphonError: a file cannot be used, or an extractor failed; says which, where, and what to do.
        """
        read = (s for file in source.transcripts for s in read_transcript(file))
        segments = [s for s in read if source.only is None or s.speaker in source.only]
        found = units(segments, self._plan.rules)
        result = ipus_to_turns([unit.ipu for unit in found], self._plan.rules.turns)
        if not result.turns:
            files = ", ".join(str(file.path) for file in source.transcripts)
            raise InputError(f"{files}: nobody says anything in it; check the transcript, and what counts as silence")
        measured = [{}] * len(result.turns) if source.silent else self._measure(source, result.turns, found)
        rows = [
            {
                "turn": number,
                "speaker": source.person(turn.speaker),
                "start_s": turn.start_s,
                "end_s": turn.end_s,
                "text": turn.text,
                "features": {name: m.value for name, m in features.items()},
            }
            for number, (turn, features) in enumerate(zip(result.turns, measured, strict=True))
        ]
        return {
            "turns": rows,
            "left_out": dict(Counter(result.left_out.values())),
            "missing": _reasons(measured),
        }

    def _measure(self, source: Source, turns: Sequence[Turn], found: Sequence[Unit]) -> list[dict[str, Measurement]]:
        ends: dict[str, float] = {}
        for turn in turns:
            ends[turn.speaker] = max(turn.end_s, ends.get(turn.speaker, 0.0))
        with ExitStack() as stack:
            audio = {
                label: stack.enter_context(SpeakerAudio(track_of(source, label), end_s, self._plan.slack_s))
                for label, end_s in ends.items()
            }
            sessions = {label: self._sessions(f"{source.name}/{label}", stack) for label in ends}
            return [
                _extract(sessions[turn.speaker], _utterance(turn, audio[turn.speaker], found), turn, source)
                for turn in turns
            ]

    def _sessions(self, key: str, stack: ExitStack) -> list[tuple[str, Any]]:
        """A session of each extractor, for one speaker of one conversation."""
        chance = Random(f"{self._plan.seed}/{key}")
        sessions = [(s.name, c.session(chance.getrandbits(63))) for s, c in self._components]
        for _, session in sessions:
            stack.callback(getattr(session, "close", lambda: None))
        return sessions


def _utterance(turn: Turn, audio: SpeakerAudio, found: Sequence[Unit]) -> Utterance:
    parts = [found[i].words for i in turn.ipus]
    words: Iterable[Word] = (word for part in parts for word in part) if all(parts) else ()
    shifted = (evolve(w, start_s=w.start_s - turn.start_s, end_s=w.end_s - turn.start_s) for w in words)
    return Utterance("user", turn.text, audio.between(turn.start_s, turn.end_s), tuple(shifted))


def _extract(
    sessions: Sequence[tuple[str, Any]], utterance: Utterance, turn: Turn, source: Source
) -> dict[str, Measurement]:
    """As the engine does it: each extractor knows what those before it measured."""
    known: dict[str, Measurement] = {}
    for name, session in sessions:
        try:
            known.update(session.extract(utterance, known))
        except Exception as error:  # a plugin may fail in any way
            what = str(error) if isinstance(error, AntiphonError) else f"{type(error).__name__}: {error}"
            raise InputError(
                f"{source.name}: {name} failed on the turn of {turn.speaker} from {turn.start_s:.2f} to "
                f"{turn.end_s:.2f} s: {what}"
            ) from error
    return known


def _reasons(measured: Iterable[Mapping[str, Measurement]]) -> dict[str, dict[str, int]]:
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for features in measured:
        for name, measurement in features.items():
            if measurement.value is None:
                reasons[name][str(measurement.reason)] += 1
    return {name: dict(counts) for name, counts in reasons.items()}
