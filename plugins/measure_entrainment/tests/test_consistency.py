import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from antiphon_measure_entrainment.measures.consistency import consistency_controlled, history


def test_history_is_what_came_before(dialogue):
    rows = history(dialogue([1.0, 10.0, 2.0, 20.0, 6.0, 60.0]), "f")
    columns = ["speaker", "target", "own_last", "own_mean", "partner_last", "partner_mean"]
    assert rows[columns].to_numpy().tolist() == [
        ["cA", 2, 1, 1, 10, 10],
        ["cA", 6, 2, 1.5, 20, 15],
        ["cB", 20, 10, 10, 2, 1.5],
        ["cB", 60, 20, 15, 6, 3],
    ]
    assert rows["length"].to_numpy() == pytest.approx(np.log(0.9))


def test_what_comes_later_changes_no_history(simulate):
    table = simulate(conversations=2, turns=20, seed=1)
    early = history(table[table["turn"] < 12], "f0")
    late = history(table, "f0")
    pd.testing.assert_frame_equal(late[late["turn"] < 12].reset_index(drop=True), early)


def test_the_slope_is_least_squares_and_the_gain_in_sample_that_of_an_f_test(simulate):
    table = simulate(coupling=0.2, seed=2)
    rows = history(table, "f0")
    fit = smf.ols("target ~ own_last + own_mean + length + partner_last + partner_mean", rows).fit()
    _, slope = consistency_controlled(table, ["f0"], bootstraps=50, permutations=9)
    assert slope.estimate == pytest.approx(fit.params["partner_last"])
    assert slope.n == len(rows)


def test_leaving_one_conversation_out_is_what_it_says(simulate):
    table = simulate(conversations=6, coupling=0.3, seed=3)
    rows = history(table, "f0")
    errors = {"own": 0.0, "full": 0.0}
    models = {"own": "target ~ own_last + own_mean + length"}
    models["full"] = models["own"] + " + partner_last + partner_mean"
    for conversation in rows["conversation"].unique():
        held = rows["conversation"] == conversation
        for name, formula in models.items():
            predicted = smf.ols(formula, rows[~held]).fit().predict(rows[held])
            errors[name] += ((rows["target"][held] - predicted) ** 2).sum()
    total = ((rows["target"] - rows["target"].mean()) ** 2).sum()
    gain, _ = consistency_controlled(table, ["f0"], folds=6, bootstraps=50, permutations=9)
    assert gain.estimate == pytest.approx((errors["own"] - errors["full"]) / total)


def test_without_coupling_the_partner_helps_nothing_although_speakers_are_consistent(simulate):
    gain, slope = consistency_controlled(simulate(conversations=30, seed=4), ["f0"], permutations=99)
    assert gain.estimate < 0.005
    assert slope.low < 0 < slope.high


def test_coupling_is_recovered(simulate):
    gain, slope = consistency_controlled(simulate(conversations=30, coupling=0.3, seed=5), ["f0"], permutations=99)
    assert gain.low > 0
    assert gain.p == slope.p == 0.01
    assert slope.low < 0.3 < slope.high


def test_units_change_nothing(simulate):
    table = simulate(conversations=6, coupling=0.2, seed=6)
    for before, after in zip(
        consistency_controlled(table, ["f0"], bootstraps=20, permutations=19),
        consistency_controlled(table.assign(f0=9 * table["f0"] - 4), ["f0"], bootstraps=20, permutations=19),
        strict=True,
    ):
        assert (after.estimate, after.p) == pytest.approx((before.estimate, before.p))


def test_what_cannot_be_measured_says_why(dialogue):
    many = pd.concat([dialogue([2.0] * 20, conversation=f"c{i}") for i in range(6)])
    for table, why in (
        (dialogue([1.0, 2.0, 3.0] * 20), "in 1 conversations"),
        (many, "constant"),
        (dialogue([1.0] * 20, speakers="A"), "0 answers with history"),
    ):
        for effect in consistency_controlled(table, ["f"], permutations=9):
            assert effect.note.startswith("not computable: ")
            assert why in effect.note
