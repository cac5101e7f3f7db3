"""The estimate of the cepstral mean, against its closed form."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from antiphon_asr_sphinx.cepstral_mean import MEMORY, PRIOR_WEIGHT, SPHINX_WEIGHT, CepstralMean
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.lists(st.floats(-50, 50), min_size=2, max_size=2).map(np.array)
BLOCKS = st.lists(st.tuples(VALUES, st.integers(1, 60)), max_size=12)
PRIOR = np.array([40.0, 3.0])


def text(values: np.ndarray) -> str:
    return ",".join(f"{value:.9g}" for value in values)


def numbers(written: str) -> np.ndarray:
    return np.array([float(value) for value in written.split(",")])


def sphinx(told: str, mean: np.ndarray, frames: int) -> str:
    """What Sphinx's running mean becomes after so many frames with that mean."""
    return text((SPHINX_WEIGHT * numbers(told) + frames * mean) / (SPHINX_WEIGHT + frames))


def learn(estimate: CepstralMean, mean: np.ndarray, frames: int) -> None:
    estimate.observe(sphinx(estimate.tell(), mean, frames), frames)


@given(BLOCKS)
def test_it_is_the_mean_of_prior_and_observations(blocks: list[tuple[np.ndarray, int]]) -> None:
    estimate = CepstralMean(text(PRIOR))
    for mean, frames in blocks:
        learn(estimate, mean, frames)
    total = sum(frames for _, frames in blocks)
    expected = (PRIOR_WEIGHT * PRIOR + sum((n * mean for mean, n in blocks), np.zeros(2))) / (PRIOR_WEIGHT + total)
    assert numbers(estimate.tell()) == pytest.approx(expected, abs=0.02)


@given(VALUES, VALUES)
def test_old_speech_is_forgotten(before: np.ndarray, now: np.ndarray) -> None:
    estimate = CepstralMean(text(PRIOR))
    for mean in (before, now):
        for _ in range(5 * MEMORY // 50):
            learn(estimate, mean, 50)
    expected = (PRIOR_WEIGHT * PRIOR + MEMORY * now) / (PRIOR_WEIGHT + MEMORY)
    assert numbers(estimate.tell()) == pytest.approx(expected, abs=1.0)


@given(VALUES)
def test_a_copy_is_independent(mean: np.ndarray) -> None:
    estimate = CepstralMean(text(PRIOR))
    learn(estimate, PRIOR + 1, 30)
    before = estimate.tell()
    learn(copy.copy(estimate), mean, 30)
    assert estimate.tell() == before
