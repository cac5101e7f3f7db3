"""Count, mean and sum of squared deviations of the numbers seen so far."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from attrs import evolve, field, frozen, validators


def finite(_instance: Any, attribute: Any, value: Any) -> None:
    """An attrs validator: a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{attribute.name} is a finite number, not {value!r}")


@frozen
class Moments:
    """Running moments, updated without keeping the numbers (Welford 1962; merged as Chan, Golub and LeVeque 1979).

    Attributes:
        n: how many numbers.
        mean: their mean; 0 if there are none.
        m2: sum of their squared deviations from the mean.
    """

    n: int = field(default=0, validator=[validators.instance_of(int), validators.ge(0)])
    mean: float = field(default=0.0, validator=finite)
    m2: float = field(default=0.0, validator=[finite, validators.ge(0.0)])

    @classmethod
    def of(cls, values: Iterable[float]) -> Moments:
        """The moments of some numbers, the same as by `add`, bit for bit."""
        n, mean, m2 = 0, 0.0, 0.0
        for value in values:
            n += 1
            delta = value - mean
            mean += delta / n
            m2 += delta * (value - mean)
        return cls(n, mean, m2)

    def add(self, value: float) -> Moments:
        """The moments with one more number."""
        n = self.n + 1
        delta = value - self.mean
        mean = self.mean + delta / n
        return Moments(n, mean, self.m2 + delta * (value - mean))

    def merge(self, other: Moments) -> Moments:
        """The moments of both sets of numbers together."""
        n = self.n + other.n
        if n == 0:
            return self
        delta = other.mean - self.mean
        m2 = self.m2 + other.m2 + delta * delta * self.n * other.n / n
        return Moments(n, self.mean + delta * other.n / n, m2)

    def capped(self, n: int) -> Moments:
        """The same mean and variance (ddof 1), but the weight of at most `n` numbers."""
        if self.n <= n:
            return self
        return evolve(self, n=n, m2=self.m2 * max(n - 1, 0) / (self.n - 1))

    def variance(self, ddof: int = 1) -> float:
        """The variance; 0 where there are too few numbers for it."""
        return self.m2 / (self.n - ddof) if self.n > ddof else 0.0
