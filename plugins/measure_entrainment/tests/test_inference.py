import numpy as np
import pytest
from antiphon_measure_entrainment.statistics.effect import Effect, benjamini_hochberg, not_computable, tidy
from antiphon_measure_entrainment.statistics.inference import (
    mean_correlation,
    paired_effect,
    permutation_p,
    weighted_mean,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats


def test_p_counts_the_observed_arrangement():
    null = np.array([0.0, 1.0, 2.0])
    assert permutation_p(2.0, null, "greater") == pytest.approx((1 + 1) / (1 + 3))
    assert permutation_p(5.0, null, "greater") == pytest.approx(1 / 4)
    assert permutation_p(-5.0, null, "greater") == 1.0


def test_two_sided_p_sees_both_tails():
    null = np.linspace(-1, 1, 99)
    assert permutation_p(-5.0, null) == permutation_p(5.0, null) == pytest.approx(0.01)
    assert permutation_p(0.0, null) == 1.0


def test_equal_weights_give_students_interval():
    values = np.array([0.1, 0.4, 0.35, -0.2, 0.5])
    expected = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
    mean, low, high = weighted_mean(values, np.full(5, 3.0))
    assert (mean, low, high) == pytest.approx((values.mean(), *expected))


def test_the_interval_of_one_correlation_is_fishers():
    _, low, high = mean_correlation(np.array([0.6]), np.array([30.0]))
    expected = stats.pearsonr(*_correlated(0.6, 30)).confidence_interval()
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-6)


def _correlated(r, n):
    x, e = np.random.default_rng(0).normal(size=(2, n))
    x = (x - x.mean()) / x.std()
    e = e - e.mean() - x * (x @ e) / n
    return x, r * x + np.sqrt(1 - r**2) * e / e.std()


def test_d_z_is_t_over_the_root_of_n():
    differences = np.random.default_rng(1).normal(0.3, 1, 20)
    assert paired_effect(differences) == pytest.approx(stats.ttest_1samp(differences, 0).statistic / np.sqrt(20))
    assert paired_effect(np.ones(5)) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_agrees_with_its_definition(p):
    order = np.argsort(p)
    ranked = np.array(p)[order] * len(p) / np.arange(1, len(p) + 1)
    expected = np.empty(len(p))
    expected[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1)
    assert benjamini_hochberg(p) == pytest.approx(expected.tolist())


def test_rows_without_p_are_not_corrected_for():
    effects = [
        Effect(measure="a", feature="f", estimate=1.0, p=0.02),
        not_computable("b", "f", "too short"),
        Effect(measure="c", feature="f", estimate=1.0, p=0.04),
    ]
    table = tidy(effects)
    assert table["q"].tolist()[::2] == pytest.approx([0.04, 0.04])
    assert np.isnan(table["q"][1])
    assert table["note"][1] == "not computable: too short"
    assert tidy([]).empty
