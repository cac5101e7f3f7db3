"""What the causal normaliser knows of one feature of one speaker, and how it learns from a turn."""

from __future__ import annotations

from typing import Protocol

from attrs import astuple, evolve, field, frozen, validators

from antiphon.normalization.moments import Moments, finite
from antiphon.normalization.prior import FeaturePrior


class Tracker(Protocol):
    """The state of one feature of one speaker."""

    def predict(self, prior: FeaturePrior) -> tuple[float, float]:
        """Mean and variance of the speaker's next turn."""

    def add(self, value: float, prior: FeaturePrior) -> Tracker:
        """The state after one more turn."""

    def save(self) -> list[float]:
        """The state as plain numbers."""

    def load(self, numbers: list[float]) -> Tracker:
        """A state that was saved by a tracker of this kind."""


def shrink(moments: Moments, prior: FeaturePrior) -> tuple[float, float]:
    """Mean and variance of a speaker: between the prior's and those of the speaker's turns so far."""
    n, strength, dof = moments.n, prior.strength, prior.variance_dof
    mean = (strength * prior.mean + n * moments.mean) / (strength + n)
    return mean, (dof * prior.within_variance + moments.m2) / (dof + max(n - 1, 0))


@frozen
class Steady:
    """A speaker whose mean and variance stay: every turn counts the same."""

    moments: Moments

    def predict(self, prior: FeaturePrior) -> tuple[float, float]:
        mean, variance = shrink(self.moments, prior)
        return mean, variance * (1 + 1 / (prior.strength + self.moments.n))

    def add(self, value: float, prior: FeaturePrior) -> Steady:
        return Steady(self.moments.add(value))

    def save(self) -> list[float]:
        return list(astuple(self.moments))

    def load(self, numbers: list[float]) -> Steady:
        n, mean, m2 = numbers
        return Steady(Moments(n, mean, m2))  # type: ignore[arg-type]  # Moments sees to it that n is an integer


@frozen
class Drifting:
    """A speaker whose mean and variance drift: the weight of a turn decays with its age.

    Until the weights reach their floor the mean is that of `Steady`; from then on mean and variance are exponentially
    weighted, v ← (1 - w)(v + w δ²).

    Attributes:
        n: turns so far.
        mean, variance: of the speaker, shrunk to the prior.
        floor: smallest weight of a new turn; its inverse is the memory in turns.
    """

    n: int = field(validator=[validators.instance_of(int), validators.ge(0)])
    mean: float = field(validator=finite)
    variance: float = field(validator=[finite, validators.gt(0)])
    floor: float = field(validator=[finite, validators.gt(0), validators.lt(1)])

    @classmethod
    def after(cls, earlier: Moments, prior: FeaturePrior, floor: float) -> Drifting:
        """Before the first turn of a conversation, with the moments of earlier ones."""
        return cls(earlier.n, *shrink(earlier, prior), floor)

    def predict(self, prior: FeaturePrior) -> tuple[float, float]:
        return self.mean, self.variance / (1 - self._weight(prior.strength))

    def add(self, value: float, prior: FeaturePrior) -> Drifting:
        weight = self._weight(prior.strength)
        # The prior's variance has a weight of its own, by its degrees of freedom. With the mean's weight, which is
        # near 1 where speakers differ far more than turns do, the first turn alone would decide the variance.
        share = self._weight(prior.variance_dof)
        delta = value - self.mean
        return evolve(
            self,
            n=self.n + 1,
            mean=self.mean + weight * delta,
            variance=(1 - share) * self.variance + share * (1 - weight) * delta * delta,
        )

    def save(self) -> list[float]:
        return list(astuple(self))

    def load(self, numbers: list[float]) -> Drifting:
        n, mean, variance, floor = numbers
        return Drifting(n, mean, variance, floor)  # type: ignore[arg-type]  # as above

    def _weight(self, prior_turns: float) -> float:
        weight = 1 / (prior_turns + self.n + 1)
        return max(weight, self.floor) if self.n else weight  # before the first turn nothing has drifted
