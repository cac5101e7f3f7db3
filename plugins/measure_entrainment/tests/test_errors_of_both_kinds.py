"""False positives on uncoupled conversations, and detection on coupled ones, of every test with a null."""

import pytest
from antiphon_measure_entrainment.everything import TESTED, measure
from scipy import stats

PERMUTATIONS = 39


def found_significant(table, name):
    result = measure(table, [f for f in table if f.startswith("f")], measures=[name], permutations=PERMUTATIONS, seed=1)
    assert result["p"].notna().all()
    return result.assign(significant=result["p"] <= 0.05).groupby("measure")["significant"]


@pytest.mark.parametrize("name", TESTED)
def test_uncoupled_conversations_are_rarely_significant(simulate, name):
    table = simulate(conversations=6, turns=40, features=10, seed=11)
    # With a rate of 5 %, more than this is seen once in a thousand seeds; the seed is fixed.
    assert (found_significant(table, name).sum() <= stats.binom.isf(1e-3, 10, 0.05)).all()


@pytest.mark.long
@pytest.mark.parametrize("name", TESTED)
def test_uncoupled_conversations_are_significant_in_one_of_twenty_cases(simulate, name):
    table = simulate(conversations=10, turns=50, features=200, seed=12)
    assert (found_significant(table, name).sum() <= stats.binom.isf(1e-3, 200, 0.05)).all()


@pytest.mark.parametrize(
    "name",
    ["local_proximity", "local_synchrony", "tama_synchrony", "windowed_correlation", "knn_synchrony", "consistency"],
)
def test_coupled_conversations_are_found(simulate, name):
    table = simulate(conversations=10, turns=50, features=3, coupling=0.4, seed=13)
    assert (found_significant(table, name).mean() > 0.6).all()


def test_coupled_conversations_recur_near_the_diagonal(simulate):
    table = simulate(conversations=30, turns=50, features=2, coupling=0.4, seed=13)
    assert found_significant(table, "crqa").mean()["crqa_synchrony"] > 0.6


@pytest.mark.parametrize("name", ["global_proximity", "knn_proximity"])
def test_similar_partners_are_found(simulate, name):
    table = simulate(conversations=30, features=2, shared=0.95, seed=14)
    assert (found_significant(table, name).mean() > 0.6).all()


@pytest.mark.parametrize(
    ("name", "turns"), [("global_convergence", 40), ("local_convergence", 40), ("knn_convergence", 200)]
)
def test_a_partner_who_gives_in_is_found(simulate, name, turns):
    table = simulate(conversations=20, turns=turns, features=2, seed=15)
    features = [f for f in table if f.startswith("f")]
    # B gives up its own way, and in the end repeats what A said last.
    ordered = table.sort_values(["conversation", "turn"])
    said = ordered.groupby("conversation")[features].shift().fillna(ordered[features])
    share = (ordered["turn"] % 2 * ordered["turn"] / ordered["turn"].max()).to_numpy()[:, None]
    ordered[features] = (1 - share) * ordered[features] + share * said
    assert (found_significant(ordered, name).mean() > 0.6).all()
