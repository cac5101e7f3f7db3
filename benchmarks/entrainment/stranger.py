"""The best possible predictor of simulated conversations that does not know the partner beforehand.

`antiphon_corpus.best_loss` knows every speaker. A dialogue knows its own voice, but must find the partner's offset o
and scale c while the partner speaks; what a turn of theirs means is uncertain for as long. Per feature, for a given c,
o and the partner's p_k are jointly normal, so that the expectation of what drives us, ::

    s_k = a s_{k-1} + p_k,    d_k = b s_k + text

follows from a Kalman filter with the state (o, p_k, s_k) and the observation y_k = o + c p_k. Over c, the expectations
are averaged by their likelihood, on a grid of quantiles of its distribution.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from antiphon_corpus.simulate import TYPICAL, Simulation
from scipy.stats import norm

Array = npt.NDArray[np.float64]

SCALES = 15
"""Points of the grid over c."""


def stranger_predictions(simulation: Simulation) -> Array:
    """What is best predicted of our turns, free-running: as ``simulation.latent``, NaN in the partner's turns."""
    dynamics, is_us = simulation.dynamics, simulation.is_us
    raw = simulation.table.frame[[spec.name for spec in dynamics.features]].to_numpy(dtype=float)[~is_us]
    mean, sd = np.array([TYPICAL[spec.name] for spec in dynamics.features]).T
    logarithmic = np.array([spec.floor is not None for spec in dynamics.features])
    heard = (np.where(logarithmic, np.log(raw), raw) - mean) / sd  # o + c p
    exchange = simulation.exchange[is_us]
    length = simulation.text_length[is_us][:, None]
    predicted = np.empty_like(heard)
    for first, last in _conversations(exchange):
        expected = _expected_sum(heard[first:last], simulation)
        text = np.zeros(heard.shape[1])
        for k in range(first, last):
            text = dynamics.inertia * text + dynamics.text_effect * length[k]
            predicted[k] = dynamics.couplings * expected[k - first] + text
    predictions = np.full_like(simulation.latent, np.nan)
    predictions[is_us] = predicted
    return predictions


def _conversations(exchange: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    starts = [*np.flatnonzero(exchange == 0).tolist(), len(exchange)]
    return list(pairwise(starts))


def _expected_sum(heard: Array, simulation: Simulation) -> Array:
    """E[s_k] of each exchange and feature of a conversation, given what was heard up to then."""
    dynamics = simulation.dynamics
    a, r = dynamics.inertia, dynamics.partner_inertia
    scales = np.exp(dynamics.scale_sd * norm.ppf((np.arange(SCALES) + 0.5) / SCALES))
    count = heard.shape[1]
    move = np.array([[1.0, 0.0, 0.0], [0.0, r, 0.0], [0.0, r, a]])
    new = np.array([0.0, 1.0, 1.0]) * math.sqrt(1 - r**2)
    noise = np.outer(new, new)
    observe = np.stack((np.ones(SCALES), scales, np.zeros(SCALES)), axis=1)  # (scales, 3)
    state = np.zeros((SCALES, count, 3))
    first = np.array([[dynamics.offset_sd**2, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    spread = np.repeat(first[None], SCALES, axis=0)  # the same for all features
    likelihood = np.zeros((SCALES, count))
    expected = []
    for k, values in enumerate(heard):
        if k:
            state = state @ move.T
            spread = move @ spread @ move.T + noise
        across = np.einsum("sij,sj->si", spread, observe)
        variance = np.einsum("si,si->s", observe, across)
        surprise = values - np.einsum("sfi,si->sf", state, observe)
        gain = across / variance[:, None]
        state = state + surprise[:, :, None] * gain[:, None, :]
        spread = spread - np.einsum("si,sj->sij", gain, across)
        likelihood += -0.5 * (np.log(variance)[:, None] + surprise**2 / variance[:, None])
        weights = np.exp(likelihood - likelihood.max(axis=0))
        expected.append((weights * state[:, :, 2]).sum(0) / weights.sum(0))
    return np.array(expected)
