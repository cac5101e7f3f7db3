"""The conversations of an evaluation: those that baselines learn from and those that are judged, on the same scales."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from antiphon.errors import InputError
from antiphon.features import FeatureSpec
from antiphon_corpus.model import TurnTable
from attrs import evolve, frozen

from antiphon_entrain_neural.checkpoint import Checkpoint
from antiphon_entrain_neural.config import DataConfig
from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.corpus import (
    Recorded,
    choose_features,
    conversations,
    estimate_prior,
    recorded,
    speakers_of,
)
from antiphon_entrain_neural.split import Method, Split, components, split_conversations
from antiphon_entrain_neural.training.prepare import digest

LEAKS = "whole-conversation normalisation: every z-score knows the turns to come, so that errors look too small"
KNOWN_SPEAKERS = "speakers who are judged were also trained on"
TRAINED_ON = "conversations that are judged were also trained on: these are no results"


@frozen(eq=False)
class Material:
    """What is learned from and what is judged.

    Attributes:
        train, judged: conversations.
        notes: what must be known to read the results.
    """

    train: Sequence[Conversation]
    judged: Sequence[Conversation]
    notes: tuple[str, ...] = ()


def first_version(data: DataConfig) -> DataConfig:
    """The protocol of studies that normalised each speaker over the whole conversation and judged the second one."""
    return evolve(data, us="second-speaker", us_scale="conversation", partner_scale="conversation")


def of_split(table: TurnTable, data: DataConfig, split: Split | None = None) -> Material:
    """A corpus by itself: prior and baselines from the training part, judged on the test part.

    Args:
        table: the corpus.
        data: what to make of it.
        split: which conversations are in which part; drawn as the configuration says unless given.

    Raises:
        InputError: the corpus cannot be divided so.
    """
    corpus = recorded(table)
    features = choose_features(table, data.features)
    split = split or split_conversations(speakers_of(corpus), data.shares, method=data.split, seed=data.seed)
    prior = estimate_prior(corpus, split.train, features, "the training split")
    train, judged = (conversations(corpus, names, features, prior, data) for names in (split.train, split.test))
    return Material(train, judged, protocol_notes(data, split.method))


def of_checkpoint(
    checkpoint: Checkpoint,
    table: TurnTable,
    trained_on: TurnTable | None = None,
    *,
    data: DataConfig | None = None,
    allow_trained: bool = False,
) -> Material:
    """The conversations on which a checkpoint is judged, on the scales that it was trained for.

    Args:
        checkpoint: the model.
        table: if it is the corpus that it was trained on, the test split of its card is judged, else all of it.
        trained_on: the corpus that it was trained on, if `table` is another; baselines are fitted on it.
        data: the configuration of the data, if not the checkpoint's own.
        allow_trained: judge all of `table`, whatever was trained on.

    Raises:
        InputError: there is nothing to fit baselines on, or what is judged was trained on.
    """
    card = checkpoint.card
    data = data or card.config.data
    own = digest(table) == card.data.sha256
    if not own and trained_on is None:
        raise InputError(
            f"the model was trained on another corpus ({card.data.corpus}), which the baselines are fitted on; "
            "name its table with --trained-on"
        )
    source = table if own or trained_on is None else trained_on
    if digest(source) != card.data.sha256:
        raise InputError(
            f"the table of --trained-on is not the corpus that the model was trained on ({card.data.corpus})"
        )
    split = recorded_split(checkpoint)
    corpus, learned = recorded(table), recorded(source)
    names = split.test if own and not allow_trained else tuple(corpus)
    seen = _seen(learned, split, {name: corpus[name] for name in names}, allow_trained)
    notes = dict.fromkeys((*protocol_notes(data, split.method if own else "speakers"), *seen))
    features = _features(card.features, table)
    train = conversations(learned, split.train, features, checkpoint.prior, data)
    judged = conversations(corpus, names, features, checkpoint.prior, data)
    return Material(train, judged, tuple(notes))


def recorded_split(checkpoint: Checkpoint) -> Split:
    """Which conversations the checkpoint was trained, chosen and is to be judged on."""
    parts = checkpoint.card.data.split
    return Split(
        tuple(parts["train"]), tuple(parts["validation"]), tuple(parts["test"]), parts["method"], int(parts["seed"])
    )


def folds(
    speakers: Mapping[str, frozenset[str]], count: int, *, method: Method = "speakers", seed: int = 0
) -> list[Split]:
    """Splits for cross-validation: each conversation is in the test part of one of them.

    Raises:
        InputError: too few groups of conversations share no speaker.
    """
    groups = components(speakers) if method == "speakers" else [[name] for name in sorted(speakers)]
    if len(groups) < count:
        raise InputError(
            f"the conversations form {len(groups)} groups that share no speaker, too few for {count} folds; ask for "
            'fewer folds, or write split = "conversations" and read the results as those of known speakers'
        )
    random.Random(seed).shuffle(groups)
    groups.sort(key=len, reverse=True)
    tests: list[list[str]] = [[] for _ in range(count)]
    for group in groups:
        min(tests, key=len).extend(group)
    return [Split(tuple(sorted(set(speakers) - set(test))), (), tuple(sorted(test)), method, seed) for test in tests]


def protocol_notes(data: DataConfig, method: Method) -> tuple[str, ...]:
    """What must be known of results of this configuration."""
    notes = []
    if "conversation" in (data.us_scale, data.partner_scale):
        notes.append(LEAKS)
    if method == "conversations":
        notes.append(KNOWN_SPEAKERS)
    return tuple(notes)


def _seen(learned: Recorded, split: Split, judged: Recorded, allow: bool) -> list[str]:
    """Notes on what was trained on; refuses unless it is allowed, or the split was of known speakers anyway."""
    used = {*split.train, *split.validation}
    same = used & judged.keys()
    if same and not allow:
        raise InputError(
            f"{len(same)} of {len(judged)} conversations were trained on, such as {min(same)}; leave them out, or "
            "--allow-trained to see how well they were learned"
        )
    heard = {speaker for name, of in speakers_of(learned).items() if name in used for speaker in of}
    again = heard & {speaker for of in speakers_of(judged).values() for speaker in of}
    if again and not allow and split.method == "speakers":
        raise InputError(
            f"{len(again)} speakers were also trained on, such as {min(again)}; leave them out, --local-speakers if "
            "names stand for others in every conversation, or --allow-trained"
        )
    return [*([TRAINED_ON] if same else []), *([KNOWN_SPEAKERS] if again else [])]


def _features(features: Sequence[FeatureSpec], table: TurnTable) -> tuple[FeatureSpec, ...]:
    """The model's features; a table may lack some, which are then missing, but not all."""
    known = {spec.name: spec for spec in table.features}
    if not any(spec.name in known for spec in features):
        raise InputError(f"the corpus has none of the model's features ({', '.join(spec.name for spec in features)})")
    for spec in features:
        if spec.name in known and not known[spec.name].fits(spec):
            raise InputError(f"{known[spec.name]} of the corpus is not what the model learned, {spec}")
    return tuple(features)
