"""False positives on uncoupled conversations, and detection on coupled ones, of every test with a null."""

import numpy as np
import pandas as pd
import pytest
from antiphon_measure_entrainment.measures.everything import OF_EACH_FEATURE, measure
from antiphon_measure_entrainment.measures.lexical import lexical
from antiphon_measure_entrainment.measures.neural import neural_distance
from scipy import stats

PERMUTATIONS = 39


def found_significant(table, name):
    result = measure(table, [f for f in table if f.startswith("f")], measures=[name], permutations=PERMUTATIONS, seed=1)
    assert result["p"].notna().all()
    return result.assign(significant=result["p"] <= 0.05).groupby("measure")["significant"]


@pytest.mark.parametrize("name", OF_EACH_FEATURE)
def test_uncoupled_conversations_are_rarely_significant(simulate, name):
    table = simulate(conversations=6, turns=40, features=10, seed=11)
    # With a rate of 5 %, more than this is seen once in a thousand seeds; the seed is fixed.
    assert (found_significant(table, name).sum() <= stats.binom.isf(1e-3, 10, 0.05)).all()


@pytest.mark.long
@pytest.mark.parametrize("name", OF_EACH_FEATURE)
def test_uncoupled_conversations_are_significant_in_one_of_twenty_cases(simulate, name):
    table = simulate(conversations=10, turns=50, features=200, seed=12)
    assert (found_significant(table, name).sum() <= stats.binom.isf(1e-3, 200, 0.05)).all()


@pytest.mark.long
def test_networks_are_significant_in_one_of_twenty_cases(simulate):
    pytest.importorskip("torch")
    found = [
        [
            effect.p <= 0.05
            for effect in neural_distance(
                simulate(conversations=8, turns=40, features=3, seed=100 + seed),
                ["f0", "f1", "f2"],
                folds=2,
                updates=40,
                permutations=PERMUTATIONS,
                seed=seed,
            )
        ]
        for seed in range(100)
    ]
    assert (np.sum(found, axis=0) <= stats.binom.isf(1e-3, 100, 0.05)).all()


def babble(seed, conversations, turns):
    """People with vocabularies of their own, of lengths of their own, who do not listen."""
    rng = np.random.default_rng(seed)
    vocabulary = np.array([f"w{i}" for i in range(80)])
    rows = []
    for conversation in range(conversations):
        habits = rng.dirichlet(np.full(80, 0.1), size=2)
        length = rng.integers(turns // 2, turns)
        for turn in range(length):
            size = rng.integers(1, 12)
            said = " ".join(rng.choice(vocabulary, size, p=habits[turn % 2]))
            rows.append((conversation, turn, f"{conversation}{'ab'[turn % 2]}", float(turn), turn + 0.9, said))
    return pd.DataFrame(rows, columns=["conversation", "turn", "speaker", "start_s", "end_s", "text"])


@pytest.mark.parametrize("seeds", [8, pytest.param(150, marks=pytest.mark.long)])
def test_words_are_significant_in_one_of_twenty_cases(seeds):
    found = [
        [effect.p <= 0.05 for effect in lexical(babble(seed, 8, 40), permutations=PERMUTATIONS, seed=seed)]
        for seed in range(seeds)
    ]
    assert (np.sum(found, axis=0) <= stats.binom.isf(1e-3, seeds, 0.05)).all()


@pytest.mark.parametrize(
    "name",
    [
        "local_proximity",
        "local_synchrony",
        "tama_synchrony",
        "windowed_correlation",
        "knn_synchrony",
        "consistency",
    ],
)
def test_coupled_conversations_are_found(simulate, name):
    table = simulate(conversations=10, turns=50, features=3, coupling=0.4, seed=13)
    assert (found_significant(table, name).mean() > 0.6).all()


def test_coupled_conversations_recur_near_the_diagonal(simulate):
    table = simulate(conversations=30, turns=50, features=2, coupling=0.4, seed=13)
    assert found_significant(table, "crqa").mean()["crqa_synchrony"] > 0.6


def test_stretches_that_come_again_make_diagonals(simulate):
    # B says again what A said, in stretches of eight turns, five turns of A later: far from the main diagonal.
    table = simulate(conversations=20, turns=80, features=2, shared=1.0, seed=16).sort_values(["conversation", "turn"])
    for feature in ("f0", "f1"):
        said = table[feature].to_numpy().reshape(20, 40, 2).copy()
        said[:, 5:, 1] = np.where(np.arange(35) % 9 > 0, said[:, :-5, 0], said[:, 5:, 1])
        table[feature] = said.ravel()
    found = found_significant(table, "crqa").mean()
    assert found["crqa_determinism"] == found["crqa_longest_line"] == 1


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
