"""Asks predictors, scores their answers, and says whether the partner's prosody helped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from antiphon.errors import InputError
from attrs import evolve, field, frozen

from antiphon_entrain_neural.conversation import Array, Conversation
from antiphon_entrain_neural.evaluation.baselines.all import (
    ALL_TEXT_AND_OWN,
    CONSTANT,
    ENTRAINED,
    EVERYTHING,
    OWN,
    SHAM,
    TEXT_AND_OWN,
    ZERO,
    ZEROED,
    fit_baselines,
    without_partner,
)
from antiphon_entrain_neural.evaluation.baselines.texts import WordVectors
from antiphon_entrain_neural.evaluation.calibration import Coverage, coverage
from antiphon_entrain_neural.evaluation.judged import Judged, our_turns
from antiphon_entrain_neural.evaluation.material import Material
from antiphon_entrain_neural.evaluation.metrics import POOLED, Sums
from antiphon_entrain_neural.evaluation.resampling import Resampling, interval, paired
from antiphon_entrain_neural.evaluation.verdict import Difference, Verdict, judge
from antiphon_entrain_neural.predictor import Predictor, predict_all

Mode = Literal["free-running", "teacher-forced"]
MODES: tuple[Mode, ...] = get_args(Mode)
"""Free-running, a predictor is told of our turns only what it predicted; teacher-forced, what we really did."""

RIVALS = (ZERO, CONSTANT, OWN, TEXT_AND_OWN, ALL_TEXT_AND_OWN, SHAM)
"""What a model that hears the partner has to beat, all of them, before the partner's prosody is said to help.

The simple ones count, for on another corpus those that read text may be far worse than zero.
"""

LINEAR = ((ENTRAINED, OWN), (EVERYTHING, ALL_TEXT_AND_OWN))
"""Linear models that differ in nothing but the partner's prosody."""

WHOLE_CONVERSATION_ONLY = frozenset({"r within", "slope"})
"""Measures that need all turns of a speaker."""


@frozen
class Score:
    """A measure of one predictor.

    Attributes:
        predictor, mode, slice, feature, metric: of what.
        value: None where it has no meaning.
        low, high: its 95 % interval over conversations; None where there is none.
        values: how many measured features were judged.
    """

    predictor: str
    mode: str
    slice: str
    feature: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    values: int


@frozen(eq=False)
class Answers:
    """What predictors said of the same conversations.

    Attributes:
        conversations: that were judged.
        predicted: by predictor and mode, arrays of shape ``(turns, features)``, one a conversation.
        sd: of the errors that a predictor expects, by name, one array of shape ``(features,)`` a conversation.
        full: the name of the model that hears everything, whose partner is in question.
        notes: what must be known to read the results.
    """

    conversations: Sequence[Conversation]
    predicted: Mapping[tuple[str, Mode], Sequence[Array]]
    sd: Mapping[str, Sequence[Array]]
    full: str
    notes: tuple[str, ...] = ()

    @classmethod
    def join(cls, folds: Sequence[Answers]) -> Answers:
        """The answers of cross-validation; each conversation is judged in one fold."""
        return cls(
            [c for fold in folds for c in fold.conversations],
            {key: [a for fold in folds for a in fold.predicted[key]] for key in folds[0].predicted},
            {key: [a for fold in folds for a in fold.sd[key]] for key in folds[0].sd},
            folds[0].full,
            tuple(dict.fromkeys(note for fold in folds for note in fold.notes)),
        )


@frozen
class Evaluation:
    """The results.

    Attributes:
        model: the predictor whose partner is in question.
        features: that were predicted.
        conversations, turns, values: how many were judged.
        scores: every measure of every predictor.
        differences: of the model to its rivals, and of linear models with the partner to those without, smooth L1.
        coverage: how often the truth lies in the intervals of predictors that give one.
        verdict: whether the partner's prosody helped, free-running.
        notes: what must be known to read the results.
    """

    model: str
    features: tuple[str, ...]
    conversations: int
    turns: int
    values: int
    scores: tuple[Score, ...]
    differences: tuple[Difference, ...]
    coverage: tuple[Coverage, ...]
    verdict: Verdict
    notes: tuple[str, ...] = field(factory=tuple)

    @property
    def predictors(self) -> tuple[str, ...]:
        """Names, in the order of the tables."""
        return tuple(dict.fromkeys(score.predictor for score in self.scores))

    @property
    def slices(self) -> tuple[str, ...]:
        """Names, in the order of the tables."""
        return tuple(dict.fromkeys(score.slice for score in self.scores))

    def find(
        self, predictor: str, metric: str, *, mode: Mode = "free-running", slice: str = "all", feature: str = POOLED
    ) -> Score:
        """One score."""
        return next(
            s
            for s in self.scores
            if (s.predictor, s.mode, s.slice, s.feature, s.metric) == (predictor, mode, slice, feature, metric)
        )


