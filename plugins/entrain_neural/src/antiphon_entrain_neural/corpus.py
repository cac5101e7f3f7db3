"""Turn tables as conversations from the point of view of each speaker, with the scales that a dialogue would have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from antiphon.errors import InputError
from antiphon.features import FeatureSpec, Measurement, Measurements
from antiphon.normalization import CausalNormalizer, Moments, Prior
from antiphon_corpus.model import TurnTable
from attrs import frozen

from antiphon_entrain_neural.config import DataConfig
from antiphon_entrain_neural.conversation import Conversation, Perspective
from antiphon_entrain_neural.scales import LeaveOneOutScale, Scale, conversation_scale, known_scale, log_values

NOT_MEASURED = Measurement(None, "not measured")


@frozen
class SpokenTurn:
    """A row of a turn table."""

    speaker: str
    text: str
    duration_s: float
    measured: Measurements


Recorded = Mapping[str, Sequence[SpokenTurn]]
"""The turns of each conversation, by its name."""


def recorded(table: TurnTable) -> dict[str, list[SpokenTurn]]:
    """The turns of a table, by conversation."""
    frame = table.frame
    names = [spec.name for spec in table.features]
    values = frame[names].to_numpy(dtype=float)
    turns: dict[str, list[SpokenTurn]] = {}
    columns = (frame["conversation"], frame["speaker"], frame["text"], frame["end_s"] - frame["start_s"])
    for conversation, speaker, text, duration, row in zip(*columns, values.tolist(), strict=True):
        measured = {n: Measurement(v) if v == v else NOT_MEASURED for n, v in zip(names, row, strict=True)}
        turns.setdefault(str(conversation), []).append(SpokenTurn(str(speaker), str(text), float(duration), measured))
    return turns


def speakers_of(corpus: Recorded) -> dict[str, frozenset[str]]:
    """Who is heard in each conversation."""
    return {name: frozenset(turn.speaker for turn in turns) for name, turns in corpus.items()}


def choose_features(table: TurnTable, names: Sequence[str]) -> tuple[FeatureSpec, ...]:
    """The features of a table that are modelled: those named, in that order, or all that are no durations.

    Raises:
        InputError: the table lacks one, or has none.
    """
    known = {spec.name: spec for spec in table.features}
    absent = [name for name in names if name not in known]
    if absent:
        raise InputError(f"the corpus has no {', '.join(absent)}; it has {', '.join(known) or 'no features'}")
    chosen = tuple(known[name] for name in names) or tuple(s for s in table.features if s.unit != "s")
    if not chosen:
        raise InputError("the corpus has no features to learn from; a turn table holds at least one")
    return chosen


def estimate_prior(corpus: Recorded, train: Iterable[str], features: Sequence[FeatureSpec], name: str) -> Prior:
    """The prior of speakers in general, from the conversations of the training split and no others."""
    speakers = [turns for c in train for turns in _by_speaker(corpus[c]).values()]
    return Prior.estimate(speakers, features, name=name, provenance="estimated on the training split")


def conversations(
    corpus: Recorded, names: Iterable[str], features: Sequence[FeatureSpec], prior: Prior, config: DataConfig
) -> list[Conversation]:
    """Conversations from the points of view of the speakers that the configuration names.

    A conversation in which only one person speaks yields none.
    """
    return [
        conversation(name, us, corpus[name], features, perspective)
        for name, us, perspective in _perspectives(corpus, list(names), features, prior, config)
    ]


def conversation(
    name: str, us: str, turns: Sequence[SpokenTurn], features: Sequence[FeatureSpec], perspective: Perspective
) -> Conversation:
    """A recorded conversation, turn by turn as it would have been met live."""
    return Conversation.of(
        name,
        us,
        [spec.name for spec in features],
        (
            perspective.us(t.measured, t.text, t.duration_s)
            if t.speaker == us
            else perspective.partner(t.measured, t.text, t.duration_s, speaker=t.speaker)
            for t in turns
        ),
    )


def _perspectives(
    corpus: Recorded, names: Sequence[str], features: Sequence[FeatureSpec], prior: Prior, config: DataConfig
) -> Iterator[tuple[str, str, Perspective]]:
    elsewhere = _moments(corpus, prior) if config.us_scale == "fixed" else {}
    for name in names:
        by_speaker = _by_speaker(corpus[name])
        if len(by_speaker) < 2:
            continue
        listed = list(by_speaker)  # in the order in which they begin to speak
        for us in listed[1:] if config.us == "second-speaker" else listed:
            ours = _our_scale(us, name, by_speaker[us], elsewhere, prior, config)
            yield name, us, Perspective(features, ours, _stranger(by_speaker, us, prior, config))


def _our_scale(
    us: str,
    name: str,
    turns: Sequence[Measurements],
    elsewhere: Mapping[str, Mapping[str, Mapping[str, Moments]]],
    prior: Prior,
    config: DataConfig,
) -> Scale:
    if config.us_scale == "conversation":
        return conversation_scale(turns, prior)
    if config.us_scale == "causal":
        return CausalNormalizer(prior, memory_turns=config.memory_turns)
    others = [moments for other, moments in elsewhere[us].items() if other != name]
    if not others:
        return LeaveOneOutScale(turns, prior)
    merged: dict[str, Moments] = {}
    for moments in others:
        for feature, one in moments.items():
            merged[feature] = merged.get(feature, Moments()).merge(one)
    return known_scale(merged, prior)


def _stranger(
    by_speaker: Mapping[str, Sequence[Measurements]], us: str, prior: Prior, config: DataConfig
) -> Callable[[], Scale]:
    if config.partner_scale == "causal":
        return lambda: CausalNormalizer(prior, memory_turns=config.memory_turns)
    partners = iter([turns for speaker, turns in by_speaker.items() if speaker != us])  # as they begin to speak
    return lambda: conversation_scale(next(partners), prior)


def _moments(corpus: Recorded, prior: Prior) -> dict[str, dict[str, dict[str, Moments]]]:
    """Of each speaker, in each conversation, of each feature."""
    moments: dict[str, dict[str, dict[str, Moments]]] = {}
    for name, turns in corpus.items():
        for speaker, measured in _by_speaker(turns).items():
            moments.setdefault(speaker, {})[name] = {
                f: Moments.of(log_values(measured, p.feature)) for f, p in prior.features.items()
            }
    return moments


def _by_speaker(turns: Sequence[SpokenTurn]) -> dict[str, list[Measurements]]:
    found: dict[str, list[Measurements]] = {}
    for turn in turns:
        found.setdefault(turn.speaker, []).append(turn.measured)
    return found
