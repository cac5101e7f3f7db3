"""The causal running normaliser."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable

import numpy as np
import pytest
from antiphon.errors import ModelError
from antiphon.features import INTENSITY_MEAN, JITTER, PITCH_MEAN, RATE, Measurement, Measurements
from antiphon.normalization import CausalNormalizer, FeaturePrior, Moments, Prior
from hypothesis import given
from hypothesis import strategies as st

PITCH, LEVEL = PITCH_MEAN.name, INTENSITY_MEAN.name
MISSING = Measurement(None, "unvoiced")


def prior(within: float = 1.0, between: float = 1.5, dof: float = 6.0, mean: float = 0.0) -> Prior:
    """Of intensity, whose log domain is its own, by standard deviations."""
    return Prior({LEVEL: FeaturePrior(INTENSITY_MEAN.on("log"), mean, within**2, between**2, dof)})


def levels(values: Iterable[float | None]) -> list[Measurements]:
    return [{LEVEL: MISSING if v is None else Measurement(v)} for v in values]


def scores(normalizer: CausalNormalizer, values: Iterable[float | None]) -> list[float | None]:
    return [normalizer.step(turn)[LEVEL].value for turn in levels(values)]


finite = st.floats(-20, 20)
memories = st.sampled_from([None, 20.0, 3.0])


@given(finite, st.floats(0.1, 5), st.floats(0.1, 5), memories)
def test_first_turn_is_the_population_z(x: float, within: float, between: float, memory: float | None) -> None:
    (z,) = scores(CausalNormalizer(prior(within, between, mean=1.0), memory_turns=memory), [x])
    population = (x - 1.0) / math.hypot(within, between)
    assert z == pytest.approx(min(max(population, -4), 4))


def test_hand_worked_second_and_third_turn() -> None:
    # κ = 1, ν = 6. After 2: m = 1, v = 6/6. After 2, 4: x̄ = 3, M2 = 2, m = 6/3 = 2, v = (6 + 2)/7.
    z = scores(CausalNormalizer(prior(1.0, 1.0)), [2.0, 4.0, 5.0])
    assert z == pytest.approx([2 / math.sqrt(2), 3 / math.sqrt(1.5), 3 / math.sqrt(8 / 7 * 4 / 3)])


def test_after_many_turns_it_is_the_speakers_own_z() -> None:
    values = np.random.default_rng(0).normal(30, 5, 5000)
    normalizer = CausalNormalizer(prior())
    scores(normalizer, values)
    (z,) = scores(normalizer, [37.0])
    assert z == pytest.approx((37.0 - values.mean()) / values.std(ddof=1), abs=0.01)


@given(finite, st.floats(1.0, 4.0), st.floats(2, 50), memories)
def test_a_constant_speaker_gets_ever_less_unusual(x: float, ratio: float, dof: float, memory: float | None) -> None:
    """With speakers at least as far apart as turns."""
    z = scores(CausalNormalizer(prior(1.0, ratio, dof), memory_turns=memory and 20.0), [x] * 300)
    magnitudes = [abs(value) for value in z if value is not None]
    assert all(a >= b - 1e-12 for a, b in itertools.pairwise(magnitudes))
    assert magnitudes[-1] <= 0.1 * abs(x)


def simulate(memory: float | None, between: float = 1.5, speakers: int = 700, turns: int = 20) -> tuple[list, list]:
    """SD of z, and its correlation with the true deviation, by turn; turns of a speaker correlate at 0.3."""
    rng = np.random.default_rng(20220714)
    z, truth = np.empty((speakers, turns)), np.empty((speakers, turns))
    for i in range(speakers):
        truth[i, 0] = rng.normal()
        for t in range(1, turns):
            truth[i, t] = 0.3 * truth[i, t - 1] + math.sqrt(1 - 0.3**2) * rng.normal()
        z[i] = scores(CausalNormalizer(prior(between=between), memory_turns=memory), rng.normal(0, between) + truth[i])
    return list(z.std(axis=0)), [np.corrcoef(z[:, t], truth[:, t])[0, 1] for t in range(turns)]


AT = (0, 1, 2, 4, 9, 19)


@pytest.mark.parametrize("memory", [None, 20.0])
def test_sd_stays_near_one_and_z_tells_the_true_deviation(memory: float | None) -> None:
    sd, correlation = simulate(memory)
    assert [sd[t] for t in AT] == pytest.approx([1.00, 0.89, 0.95, 1.01, 1.04, 1.03], abs=0.08)
    assert [correlation[t] for t in AT] == pytest.approx([0.56, 0.69, 0.75, 0.82, 0.90, 0.94], abs=0.07)


def test_drift_stands_speakers_who_lie_far_apart() -> None:
    """One first turn, far from the prior's mean, must not decide the variance."""
    sd, _ = simulate(20.0, between=5.0, speakers=300, turns=5)
    assert sd == pytest.approx([1.0] * 5, abs=0.22)


def test_drift_follows_a_speaker_who_changes() -> None:
    values = [0.0] * 40 + [5.0] * 40
    steady = scores(CausalNormalizer(prior()), values)
    drifting = scores(CausalNormalizer(prior(), memory_turns=5.0), values)
    assert abs(drifting[-1] or 0) < 0.05 < abs(steady[-1] or 0)


def test_drift_equals_steady_means_until_its_memory_is_full() -> None:
    values = list(np.random.default_rng(3).normal(2, 1, 10))
    steady, drifting = CausalNormalizer(prior()), CausalNormalizer(prior(), memory_turns=1000.0)
    scores(steady, values), scores(drifting, values)
    n, mean, _ = steady.state()["features"][LEVEL]
    strength = steady.prior.features[LEVEL].strength
    assert drifting.state()["features"][LEVEL][1] == pytest.approx(n * mean / (strength + n))


