import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from antiphon_measure_entrainment.measures.consistency import history
from antiphon_measure_entrainment.measures.mixed_effects import mixed_effects, random_slope
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams


def slopes_that_differ(deviation, groups=30, size=25, seed=0):
    """y = 0.3 own + (0.1 + u_g) partner + noise: target, terms, group."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), size)
    own, partner = rng.normal(size=(2, group.size))
    u = deviation * rng.normal(size=groups)
    target = 0.3 * own + (0.1 + u[group]) * partner + rng.normal(size=group.size)
    return target, np.column_stack([own, partner]), group


@pytest.mark.parametrize("seed", range(3))
def test_no_parameters_are_likelier_to_statsmodels(seed):
    target, terms, group = slopes_that_differ(0.3, seed=seed)
    fit = random_slope(target, terms, group)
    model = MixedLM(target, terms, groups=group, exog_re=terms[:, -1:])
    model.cov_pen = model.fe_pen = None  # as its fit() sets them
    model.reml = True

    def likelihood(coefficients, deviation):
        covariance = np.array([[(deviation / fit.residual) ** 2]])
        return model.loglike(MixedLMParams.from_components(np.asarray(coefficients), covariance), profile_fe=False)

    best = likelihood(fit.coefficients, fit.deviation)
    for factor in (0.9, 1.1):
        assert likelihood(fit.coefficients, fit.deviation * factor) < best
        assert likelihood(fit.coefficients * [1, factor], fit.deviation) < best
    # 95 % of chi² with one degree of freedom, with the coefficients that are best there.
    for bound in (fit.low, fit.high):
        assert 2 * (best - likelihood(fit.coefficients, bound)) == pytest.approx(3.84, abs=0.25)


def test_where_statsmodels_finds_the_maximum_it_is_the_same():
    target, terms, group = slopes_that_differ(0.3, groups=12, size=30, seed=0)
    found = random_slope(target, terms, group)
    start = MixedLMParams.from_components(found.coefficients, np.array([[(found.deviation / found.residual) ** 2]]))
    fit = MixedLM(target, terms, groups=group, exog_re=terms[:, -1:]).fit(reml=True, start_params=start)
    assert found.coefficients == pytest.approx(fit.fe_params, rel=1e-3)
    assert found.errors == pytest.approx(fit.bse_fe, rel=1e-2)
    assert found.deviation**2 == pytest.approx(fit.cov_re[0, 0], rel=1e-2)
    assert found.residual**2 == pytest.approx(fit.scale, rel=1e-2)


def test_without_differences_it_is_least_squares():
    target, terms, group = slopes_that_differ(0.0, seed=1)
    fit = random_slope(target, terms, group)
    least_squares = sm.OLS(target, terms).fit()
    assert fit.deviation == 0
    assert fit.low == 0
    assert fit.coefficients == pytest.approx(least_squares.params)
    assert fit.errors == pytest.approx(least_squares.bse)


def test_units_change_nothing_but_units():
    target, terms, group = slopes_that_differ(0.3)
    one, other = random_slope(target, terms, group), random_slope(5 * target, terms * [1, 20], group)
    assert other.coefficients == pytest.approx(one.coefficients * [5, 5 / 20], rel=1e-6)
    assert other.deviation == pytest.approx(one.deviation * 5 / 20, rel=1e-4)
    assert (other.low, other.high) == pytest.approx((one.low / 4, one.high / 4), rel=1e-4)


def test_the_interval_covers_the_truth():
    fits = [random_slope(*slopes_that_differ(0.2, groups=20, size=15, seed=seed)) for seed in range(60)]
    assert np.mean([fit.low < 0.2 < fit.high for fit in fits]) > 0.85


def test_dependent_terms_have_no_fit():
    target, terms, group = slopes_that_differ(0.1)
    with pytest.raises(np.linalg.LinAlgError, match="dependent"):
        random_slope(target, np.column_stack([terms[:, 1], terms]), group)
    with pytest.raises(np.linalg.LinAlgError, match="without a rest"):
        random_slope(terms @ [1.0, 2.0], terms, group)


def test_speakers_means_are_no_slope(simulate):
    table = simulate(conversations=20, coupling=0.0, seed=1)
    apart = table.assign(f0=table["f0"] + 50 * table["speaker"].str.endswith("a"))
    for before, after in zip(*(mixed_effects(each, ["f0"], permutations=19) for each in (table, apart)), strict=True):
        assert after.estimate == pytest.approx(before.estimate, abs=1e-6)
        assert after.p == before.p


def test_without_random_slopes_it_is_the_regression_with_a_dummy_for_every_speaker(simulate):
    table = simulate(conversations=8, coupling=0.2, seed=2)
    rows = history(table, "f0")
    side = pd.get_dummies(rows["conversation"].astype(str) + rows["speaker"], dtype=float)
    design = np.column_stack([rows[["own_last", "length", "partner_last"]], side])
    fit = sm.OLS(rows["target"].to_numpy(), design).fit()
    slope, spread = mixed_effects(table, ["f0"], permutations=19)
    assert spread.estimate == 0
    assert "singular fit" in spread.note
    assert slope.estimate == pytest.approx(fit.params[2])
    assert slope.n == len(rows)


def test_coupling_is_recovered_and_so_is_what_dyads_differ_by(simulate):
    slope, spread = mixed_effects(simulate(conversations=30, coupling=0.3, seed=5), ["f0"], permutations=99)
    assert slope.low < 0.3 < slope.high
    assert slope.p == 0.01
    halves = [simulate(conversations=15, coupling=c, seed=6 + i) for i, c in enumerate((-0.3, 0.3))]
    mixed = pd.concat([half.assign(conversation=half["conversation"] + 15 * i) for i, half in enumerate(halves)])
    slope, spread = mixed_effects(mixed, ["f0"], permutations=99)
    assert slope.low < 0 < slope.high
    assert spread.low < 0.3 < spread.high
    assert spread.p == 0.01


def test_what_cannot_be_measured_says_why(dialogue):
    many = pd.concat([dialogue([2.0] * 20, conversation=f"c{i}") for i in range(6)])
    alternating = pd.concat([dialogue([1.0, 2.0, 3.0, 2.0] * 10, conversation=f"c{i}") for i in range(6)])
    for table, why in (
        (dialogue([1.0, 2.0, 3.0] * 20), "in 1 conversations"),
        (many, "constant"),
        (alternating, "singular model"),
        (dialogue([1.0] * 20, speakers="ABC"), "0 answers with history"),
    ):
        for effect in mixed_effects(table, ["f"], permutations=9):
            assert effect.note.startswith("not computable: ")
            assert why in effect.note
