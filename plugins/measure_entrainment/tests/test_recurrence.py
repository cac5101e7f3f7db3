import numpy as np
import pytest
from antiphon_measure_entrainment.measures.recurrence import (
    cross_recurrence,
    diagonal_lines,
    diagonal_profile,
    embedded,
    quantify,
    recurrences,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays


def lines_one_by_one(plot):
    lengths = []
    for lag in range(-plot.shape[0] + 1, plot.shape[1]):
        run = 0
        for point in [*np.diagonal(plot, lag), False]:
            if point:
                run += 1
            elif run:
                lengths.append(run)
                run = 0
    return sorted(lengths)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.booleans()))
def test_diagonals_are_found_as_by_walking_along_each(plot):
    assert sorted(diagonal_lines(plot)) == lines_one_by_one(plot)


def test_worked_by_hand():
    plot = np.array([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]], dtype=bool)
    found = quantify(plot)  # a diagonal of three, two points alone
    assert found.rate == pytest.approx(5 / 16)
    assert found.determinism == pytest.approx(3 / 5)
    assert found.mean_line == 3
    assert found.longest_line == 3
    assert diagonal_profile(plot, (0, 3, -2, 9)) == pytest.approx([3 / 4, 1, 1 / 2, np.nan], nan_ok=True)


def test_a_plot_without_points_has_no_determinism():
    found = quantify(np.zeros((4, 5), dtype=bool))
    assert found.rate == 0
    assert np.isnan(found.determinism)
    assert found.longest_line == 0


def test_embedding():
    assert embedded(np.arange(6.0), 3, 2).tolist() == [[0, 2, 4], [1, 3, 5]]
    assert embedded(np.arange(3.0), 3, 2).shape == (0, 3)


def test_a_series_with_itself_recurs_on_the_main_diagonal():
    x = np.random.default_rng(0).normal(size=30)
    found = recurrences(x, x, radius=0.0)
    assert np.array_equal(found, np.eye(30, dtype=bool))


@given(st.floats(0.01, 0.5), st.integers(1, 3))
def test_the_radius_makes_the_rate(rate, dimension):
    x, y = np.random.default_rng(1).normal(size=(2, 30))
    plot = recurrences(x, y, dimension=dimension, rate=rate)
    assert abs(plot.mean() - rate) <= 1 / plot.size + 1e-12


def test_what_cannot_be_measured_says_why(dialogue):
    series = list(np.random.default_rng(0).normal(size=40))
    for values, why in (([1.0, 2.0, 4.0] * 3, "8 turns of each"), ([2.0] * 40, "constant")):
        for effect in cross_recurrence(dialogue(values), ["f"], permutations=9):
            assert effect.note.startswith("not computable: ")
            assert why in effect.note
    synchrony, *whole = cross_recurrence(dialogue(series), ["f"], permutations=9)
    assert synchrony.computable
    assert all("no second conversation" in effect.note for effect in whole)
