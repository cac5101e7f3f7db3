import numpy as np
import pandas as pd
import pytest
from antiphon_measure_entrainment.measures.nearest import (
    convergence,
    evolution,
    knn_convergence,
    knn_proximity,
    knn_synchrony,
    support,
    synchrony,
    without_outliers,
)
from antiphon_measure_entrainment.statistics.shifts import Side

GRID_S = 0.01


def on_grid(midpoints, values, k, times):
    """The function as it is defined: at each instant the mean over the k nearest."""
    nearest = np.argsort(np.abs(midpoints[None, :] - times[:, None]), axis=1, kind="stable")[:, :k]
    return values[nearest].mean(axis=1)


@pytest.fixture
def speakers():
    rng = np.random.default_rng(7)
    made = []
    for count in (23, 30):
        midpoints = np.sort(rng.uniform(0, 100, count))
        made.append((midpoints, rng.normal(size=count)))
    return made


def test_between_its_jumps_the_function_is_the_mean_over_the_nearest(speakers):
    midpoints, values = speakers[0]
    found = evolution(midpoints, values[None], 7)
    times = np.random.default_rng(0).uniform(-5, 105, 500)
    exact = found.values[0][np.searchsorted(found.breaks, times)]
    assert exact == pytest.approx(on_grid(midpoints, values, 7, times))


@pytest.mark.parametrize("k", [1, 4, 8])
def test_integrals_agree_with_a_fine_grid(speakers, k):
    (at_a, a), (at_b, b) = speakers
    first, second = evolution(at_a, a[None], k), evolution(at_b, b[None], k)
    low, high = support(first, second)
    assert (low, high) == (max(at_a[0], at_b[0]), min(at_a[-1], at_b[-1]))
    times = np.arange(low, high, GRID_S)
    distance = -np.abs(on_grid(at_a, a, k, times) - on_grid(at_b, b, k, times))
    assert convergence(first, second)[0] == pytest.approx(np.corrcoef(distance, times)[0, 1], abs=2e-3)

    mean_a, mean_b = on_grid(at_a, a, k, times).mean(), on_grid(at_b, b, k, times).mean()
    by_offset = []
    for offset in (-15, -10, -5, 0, 5, 10, 15):
        inside = times[(times + offset >= low) & (times + offset <= high)]
        x, y = on_grid(at_a, a, k, inside + offset) - mean_a, on_grid(at_b, b, k, inside) - mean_b
        by_offset.append((x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum()))
    assert synchrony(first, second)[0] == pytest.approx(max(by_offset, key=abs), abs=5e-3)


def test_the_same_function_twice_is_in_synchrony_at_once(speakers):
    midpoints, values = speakers[0]
    same = evolution(midpoints, values[None], 4)
    assert synchrony(same, same, (0.0,))[0] == pytest.approx(1.0)
    assert np.isnan(convergence(same, same)[0])  # the distance is always 0


def test_a_turn_that_begins_at_zero_counts_and_so_does_a_single_one():
    found = evolution(np.array([0.0, 5.0]), np.array([[1.0, 3.0]]), 1)
    assert found.first == 0.0
    assert found.values.tolist() == [[1.0, 3.0]]
    assert evolution(np.array([0.0]), np.array([[4.0]]), 1).values.tolist() == [[4.0]]
    assert evolution(np.array([0.0]), np.array([[4.0]]), 2) is None


def test_outliers_lie_three_deviations_from_the_mean():
    values = np.array([0.0, 1.0] * 10 + [50.0])
    times = np.arange(21.0)
    kept = without_outliers(Side(times, times + 1, values))
    assert kept.value.tolist() == values[:-1].tolist()
    assert without_outliers(Side(times[:3], times[:3], np.ones(3))).value.size == 3


def test_proximity_is_in_deviations_whatever_the_unit(simulate):
    table = simulate(conversations=6, seed=8)
    hertz = table.assign(f0=table["f0"] * 37 + 12)
    [before], [after] = (knn_proximity(each, ["f0"], permutations=99) for each in (table, hertz))
    assert after.estimate == pytest.approx(before.estimate)
    assert after.p == before.p


@pytest.mark.parametrize("measure", [knn_convergence, knn_synchrony])
def test_units_and_the_clock_change_nothing(simulate, measure):
    table = simulate(conversations=3, seed=9)
    moved = table.assign(f0=2 * table["f0"] + 1, start_s=table["start_s"] + 500, end_s=table["end_s"] + 500)
    [before], [after] = (measure(each, ["f0"], permutations=99) for each in (table, moved))
    assert after.estimate == pytest.approx(before.estimate)


def test_speakers_swap(simulate):
    table = simulate(conversations=3, seed=10)
    table["speaker"] = table["conversation"].astype(str) + table["speaker"].str[-1]
    swapped = table.assign(turn=table["turn"] + 1 - 2 * (table["turn"] % 2))  # the other one is named first
    for measure in (knn_convergence, knn_synchrony, knn_proximity):
        [before], [after] = (measure(each, ["f0"], permutations=9) for each in (table, swapped))
        assert after.estimate == pytest.approx(before.estimate)


@pytest.mark.parametrize("measure", [knn_proximity, knn_convergence, knn_synchrony])
def test_what_cannot_be_measured_says_why(dialogue, measure):
    apart = dialogue(list(np.random.default_rng(0).normal(size=40)))
    apart.loc[apart["speaker"] == "cB", ["start_s", "end_s"]] += 1000.0
    for table, why in (
        (dialogue([1.0, 2.0, 4.0, 3.0]), "k turns"),
        (dialogue([2.0] * 40), "constant"),
        (apart, "overlap in time"),
        (dialogue([1.0] * 40, speakers="A"), "exactly two speakers"),
    ):
        [effect] = measure(pd.concat([table, table.assign(conversation="d")]), ["f"], permutations=9)
        assert effect.note.startswith("not computable: ")
        assert why in effect.note
