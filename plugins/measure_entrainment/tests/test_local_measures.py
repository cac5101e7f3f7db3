import numpy as np
import pandas as pd
import pytest
from antiphon_measure_entrainment.measures.local_measures import (
    convergence_r,
    local_convergence,
    local_proximity,
    local_synchrony,
    proximity_advantage,
    synchrony_r,
)
from antiphon_measure_entrainment.statistics.pairs import Pairs
from antiphon_measure_entrainment.turns.exchanges import exchanges, speaker_z
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

LOCAL = [local_proximity, local_convergence, local_synchrony]


def pairs_of(table, least=4):
    return Pairs.of(exchanges(table, ["f"]), "f", least)


def test_synchrony_and_convergence_of_each_conversation_are_pearsons(simulate):
    table = simulate(conversations=5, turns=21, seed=2).rename(columns={"f0": "f"})
    pairs = pairs_of(table)
    synchrony, convergence = synchrony_r(pairs, pairs.y), convergence_r(pairs, pairs.y)
    for index, (_, rows) in enumerate(table.sort_values("turn").groupby("conversation")):
        x = rows["f"].to_numpy()
        assert synchrony[index] == pytest.approx(stats.pearsonr(x[:-1], x[1:])[0])
        distance = -np.abs(x[:-1] - x[1:])
        assert convergence[index] == pytest.approx(stats.pearsonr(distance, np.arange(20))[0])


def test_the_average_is_fishers(simulate):
    table = speaker_z(simulate(conversations=6, turns=20, seed=3), ["f0"]).rename(columns={"f0": "f"})
    table = table[(table["conversation"] > 2) | (table["turn"] < 12)]
    z, weights = [], []
    for _, rows in speaker_z(table, ["f"]).sort_values("turn").groupby("conversation"):
        x = rows["f"].to_numpy()
        z.append(np.arctanh(stats.pearsonr(x[:-1], x[1:])[0]))
        weights.append(x.size - 1 - 3)
    [effect] = local_synchrony(table, ["f"], permutations=9)
    assert effect.estimate == pytest.approx(np.tanh(np.average(z, weights=weights)))
    assert effect.n == sum(weights) + 18


def test_proximity_worked_by_hand(dialogue):
    # B's replies to A's 0, 10, 20 are 1, 11, 21. To the middle reply only the third is not adjacent, and so around.
    pairs = pairs_of(dialogue([0, 1, 10, 11, 20, 21]))
    advantage = proximity_advantage(pairs, others=10, seed=0)
    # |0 − 11| − 1 (21 precedes circularly), |10 − 21| − 1, |20 − 1| − 1
    assert advantage[:3] == pytest.approx([10, 10, 18])
    assert np.isnan(advantage[3:]).all()  # A has two replies, both adjacent


def test_matching_is_perfect_proximity_and_synchrony(dialogue):
    values = np.repeat(np.random.default_rng(0).normal(size=40), 2)  # of 40 shifts one is none
    [synchrony] = local_synchrony(dialogue(list(values)), ["f"], permutations=199)
    [proximity] = local_proximity(dialogue(list(values)), ["f"], permutations=199)
    assert synchrony.p < 0.05
    assert proximity.p < 0.05
    assert proximity.estimate > 0.3


@pytest.mark.parametrize("null", ["shift", "sham"])
def test_moving_a_speaker_keeps_the_order_and_takes_from_the_right_place(simulate, null):
    pairs = pairs_of(simulate(conversations=4, turns=13, seed=4).rename(columns={"f0": "f"}))
    group = np.repeat(np.arange(pairs.group_start.size), pairs.group_size)
    for draws in (pairs.moves, pairs.replies):
        for index in draws(20, null, seed=1):
            for here in range(pairs.group_start.size):
                taken = index[group == here]
                there = group[taken]
                assert len(set(there)) == 1
                size, start = pairs.group_size[there[0]], pairs.group_start[there[0]]
                assert np.all(np.diff(taken - start) % size == 1 % size)
                same = pairs.group_conversation[there[0]] == pairs.group_conversation[here]
                assert same or null == "sham"
                assert pairs.group_replies[there[0]] == pairs.group_replies[here]