def ask(
    material: Material, model: Predictor | None = None, vectors: WordVectors | None = None, *, seed: int = 0
) -> Answers:
    """Fit all baselines and ask them, and the model, for everything.

    Args:
        material: what is learned from and what is judged.
        model: that is judged; the linear model that hears everything unless given.
        vectors: word vectors for the baselines that read text.
        seed: of the sham partners.

    Raises:
        InputError: there is nothing to learn from, or nothing to judge.
    """
    if not any(c.targets.any() for c in material.judged):
        raise InputError("no measured turn is there to be judged; add conversations, or change data.shares")
    predictors = fit_baselines(material.train, vectors)
    full = model or next(p for p in predictors if p.name == EVERYTHING)
    predictors += [*without_partner(full, material.train, seed=seed), *([model] if model else [])]
    predicted = {
        (predictor.name, mode): predict_all(
            predictor, [_copied(c) for c in material.judged], free_running=mode == "free-running"
        )
        for predictor in predictors
        for mode in MODES
    }
    sd = {p.name: [np.asarray(p.sd)] * len(material.judged) for p in predictors if hasattr(p, "sd")}
    return Answers(material.judged, predicted, sd, full.name, material.notes)


def _copied(conversation: Conversation) -> Conversation:
    """For one predictor's own use: whatever it does to what it is told, the truth stays."""
    return evolve(conversation, z=conversation.z.copy(), valid=conversation.valid.copy())


def evaluate(answers: Answers, resampling: Resampling | None = None) -> Evaluation:
    """Score what predictors said."""
    resampling = resampling or Resampling()
    judged = Judged.of(answers.conversations)
    weights = resampling.weights(len(judged.conversations))
    scores: list[Score] = []
    whole: dict[tuple[str, Mode], Sums] = {}
    covered: list[Coverage] = []
    for (name, mode), predicted in answers.predicted.items():
        rows = our_turns(answers.conversations, predicted)
        for label, within in judged.slices():
            sums = Sums.of(judged, rows, within)
            if label == "all":
                whole[name, mode] = sums
            scores += _scores(name, mode, label, judged.features, sums, weights)
        if name in answers.sd:
            spread = np.array([a for c, a in zip(answers.conversations, answers.sd[name], strict=True)])
            covered += coverage(name, mode, judged, rows, spread[judged.speaker])
    differences = tuple(
        difference
        for mode in MODES
        for one, other in dict.fromkeys((*((answers.full, rival) for rival in (*RIVALS, ZEROED)), *LINEAR))
        for difference in Difference.all_features(
            one, other, mode, judged.features, paired(whole[one, mode], whole[other, mode], resampling)
        )
    )
    return Evaluation(
        answers.full,
        judged.features,
        len(judged.conversations),
        len(judged.position),
        int((~np.isnan(judged.truth)).sum()),
        tuple(scores),
        differences,
        tuple(covered),
        judge([d for d in differences if (d.mode, d.model) == (MODES[0], answers.full) and d.against in RIVALS]),
        answers.notes,
    )


def _scores(
    name: str,
    mode: Mode,
    label: str,
    features: Sequence[str],
    sums: Sums,
    weights: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> Iterator[Score]:
    values = sums.n.sum(0)
    resampled = sums.resampled(weights)
    for metric, found in sums.metrics().items():
        if label != "all" and metric in WHOLE_CONVERSATION_ONLY:
            continue
        low, high = interval(resampled[metric])
        for column, feature in enumerate((*features, POOLED)):
            numbers = (found[column], low[column], high[column])
            value, least, most = (None if np.isnan(x) else float(x) for x in numbers)
            yield Score(name, mode, label, feature, metric, value, least, most, int(values[column]))
