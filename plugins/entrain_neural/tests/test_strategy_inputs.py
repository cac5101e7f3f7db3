"""What a model is told in training and in a dialogue is the same, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import torch
from antiphon.features import Measurement
from antiphon.payloads import Control, Observation, Reply, VoiceCard
from antiphon.stages import Setup
from antiphon_corpus.model import TurnTable
from antiphon_corpus.simulate import Dynamics, simulate
from antiphon_entrain_neural import corpus as corpora
from antiphon_entrain_neural.checkpoint import load_checkpoint
from antiphon_entrain_neural.scales import known_scale, log_values
from antiphon_entrain_neural.serving.options import NeuralOptions
from antiphon_entrain_neural.serving.strategy import Neural
from antiphon_entrain_neural.training.batches import Conversations
from antiphon_entrain_neural.training.texts import Texts

DEFAULT = Path("builtin:default")


class Noted:
    """Step functions that note what they are given."""

    def __init__(self, runtime: Any) -> None:
        self.runtime = runtime
        self.given: list[Mapping[str, Any]] = []

    def __call__(self, function: str, inputs: Mapping[str, Any]) -> Any:
        if function == "observe":
            self.given.append({name: inputs[name].copy() for name in ("z", "valid", "is_us")})
        return self.runtime(function, inputs)


@pytest.mark.parametrize("turns", [1000, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_dialogue_is_told_as_a_corpus_is(turns: int) -> None:
    """The speaker whose turns are predicted is known from another conversation; in the dialogue a voice takes the part.

    Drifting speakers, features missing here and there: every value that reaches the model, from the dataset and from
    the strategy, is the same float.
    """
    checkpoint = load_checkpoint(DEFAULT)
    frame = simulate(2, Dynamics(mean_exchanges=1.1 * turns / 4, drift_sd=1.0, missing=0.1), seed=3).table.frame.copy()
    frame["speaker"] = ["voice" if name.endswith(":us") else name for name in frame["speaker"]]
    corpus = corpora.recorded(TurnTable.of(frame, source="the simulation"))
    assert sum(len(turns) for turns in corpus.values()) >= turns
    config = attrs.evolve(checkpoint.card.config.data, us="second-speaker")
    prior, features = checkpoint.prior, checkpoint.card.features
    learned = corpora.conversations(corpus, corpus, features, prior, config)
    dataset = Conversations(learned, Texts((text for one in learned for text in one.texts), None))
    for index, (name, other) in enumerate(zip(corpus, reversed(corpus), strict=True)):
        component = Neural(NeuralOptions(DEFAULT), Setup(voice=voice_of(corpus[other], prior)))
        noted = component.predictor.runtime = Noted(component.predictor.runtime)
        hold(component.session(0), corpus[name])
        trained = dataset.collate([index])
        for part in ("z", "valid"):
            live = np.concatenate([given[part] for given in noted.given])
            assert np.array_equal(live.view(np.uint32), getattr(trained, part)[0].numpy().view(np.uint32)), part
        assert torch.equal(torch.tensor([float(given["is_us"][0]) for given in noted.given]), trained.is_us[0])
        assert trained.valid.mean() == pytest.approx(0.9, abs=0.02)


def voice_of(elsewhere: Any, prior: Any) -> VoiceCard:
    """A voice that has the level and spread of what the speaker did in another conversation."""
    from antiphon.normalization import Moments

    turns = [turn.measured for turn in elsewhere if turn.speaker == "voice"]
    moments = {name: Moments.of(log_values(turns, p.feature)) for name, p in prior.features.items()}
    levels = known_scale(moments, prior).levels
    controls = [
        Control(p.feature.on("raw"), levels[name].mean, levels[name].sd, 0.0, 1e6) for name, p in prior.features.items()
    ]
    return VoiceCard("voice", 16000, tuple(controls))


def hold(session: Any, turns: Any) -> None:
    """The dialogue in which the user says what the partner said, and the agent is heard to say what the speaker did."""
    for number, turn in enumerate(turns):
        normalised = dict.fromkeys(turn.measured, Measurement(None, "not read"))
        ours = turn.speaker == "voice"
        who: Any = "agent" if ours else "user"
        heard = Observation(number // 2, who, turn.text, turn.measured, normalised, turn.duration_s)
        if ours:
            session.propose(Reply(turn.text))
            session.realised(heard)
        else:
            session.observe(heard)
