"""Running moments."""

import math

import numpy as np
import pytest
from antiphon.normalization import Moments
from hypothesis import given
from hypothesis import strategies as st

numbers = st.lists(st.floats(-1e4, 1e4), max_size=40)


def close(a: Moments, b: Moments) -> bool:
    return a.n == b.n and math.isclose(a.mean, b.mean, abs_tol=1e-7) and math.isclose(a.m2, b.m2, abs_tol=1e-3)


@given(numbers.filter(lambda x: len(x) > 1))
def test_running_equals_batch(values: list[float]) -> None:
    moments = Moments.of(values)
    assert moments.mean == pytest.approx(np.mean(values), abs=1e-8)
    assert moments.variance(0) == pytest.approx(np.var(values), abs=1e-4)
    assert moments.variance() == pytest.approx(np.var(values, ddof=1), abs=1e-4)


@given(numbers, numbers)
def test_merged_equals_all_at_once(first: list[float], second: list[float]) -> None:
    assert close(Moments.of(first).merge(Moments.of(second)), Moments.of(first + second))


def test_a_large_offset_loses_no_precision() -> None:
    assert Moments.of([1e9 + x for x in (4.0, 7.0, 13.0, 16.0)]).variance() == 30.0


def test_nothing_has_neither_mean_nor_variance() -> None:
    nothing = Moments()
    assert (nothing.mean, nothing.variance(), nothing.merge(Moments())) == (0.0, 0.0, nothing)


@given(numbers.filter(lambda x: len(x) > 2), st.integers(2, 10))
def test_a_cap_keeps_mean_and_variance(values: list[float], cap: int) -> None:
    moments = Moments.of(values)
    capped = moments.capped(cap)
    assert capped.n == min(len(values), cap)
    assert capped.mean == moments.mean
    assert capped.variance() == pytest.approx(moments.variance())


@pytest.mark.parametrize("wrong", [(-1, 0.0, 0.0), (1.5, 0.0, 0.0), (1, math.nan, 0.0), (1, 0.0, -1.0), (1, "0", 0.0)])
def test_impossible_moments_are_refused(wrong: tuple[object, ...]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Moments(*wrong)  # type: ignore[arg-type]
