"""What the best possible predictor of simulated conversations loses, in closed form.

The unit is a speaker's own standard deviation (the x of `antiphon_corpus.simulate`), and the best predictor knows the
parameters and every speaker's offset, scale and drift, but not the future. Errors are normal and symmetric, so that the
conditional mean is the best prediction in smooth L1. With missing measurements the figures are lower bounds.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from attrs import frozen

from antiphon_corpus.simulate import Dynamics, Simulation

Array = npt.NDArray[np.float64]


def smooth_l1(error: npt.ArrayLike) -> Array:
    """Huber's loss with beta 1: e^2 / 2 where abs(e) < 1, else abs(e) - 1/2."""
    size = np.abs(np.asarray(error, dtype=np.float64))
    return np.where(size < 1, size**2 / 2, size - 0.5)


def expected_smooth_l1(sd: float) -> float:
    """Expectation of `smooth_l1` of a normal error with mean 0.

    With s = `sd`, phi and Phi of 1/s:  s^2 (Phi - 1/2 - phi/s) + 2 s phi - (1 - Phi).
    """
    if sd == 0:
        return 0.0
    density = math.exp(-0.5 / sd**2) / math.sqrt(2 * math.pi)
    tail = 0.5 * math.erfc(1 / (sd * math.sqrt(2)))
    return sd**2 * (0.5 - tail - density / sd) + 2 * sd * density - tail


@frozen
class BestLoss:
    """Expected smooth L1 over our turns and all features.

    Attributes:
        free_running: knowing the partner's turns and all texts, but of our turns only what was predicted.
        one_step: knowing our own earlier turns as well (teacher forcing).
        free_running_without_partner: as `free_running`, but not knowing the partner's prosody.
    """

    free_running: float
    one_step: float
    free_running_without_partner: float


def best_loss(simulation: Simulation) -> BestLoss:
    """The least expected losses, given the lengths of the conversations."""
    dynamics = simulation.dynamics
    exchange = simulation.exchange[simulation.is_us]
    first = float((exchange == 0).mean())
    free = expected_smooth_l1(dynamics.free_running_sd)
    one_step = first * free + (1 - first) * expected_smooth_l1(dynamics.noise)
    share = np.bincount(exchange) / len(exchange)
    variance = dynamics.free_running_sd**2 + _partner_variance(dynamics, len(share))
    loss = np.array([[expected_smooth_l1(math.sqrt(v)) for v in of_exchange] for of_exchange in variance])
    return BestLoss(free, one_step, float(share @ loss.mean(axis=1)))


def _partner_variance(dynamics: Dynamics, exchanges: int) -> Array:
    """Variance of the partner's part of d_k: exchanges x features."""
    a, r, b = dynamics.inertia, dynamics.partner_inertia, dynamics.couplings
    variances = []
    variance = covariance = np.zeros_like(b)  # of the part itself, and of it with p
    for _ in range(exchanges):
        variance = a**2 * variance + 2 * a * r * b * covariance + b**2
        covariance = a * r * covariance + b
        variances.append(variance)
    return np.array(variances)


def best_predictions(simulation: Simulation, *, free_running: bool) -> Array:
    """What the best predictor predicts of the complete data: as ``latent``, NaN in the partner's turns."""
    dynamics, is_us = simulation.dynamics, simulation.is_us
    predictions = np.full_like(simulation.latent, np.nan)
    own = simulation.latent[is_us]
    drive = dynamics.couplings * simulation.latent[~is_us]
    drive += dynamics.text_effect * simulation.text_length[is_us][:, None]
    predicted = np.empty_like(own)
    for k, exchange in enumerate(simulation.exchange[is_us]):
        earlier = predicted if free_running else own
        predicted[k] = drive[k] + (dynamics.inertia * earlier[k - 1] if exchange else 0.0)
    predictions[is_us] = predicted
    return predictions
