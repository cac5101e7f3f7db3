"""Simulated conversations as a dialogue meets them: our own voice is known, the partner's scale is learned on the way.

Our z-scores are then the simulation's own numbers, so that losses can be set beside the best possible one.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from antiphon.normalization import CausalNormalizer, Prior
from antiphon_corpus.simulate import Simulation
from antiphon_entrain_neural.config import Config
from antiphon_entrain_neural.conversation import Conversation, Perspective
from antiphon_entrain_neural.corpus import conversation, recorded
from antiphon_entrain_neural.scales import FixedScale, Level
from antiphon_entrain_neural.training.prepare import Prepared, prepare
from attrs import evolve


def prepare_simulation(simulation: Simulation, config: Config, *, name: str) -> Prepared:
    """As `prepare`, with our turns on the scale of our own, known voice."""
    prepared = prepare(simulation.table, config, name=name, licence="CC0-1.0")
    split, prior = prepared.split, prepared.prior
    train, validation, test = (
        _conversations(simulation, names, prior) for names in (split.train, split.validation, split.test)
    )
    return evolve(prepared, train=train, validation=validation, test=test)


def _conversations(simulation: Simulation, names: Iterable[str], prior: Prior) -> list[Conversation]:
    corpus = recorded(simulation.table)
    features = simulation.table.features
    rows = simulation.table.frame.groupby("conversation", observed=True).indices
    found = []
    for name in names:
        us = f"{name}:us"
        latent = simulation.latent[rows[name]][simulation.is_us[rows[name]]]
        measured = [turn.measured for turn in corpus[name] if turn.speaker == us]
        levels = {}
        for number, spec in enumerate(features):
            values = [turn[spec.name].value for turn in measured]
            known = [(x, spec.to_log(v)) for x, v in zip(latent[:, number], values, strict=True) if v is not None]
            numbers, logs = np.array(known).T
            slope, mean = np.polyfit(numbers, logs, 1)
            levels[spec.name] = Level(float(mean), float(slope))
        ours = FixedScale(levels, {spec.name: spec for spec in features})
        perspective = Perspective(features, ours, lambda: CausalNormalizer(prior))
        found.append(conversation(name, us, corpus[name], features, perspective))
    return found
