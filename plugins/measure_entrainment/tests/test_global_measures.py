import numpy as np
import pandas as pd
import pytest
from antiphon_measure_entrainment.measures.global_measures import global_convergence, global_proximity, self_proximity
from scipy import stats


@pytest.fixture
def means(dialogue):
    """A table of conversations in which every speaker always has one value."""

    def make(*pairs):
        return pd.concat([dialogue([a, b] * 4, conversation=f"c{i}") for i, (a, b) in enumerate(pairs)])

    return make


def test_proximity_worked_by_hand(means):
    # c0: A 0, B 1; c1: A 10, B 12.
    # c0: own 1; others of A (10+12)/2 = 11, of B (9+11)/2 = 10; advantage 10 and 9.
    # c1: own 2; others of A (10+9)/2 = 9.5, of B (12+11)/2 = 11.5; advantage 7.5 and 9.5.
    [effect] = global_proximity(means((0, 1), (10, 12)), ["f"], permutations=99)
    assert effect.estimate == pytest.approx((9.5 + 8.5) / 2)
    assert effect.n == 4


def test_others_match_the_partner(means):
    table = means((0, 1), (10, 12), (20, 23))
    table["gender"] = table["speaker"].map(lambda name: "f" if name.endswith("A") else "m")
    # For A the other B's, for B the other A's.
    a, b = np.array([0, 10, 20.0]), np.array([1, 12, 23.0])
    distance = np.abs(a[:, None] - b[None])
    own = np.diag(distance)
    expected = ((distance.sum(0) - own) / 2 - own + (distance.sum(1) - own) / 2 - own) / 2
    [effect] = global_proximity(table, ["f"], match="gender", permutations=9)
    assert effect.estimate == pytest.approx(expected.mean())


def test_people_who_met_are_no_strangers(means):
    table = means((0, 1), (0, 50), (7, 9))
    table["speaker"] = table["speaker"].replace({"c1A": "c0A"})
    # To A of c0 only c2's speakers are strangers: (7 + 9) / 2 − 1 = 7.
    # To B (1): c1's B (49), c2's (6, 8), not A, its partner. 63 / 3 − 1 = 20.
    [both] = global_proximity(table, ["f"], permutations=9)
    # c1: A (8 − 50 = −42); B (50): B of c0 49, 43, 41 -> 133/3 − 50. c2: own 2;
    # 7: 7, 6, 7, 43 -> 63/4 − 2; 9: 9, 8, 9, 41 -> 67/4 − 2.
    expected = np.mean([(7 + 20) / 2, (-42 + 133 / 3 - 50) / 2, (63 / 4 - 2 + 67 / 4 - 2) / 2])
    assert both.estimate == pytest.approx(expected)


def test_names_that_are_not_unique_are_noticed(means):
    table = means((0, 1), (10, 12))
    table["speaker"] = table["speaker"].str[-1]
    [effect] = global_proximity(table, ["f"], permutations=9)
    assert "names unique" in effect.note


def test_selves_are_nearer_than_partners(means):
    table = means((0, 5), (1, 5.5), (10, 15), (12, 13))
    table["speaker"] = table["speaker"].replace({"c1A": "c0A", "c3A": "c2A"})
    # 1st person: self 1, partner (5 + 4.5) / 2; 2nd: self 2, partner (5 + 1) / 2.
    expected = np.array([4.75 - 1, 3 - 2])
    [effect] = self_proximity(table, ["f"])
    assert effect.estimate == pytest.approx(expected.mean())
    assert effect.p == pytest.approx(stats.ttest_1samp(expected, 0).pvalue)


def test_convergence_worked_by_hand(dialogue):
    table = pd.concat(
        [
            dialogue([0, 8, 0, 8, 3, 5, 3, 5], "c"),  # 8 apart, then 2
            dialogue(
                [0, 1, 2, 3, 9, 2, 9, 2, 9], "d"
            ),  # of nine turns five are the first half: 11/3 and 2, then 9 and 2
        ]
    )
    [effect] = global_convergence(table, ["f"], permutations=99)
    assert effect.estimate == pytest.approx(((8 - 2) + (11 / 3 - 2 - (9 - 2))) / 2)


def test_scale_shift_and_swap_change_nothing(simulate):
    table = simulate(conversations=8, seed=1)
    swapped = {f"{c}{a}": f"{c}{b}" for c in range(8) for a, b in ("ab", "ba")}
    moved = table.assign(f0=3 * table["f0"] - 7, turn=table["turn"] + 9, speaker=table["speaker"].map(swapped))
    for measure in (global_proximity, global_convergence):
        [before], [after] = (measure(each, ["f0"], permutations=99) for each in (table, moved))
        assert after.estimate == pytest.approx(3 * before.estimate)
        assert after.effect_size == pytest.approx(before.effect_size)
        assert after.p == pytest.approx(before.p)


def test_partners_with_a_common_mean_are_found(simulate):
    [effect] = global_proximity(simulate(conversations=40, shared=0.8, seed=3), ["f0"], permutations=199)
    assert effect.p < 0.05
    assert effect.low > 0


@pytest.mark.parametrize("measure", [global_proximity, global_convergence])
@pytest.mark.parametrize(
    ("values", "speakers", "why"),
    [
        ([1, 2] * 6, "A", "exactly two speakers (found 1)"),
        ([1, 2, 3] * 4, "ABC", "exactly two speakers (found 3)"),
        ([2.0] * 12, "AB", ""),
        ([1, float("nan")] * 6, "AB", "both have values"),
        ([1, 2] * 6, "AB", "fewer than two conversations"),
    ],
)
def test_what_cannot_be_measured_says_why(dialogue, measure, values, speakers, why):
    [effect] = measure(dialogue(values, speakers=speakers), ["f"], permutations=9)
    assert effect.note.startswith("not computable: ")
    assert why in effect.note
