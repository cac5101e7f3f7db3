"""Whether the partner's prosody helped to predict ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from attrs import frozen

from antiphon_entrain_neural.evaluation.metrics import POOLED
from antiphon_entrain_neural.evaluation.resampling import Paired


@frozen
class Difference:
    """Mean smooth L1 of a model less that of a rival; below 0 where the model is better.

    Attributes:
        model, against, mode, feature: of what.
        difference: None where nothing was measured.
        low, high: its 95 % interval over conversations; None where there is none.
        p, q: of a paired permutation test, and corrected over features.
    """

    model: str
    against: str
    mode: str
    feature: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None

    @classmethod
    def all_features(
        cls, model: str, against: str, mode: str, features: Sequence[str], found: Paired
    ) -> Iterator[Difference]:
        """One for each feature and one for all."""
        for column, feature in enumerate((*features, POOLED)):
            numbers = (found.difference, found.low, found.high, found.p, found.q)
            values = (None if np.isnan(of[column]) else float(of[column]) for of in numbers)
            yield cls(model, against, mode, feature, *values)

    @property
    def better(self) -> bool:
        """Whether the whole interval is below 0."""
        return self.high is not None and self.high < 0


@frozen
class Verdict:
    """What may be claimed, free-running and of all features together.

    Attributes:
        helped: the model is better than each rival that does not know the partner's prosody, those that know the texts
            and our own turns among them, and better than itself with a sham partner.
        differences: that say so.
        text: a line for people.
    """

    helped: bool
    differences: tuple[Difference, ...]
    text: str


def judge(differences: Sequence[Difference]) -> Verdict:
    """The verdict, of the free-running differences to all rivals."""
    pooled = tuple(d for d in differences if d.feature == POOLED)
    helped = bool(pooled) and all(d.better for d in pooled)
    parts = "; ".join(f"against {d.against} {_printed(d)}" for d in pooled)
    claim = "The partner's prosody helped" if helped else "It is not shown that the partner's prosody helped"
    return Verdict(helped, pooled, f"{claim} (free-running smooth L1, {pooled[0].model if pooled else ''}: {parts}).")


def _printed(difference: Difference) -> str:
    if difference.difference is None:
        return "unknown"
    if difference.low is None or difference.high is None:
        return f"{difference.difference:+.4f}, without an interval, for there is one conversation"
    return f"{difference.difference:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}]"
