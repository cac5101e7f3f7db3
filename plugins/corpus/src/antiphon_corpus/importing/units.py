"""Segments of transcripts to inter-pausal units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from antiphon.payloads import Word
from attrs import field, frozen, validators

from antiphon_corpus.ipus import Ipu, TurnRules
from antiphon_corpus.transcripts.markup import MARKUP, SILENCE
from antiphon_corpus.transcripts.segment import Segment


@frozen
class Rules:
    """How segments become units, and units turns.

    Attributes:
        ipu_pause_s: segments of one speaker with at most this much time between them are one unit.
        silence: labels of segments in which nobody speaks; so is an empty one.
        markup: how markup is taken out of texts, by name. A segment that is left without text, a laughter say, stays
            a unit of its own without text.
        turns: how units become turns.
    """

    ipu_pause_s: float = field(default=0.05, validator=validators.ge(0.0))
    silence: tuple[str, ...] = SILENCE
    markup: str = field(default="plain", validator=validators.in_(tuple(MARKUP)))
    turns: TurnRules = field(factory=TurnRules)


@frozen
class Unit:
    """A unit, and its words where the transcript gives the times of each; times from the start of the audio."""

    ipu: Ipu
    words: tuple[Word, ...]


def units(segments: Iterable[Segment], rules: Rules) -> list[Unit]:
    """The units of a conversation, by speaker and then by start."""
    silence = {"", *(label.lower() for label in rules.silence)}
    spoken = [s for s in segments if s.text.lower() not in silence]
    clean = MARKUP[rules.markup]
    groups: list[list[tuple[Segment, str]]] = []
    end_s = 0.0
    for s in sorted(spoken, key=lambda s: (str(s.speaker), s.start_s, s.end_s)):
        text = clean(s.text)
        group = groups[-1] if groups else []
        joins = group and text and group[-1][1] and group[-1][0].speaker == s.speaker
        if joins and s.start_s - end_s <= rules.ipu_pause_s:
            group.append((s, text))
            end_s = max(end_s, s.end_s)
        else:
            groups.append([(s, text)])
            end_s = s.end_s
    return [_unit(group) for group in groups]


def _unit(group: Sequence[tuple[Segment, str]]) -> Unit:
    first = group[0][0]
    end_s = max(s.end_s for s, _ in group)
    ipu = Ipu(str(first.speaker), first.start_s, end_s, " ".join(text for _, text in group))
    timed = all(len(text.split()) == 1 for _, text in group)
    return Unit(ipu, tuple(Word(text, s.start_s, s.end_s) for s, text in group) if timed else ())
