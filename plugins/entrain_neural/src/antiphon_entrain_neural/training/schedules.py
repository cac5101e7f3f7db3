"""How teacher forcing and the learning rate change while training goes on."""

from __future__ import annotations

import math

from antiphon_entrain_neural.config import TeacherForcing, TrainingConfig

STEEPNESS = 10.0
"""Of the inverse sigmoid, which goes from 0.993 to 0.007 of the way over the epochs of the schedule."""

FAINTEST = 0.01
"""What the exponential schedule has come down to, as a share of the way, before its last step to the end."""


def truth_probability(forcing: TeacherForcing, epoch: int) -> float:
    """Probability that the model is told what we really did, in an epoch counted from 0 (Bengio et al. 2015)."""
    if forcing.schedule == "constant":
        return forcing.start
    progress = min(max((epoch - forcing.after) / forcing.epochs, 0.0), 1.0)
    if progress in (0.0, 1.0):
        return forcing.end if progress else forcing.start
    left = 1 - progress
    if forcing.schedule == "exponential":
        left = math.exp(math.log(FAINTEST) * progress)
    elif forcing.schedule == "inverse-sigmoid":
        left = 1 / (1 + math.exp(STEEPNESS * (progress - 0.5)))
    return forcing.end + (forcing.start - forcing.end) * left


def learning_rate_share(config: TrainingConfig, step: int, steps: int) -> float:
    """The learning rate at a step, as a share of the highest; ``steps`` there are in all."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    if config.schedule != "cosine":
        return 1.0
    progress = min((step - config.warmup) / max(steps - config.warmup, 1), 1.0)
    return 0.5 * (1 + math.cos(math.pi * progress))