@given(st.lists(finite, min_size=1, max_size=8), finite, memories)
def test_z_is_frozen_and_causal(values: list[float], later: float, memory: float | None) -> None:
    one, other = (CausalNormalizer(prior(), memory_turns=memory) for _ in range(2))
    assert scores(one, values) == scores(other, [*values, later])[: len(values)]


@given(st.lists(st.none() | finite, max_size=12), memories)
def test_missing_turns_change_nothing_and_stay_missing(values: list[float | None], memory: float | None) -> None:
    gaps, whole = (CausalNormalizer(prior(), memory_turns=memory) for _ in range(2))
    with_gaps = [gaps.step(turn)[LEVEL] for turn in levels(values)]
    assert [m.value for m in with_gaps if m.value is not None] == scores(whole, [v for v in values if v is not None])
    assert [m for m in with_gaps if m.value is None] == [MISSING] * values.count(None)
    assert gaps.state() == whole.state()


def test_a_feature_that_the_turn_lacks_is_missing() -> None:
    assert CausalNormalizer(prior()).step({}) == {LEVEL: Measurement(None, "not measured")}


@given(st.lists(finite, max_size=10), st.lists(finite, min_size=1, max_size=5), memories)
def test_saved_state_goes_on_bit_for_bit(before: list[float], after: list[float], memory: float | None) -> None:
    first, second = (CausalNormalizer(prior(), memory_turns=memory) for _ in range(2))
    scores(first, before)
    second.restore(json.loads(json.dumps(first.state())))
    assert second.state() == first.state()
    assert scores(second, after) == scores(first, after)


def test_states_of_others_and_damaged_ones_are_refused() -> None:
    normalizer = CausalNormalizer(prior())
    good = normalizer.state()
    wrong = [
        {},
        {**good, "schema": 0},
        {**good, "memory_turns": 20.0},
        {**good, "features": {}},
        {**good, "features": {LEVEL: [1, 0.0, "0"]}},
        {**good, "features": {LEVEL: [-1, 0.0, 0.0]}},
        {**good, "features": {LEVEL: [1]}},
        CausalNormalizer(prior(2.0)).state(),
    ]
    for state in wrong:
        with pytest.raises(ModelError, match="not a state of this normaliser"):
            normalizer.restore(state)
    assert normalizer.state() == good


@given(st.lists(finite, min_size=2, max_size=6), st.lists(finite, min_size=2, max_size=6))
def test_interleaved_speakers_equal_speakers_apart(a: list[float], b: list[float]) -> None:
    shared = prior()
    apart = scores(CausalNormalizer(shared), a), scores(CausalNormalizer(shared), b)
    one, other = CausalNormalizer(shared), CausalNormalizer(shared)
    together: tuple[list, list] = ([], [])
    for i in range(max(len(a), len(b))):
        together[0].extend(scores(one, a[i : i + 1]))
        together[1].extend(scores(other, b[i : i + 1]))
    assert together == apart


def test_raw_and_log_inputs_give_the_same_z() -> None:
    default = Prior.load("builtin:default")
    raw = [
        {PITCH: Measurement(hz), JITTER.name: Measurement(j)} for hz, j in ((110.0, 0.02), (131.0, 0.0), (99.0, 0.03))
    ]
    logs = [
        {PITCH: Measurement(math.log(hz)), JITTER.name: Measurement(math.log(max(j, 1e-4)))}
        for hz, j in ((110.0, 0.02), (131.0, 0.0), (99.0, 0.03))
    ]
    specs = {spec.name: spec for spec in (PITCH_MEAN, JITTER)}
    from_raw = CausalNormalizer(default, specs)
    from_logs = CausalNormalizer(default, {name: spec.on("log") for name, spec in specs.items()})
    assert [from_raw.step(turn) for turn in raw] == [from_logs.step(turn) for turn in logs]


def test_numpy_scalars_of_any_precision_are_computed_in_doubles() -> None:
    values = np.random.default_rng(5).normal(60, 5, 6).astype(np.float32)
    assert scores(CausalNormalizer(prior()), values) == scores(CausalNormalizer(prior()), map(float, values))


def test_a_known_speaker_starts_warm_but_with_ten_turns_at_most() -> None:
    rng = np.random.default_rng(1)
    earlier = Moments.of(map(float, rng.normal(12, 2, 400)))
    cold, warm = CausalNormalizer(prior()), CausalNormalizer(prior(), earlier={LEVEL: earlier})
    assert abs(scores(warm, [12.0])[0] or 0) < 0.5 < 2 < abs(scores(cold, [12.0])[0] or 0)
    fresh = CausalNormalizer(prior(), earlier={LEVEL: earlier})
    assert fresh.state()["features"][LEVEL][0] == 10


def test_inputs_that_do_not_fit_the_prior_are_refused() -> None:
    default = Prior.load("builtin:default")
    with pytest.raises(ModelError, match="z-score already"):
        CausalNormalizer(default, {PITCH: PITCH_MEAN.on("z")})
    with pytest.raises(ModelError, match="syll/min"):
        CausalNormalizer(default, {"rate": type(RATE)("rate", "syll/min", RATE.definition, floor=1e-2)})
    assert not CausalNormalizer(default, {"loudness": type(RATE)("loudness", "sone", "loudness")}).features