@pytest.mark.parametrize("null", ["shift", "sham"])
def test_one_speaker_moves_and_both_directions_with_it(simulate, null):
    # Named 100 · conversation + turn, values tell where they come from. Of 13 turns, B has 6: B1 A2 B3 A4 ...
    table = simulate(conversations=4, turns=12, seed=4)
    table["f"] = 100.0 * table["conversation"] + table["turn"]
    pairs = pairs_of(table[table["turn"] < 12])
    towards = np.repeat(pairs.group_replies, pairs.group_size).astype(bool)
    for index in pairs.moves(20, null, seed=1):
        x, y = pairs.moved(index)
        # Where the moved one (B, or A) replies and where it is replied to, its turns come from one conversation.
        moved = np.where(towards, y, x)
        kept = np.where(towards, x, y)
        for conversation in range(4):
            own = kept // 100 == conversation
            assert np.unique(moved[own] // 100).size == 1
            assert (np.unique(moved[own] // 100) == conversation).all() or null == "sham"
        assert np.array_equal(kept, np.where(towards, pairs.x, pairs.y))


def test_the_two_ways_to_draw_shifts_agree(simulate):
    table = simulate(conversations=5, turns=17, seed=6).rename(columns={"f0": "f"})
    pairs = pairs_of(table[(table["conversation"] > 2) | (table["turn"] < 12)])

    def terms(x, y, position):
        return x * y, np.abs(x - y) * position

    def pool(sums):
        return (sums[..., 0, :] / (1 + sums[..., 1, :])).sum(axis=-1)

    one_by_one = [pool(pairs.term_sums(terms, *pairs.moved(index))) for index in pairs.moves(30, "shift", seed=3)]
    assert pairs.null(terms, pool, 30, "shift", seed=3) == pytest.approx(one_by_one)


def transformed(table, factor, offset):
    return table.assign(f0=table["f0"] * factor + offset)


@settings(max_examples=6, deadline=None)
@given(factor=st.floats(1e-3, 1e3), offset=st.floats(-1e3, 1e3), shift=st.integers(-50, 50), later=st.floats(0, 1e4))
@pytest.mark.parametrize("measure", LOCAL)
def test_neither_the_features_scale_nor_where_turns_begin_to_be_counted_matters(measure, factor, offset, shift, later):
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"conversation": np.repeat([0, 1], 14), "turn": np.tile(np.arange(14), 2)})
    table["speaker"] = [f"{c}{t % 2}" for c, t in zip(table["conversation"], table["turn"], strict=True)]
    table = table.assign(start_s=table["turn"] * 2.0, end_s=table["turn"] * 2.0 + 1, f0=rng.normal(size=28))
    moved = transformed(table, factor, offset)
    moved = moved.assign(turn=moved["turn"] + shift, start_s=moved["start_s"] + later, end_s=moved["end_s"] + later)
    names = {f"{c}{s}": f"{c}{1 - s}" for c in (0, 1) for s in (0, 1)}
    moved["speaker"] = moved["speaker"].map(names)
    [before], [after] = (measure(each, ["f0"], permutations=19) for each in (table, moved))
    assert after.estimate == pytest.approx(before.estimate, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("measure", LOCAL)
def test_results_are_those_of_the_seed_alone(simulate, measure):
    table = simulate(conversations=4, turns=16, seed=6)
    first, again, other = (measure(table, ["f0"], permutations=199, seed=s) for s in (1, 1, 2))
    assert first == again
    assert other[0].estimate is not None
    if measure is not local_proximity:
        assert other[0].estimate == first[0].estimate


@pytest.mark.parametrize("measure", LOCAL)
@pytest.mark.parametrize(
    ("values", "speakers", "why"),
    [
        ([1, 2, 3, 4], "AB", "4 exchanges"),
        ([3.0] * 20, "AB", "constant within each speaker"),
        (list(range(20)), "A", "no two adjacent turns have different speakers"),
        ([float("nan")] * 20, "AB", "no turn has a value of f"),
    ],
)
def test_what_cannot_be_measured_says_why(dialogue, measure, values, speakers, why):
    [effect] = measure(dialogue(values, speakers=speakers), ["f"], permutations=9)
    assert not effect.computable
    assert effect.p is None
    assert effect.note.startswith("not computable: ")
    assert why in effect.note
