"""All baselines, fitted."""

from __future__ import annotations

from collections.abc import Sequence

from antiphon.errors import InputError

from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.evaluation.baselines.constants import Constant
from antiphon_entrain_neural.evaluation.baselines.echoes import Echo
from antiphon_entrain_neural.evaluation.baselines.linear import Inputs, LinearModel
from antiphon_entrain_neural.evaluation.baselines.shams import ShamPartner, WithoutPartner
from antiphon_entrain_neural.evaluation.baselines.texts import TextNumbers, WordVectors
from antiphon_entrain_neural.predictor import Predictor

ZERO = "B0 zero"
CONSTANT = "B1 best constant"
RUNNING_MEAN = "B2 running own mean"
REPEAT = "B3 own last turn"
COPY = "B4 partner's last turn"
SHARE = "B4 fitted share of it"
OWN = "B5 own turns, linear"
ENTRAINED = "B6 own and partner's turns, linear"
TEXT = "B7 text, linear"
TEXT_AND_OWN = "B8 text and own turns, linear"
EVERYTHING = "text, own and partner's turns, linear"
ALL_TEXT_AND_OWN = "B8 with the texts before"
SHAM = "B9 with a sham partner"
ZEROED = "B9 with a silent partner"

OWN_TURNS = 3
PARTNER_TURNS = 3


def fit_baselines(train: Sequence[Conversation], vectors: WordVectors | None = None) -> list[Predictor]:
    """Every baseline that needs no model, and `EVERYTHING`, the linear model that hears all there is.

    Args:
        train: the conversations of the training split.
        vectors: word vectors, for those that read text.

    Raises:
        InputError: there is nothing to learn from.
    """
    if not any(c.targets.any() for c in train):
        raise InputError("the training conversations have no measured turn; the baselines need some")
    features = train[0].features
    text = TextNumbers.of((text for texts in {c.name: c.texts for c in train}.values() for text in texts), vectors)
    linear = {
        OWN: Inputs(own=OWN_TURNS),
        ENTRAINED: Inputs(own=OWN_TURNS, partner=PARTNER_TURNS),
        TEXT: Inputs(text=text),
        TEXT_AND_OWN: Inputs(own=OWN_TURNS, text=text),
        ALL_TEXT_AND_OWN: Inputs(own=OWN_TURNS, text=text, history=text),
        EVERYTHING: Inputs(own=OWN_TURNS, partner=PARTNER_TURNS, text=text, history=text),
    }
    return [
        Constant.zero(ZERO, features),
        Constant.best(CONSTANT, train),
        Echo.running_mean(RUNNING_MEAN, features),
        Echo.of_own(REPEAT, features),
        Echo.of_partner(COPY, features),
        Echo.share_of_partner(SHARE, train),
        *(LinearModel.fit(name, inputs, train) for name, inputs in linear.items()),
    ]


def without_partner(full: Predictor, train: Sequence[Conversation], *, seed: int = 0) -> list[Predictor]:
    """The model that is judged, kept from its partner in both ways."""
    return [ShamPartner(SHAM, full, train, seed=seed), WithoutPartner(ZEROED, full)]
