"""The causal running normaliser: how unusual is this turn, given the speaker's earlier turns and speakers in general?

Training and serving call the same `CausalNormalizer.step`, in plain Python floats, so their z-scores are equal bit for
bit. The model is normal with conjugate priors on a speaker's mean and variance (Gelman et al., *Bayesian Data
Analysis*, 3.3); the z-score is that of the predictive distribution, with the variance's point estimate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from antiphon.errors import ModelError
from antiphon.features import FeatureSpec, Measurement, Measurements
from antiphon.normalization.moments import Moments
from antiphon.normalization.prior import FeaturePrior, Prior
from antiphon.normalization.trackers import Drifting, Steady, Tracker

CLIP = 4.0
"""Largest magnitude of a z-score."""

WARM_TURNS = 10
"""What a known speaker's earlier turns are worth at most."""

STATE_SCHEMA = 1


class CausalNormalizer:
    """Z-scores of one speaker in one conversation, turn by turn.

    A turn's z-score is made from the state before the turn, is clipped to ±4 and never changes afterwards; only then
    is the turn added to the state. A missing measurement changes nothing and comes out missing, with its reason.

    Args:
        prior: of speakers in general.
        inputs: the features that will arrive, by name, raw or log; those without a prior are ignored. Raw ones of all
            the prior's features if None.
        memory_turns: the speaker drifts, and about so many turns are remembered; None for a steady speaker.
        earlier: moments of the same speaker's earlier turns, in the log domain; they count as 10 turns at most.

    Raises:
        ModelError: `inputs` does not fit the prior.
    """

    def __init__(
        self,
        prior: Prior,
        inputs: Mapping[str, FeatureSpec] | None = None,
        *,
        memory_turns: float | None = None,
        earlier: Mapping[str, Moments] | None = None,
    ) -> None:
        if memory_turns is not None and not memory_turns > 1:
            raise ValueError(f"a memory is longer than one turn, not {memory_turns}")
        specs = {name: p.feature.on("raw") for name, p in prior.features.items()} if inputs is None else inputs
        self.prior = prior
        self.memory_turns = memory_turns
        self._specs = prior.accept(specs)
        self._trackers: dict[str, Tracker] = {
            name: self._start((earlier or {}).get(name, Moments()), prior.features[name]) for name in self._specs
        }

    def _start(self, earlier: Moments, prior: FeaturePrior) -> Tracker:
        known = earlier.capped(WARM_TURNS)
        if self.memory_turns is None:
            return Steady(known)
        return Drifting.after(known, prior, 1 / self.memory_turns)

    @property
    def features(self) -> Mapping[str, FeatureSpec]:
        """What comes out, by name."""
        return {name: spec.on("z") for name, spec in self._specs.items()}

    def step(self, turn: Measurements) -> dict[str, Measurement]:
        """The z-scores of the next turn; a feature that the turn lacks is missing."""
        return {name: self._step(name, turn.get(name) or Measurement(None, "not measured")) for name in self._specs}

    def _step(self, name: str, measured: Measurement) -> Measurement:
        if measured.value is None:
            return measured
        value = _in_log_domain(self._specs[name], measured.value)
        prior, tracker = self.prior.features[name], self._trackers[name]
        mean, variance = tracker.predict(prior)
        self._trackers[name] = tracker.add(value, prior)
        return Measurement(min(max((value - mean) / math.sqrt(variance), -CLIP), CLIP))

    def state(self) -> dict[str, Any]:
        """The whole state, as JSON can hold it exactly."""
        return {
            "schema": STATE_SCHEMA,
            "prior": self.prior.digest,
            "memory_turns": self.memory_turns,
            "features": {name: tracker.save() for name, tracker in self._trackers.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where a normaliser with the same prior, inputs and memory was.

        Raises:
            ModelError: the state is damaged or of another normaliser.
        """
        expected = self.state()
        try:
            for key in ("schema", "prior", "memory_turns"):
                if state[key] != expected[key]:
                    raise ValueError(f"its {key} is {state[key]!r}, not {expected[key]!r}")
            if state["features"].keys() != self._trackers.keys():
                raise ValueError(f"it is of {sorted(state['features'])}, not of {sorted(self._trackers)}")
            self._trackers = {name: tracker.load(state["features"][name]) for name, tracker in self._trackers.items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"this is not a state of this normaliser: {error}") from error


def _in_log_domain(spec: FeatureSpec, value: float) -> float:
    """A value that arrives on the scale of `spec`, in the log domain."""
    return float(spec.to_log(value) if spec.scale == "raw" else value)  # never in the precision of a NumPy scalar
