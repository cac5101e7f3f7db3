"""From a turn table and a configuration to what a training needs; everything learned comes from the training split."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from antiphon.errors import InputError
from antiphon.features import FeatureSpec
from antiphon.normalization import Prior
from antiphon.options import Selection
from antiphon_corpus.model import TurnTable
from attrs import frozen

from antiphon_entrain_neural.checkpoint import TrainingData
from antiphon_entrain_neural.config import Config
from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.corpus import choose_features, conversations, estimate_prior, recorded, speakers_of
from antiphon_entrain_neural.embeddings.opening import CachedEmbedding, open_embedding
from antiphon_entrain_neural.split import Split, split_conversations
from antiphon_entrain_neural.words import Vocabulary


@frozen(eq=False)
class Prepared:
    """A corpus, ready for training and evaluation.

    Attributes:
        features: what is predicted, in order.
        split: names of conversations.
        prior: of the training split.
        train, validation, test: the conversations, from every point of view that the configuration asks for.
        vocabulary: of the training split; None where word vectors are not learned.
        embedding: where word vectors are given.
        dims: of a word vector; 0 where no words are read.
        data: what the checkpoint's card will say of it.
    """

    features: tuple[FeatureSpec, ...]
    split: Split
    prior: Prior
    train: Sequence[Conversation]
    validation: Sequence[Conversation]
    test: Sequence[Conversation]
    vocabulary: Vocabulary | None
    embedding: CachedEmbedding | None
    dims: int
    data: TrainingData


def prepare(table: TurnTable, config: Config, *, name: str, licence: str = "", split: Split | None = None) -> Prepared:
    """Divide, normalise and read a corpus.

    Args:
        table: the corpus.
        config: what to make of it.
        name, licence: of the corpus, for the checkpoint's card.
        split: as in cross-validation; drawn as the configuration says unless given.

    Raises:
        InputError: the corpus is too small, or lacks what the configuration names.
    """
    corpus = recorded(table)
    features = choose_features(table, config.data.features)
    split = split or split_conversations(
        speakers_of(corpus), config.data.shares, method=config.data.split, seed=config.data.seed
    )
    prior = estimate_prior(corpus, split.train, features, name)
    train, validation, test = (
        conversations(corpus, names, features, prior, config.data)
        for names in (split.train, split.validation, split.test)
    )
    for part, found in (("training", train), ("validation", validation)):
        if not any(c.targets.any() for c in found):
            raise InputError(
                f"the {part} split has no measured turn to predict; add conversations, or change data.shares "
                "in the configuration"
            )
    vocabulary, embedding = _word_vectors(config, train)
    dims = embedding.dims if embedding else config.text.dims if vocabulary else 0
    turns = sum(len(corpus[name]) for name in split.train)
    data = TrainingData(name, licence, digest(table), len(split.train), turns, split.as_table())
    return Prepared(features, split, prior, train, validation, test, vocabulary, embedding, dims, data)


def digest(table: TurnTable) -> str:
    """SHA-256 of the turns of a table."""
    sha256 = hashlib.sha256()
    for column in table.frame.columns:
        values = table.frame[column]
        sha256.update(column.encode())
        if values.dtype.kind in "if":
            sha256.update(values.to_numpy().tobytes())
        else:
            sha256.update("\x1f".join(map(str, values)).encode("utf-8", "surrogatepass"))
    return sha256.hexdigest()


def _word_vectors(config: Config, train: Sequence[Conversation]) -> tuple[Vocabulary | None, CachedEmbedding | None]:
    if not config.text.reads:
        return None, None
    if isinstance(config.text.embedding, Selection):
        return None, open_embedding(config.text.embedding)
    texts = {c.name: c.texts for c in train}  # once, whatever the number of points of view
    words = (text for of_conversation in texts.values() for text in of_conversation)
    return Vocabulary.of(words, size=config.text.vocabulary, min_count=config.text.min_count), None
