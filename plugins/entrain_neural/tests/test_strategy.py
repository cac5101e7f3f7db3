"""The strategy ``neural`` in a dialogue: what the model is told, what the voice is asked for, how long it lasts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from antiphon.errors import ModelError, PipelineError
from antiphon.features import PROSODY, Measurement, missing
from antiphon.payloads import Control, Observation, Reply, Target, VoiceCard
from antiphon.stages import Setup
from antiphon.testing import conformance
from antiphon_entrain_neural.checkpoint import load_checkpoint
from antiphon_entrain_neural.conversation import Conversation, Turn
from antiphon_entrain_neural.model.predictor import NeuralPredictor
from antiphon_entrain_neural.predictor import Predicted, predict
from antiphon_entrain_neural.serving.options import NeuralOptions
from antiphon_entrain_neural.serving.predictor import OnnxPredictor, in_order
from antiphon_entrain_neural.serving.strategy import Neural, NeuralSession

DEFAULT = "builtin:default"
VOICE = VoiceCard(
    "test",
    16000,
    tuple(
        Control(spec, mean, sd, low, high)
        for spec, mean, sd, low, high in (
            (PROSODY[0], math.log(180), 0.1, 80, 400),
            (PROSODY[2], 65.0, 3.0, 40, 90),
            (PROSODY[6], math.log(4), 0.2, 1, 9),
        )
    ),
)
SETUP = Setup(specs={spec.name: spec.on("z") for spec in PROSODY}, voice=VOICE)
HEIGHTS = {"pitch_mean": (180.0, 20.0), "intensity_mean": (65.0, 4.0), "rate": (4.0, 0.5), "pitch_range": (2.0, 0.2)}


class TestNeural(conformance.StrategySuite):
    name = "neural"


@pytest.fixture(scope="module")
def neural() -> Neural:
    return Neural(NeuralOptions(Path(DEFAULT)), SETUP)


class Told:
    """A model that notes what it is told."""

    def __init__(self, z: float = 0.5) -> None:
        self.turns: list[Turn] = []
        self.texts: list[str] = []
        self._z = np.full(len(PROSODY), z, np.float32)

    def predict(self, text: str) -> Predicted:
        self.texts.append(text)
        return Predicted(self._z, {"attention": np.zeros((1, 4), np.float32)})

    def observe(self, turn: Turn) -> None:
        self.turns.append(turn)


def listening(neural: Neural, **options: Any) -> tuple[NeuralSession, Told]:
    """A session of the strategy around a model that notes what it is told."""
    told = Told()
    component = Neural(attrs.evolve(neural.options, **options), neural.setup)
    component.predictor.session = lambda: told  # type: ignore[method-assign,assignment,return-value]
    return component.session(0), told


def spoken(speaker: Any, z: float, text: str = "well", turn: int = 0) -> Observation:
    """A turn that lies z of somebody's standard deviations from the middle; its z-scores are of another world."""
    features = {name: Measurement(mean + z * sd) for name, (mean, sd) in HEIGHTS.items()}
    features |= missing([spec.name for spec in PROSODY if spec.name not in features], "too short")
    return Observation(turn, speaker, text, features, dict.fromkeys(features, Measurement(77.0)), 1.5)


# -- what the model is told ------------------------------------------------------------------------------------------


def test_the_first_turn_is_measured_against_people_in_general_not_zero(neural: Neural) -> None:
    session, told = listening(neural)
    session.observe(spoken("user", 2.0))
    (turn,) = told.turns
    assert not turn.is_us
    assert turn.z[turn.valid].all()
    assert np.abs(turn.z).max() <= 4


def test_what_was_not_measured_is_told_as_missing_not_as_zero(neural: Neural) -> None:
    session, told = listening(neural)
    session.observe(spoken("user", 1.0))
    assert told.turns[0].valid.tolist() == [spec.name in HEIGHTS for spec in PROSODY]
    assert not told.turns[0].z[~told.turns[0].valid].any()


def test_z_scores_of_the_profiles_normaliser_are_not_read(neural: Neural) -> None:
    session, told = listening(neural)
    other, told_other = listening(neural)
    observation = spoken("user", 1.0)
    session.observe(observation)
    other.observe(attrs.evolve(observation, normalised={}))
    assert np.array_equal(told.turns[0].z, told_other.turns[0].z)


def test_the_voice_is_measured_on_its_own_scale(neural: Neural) -> None:
    session, told = listening(neural)
    session.propose(Reply("hello"))
    raw = {"pitch_mean": 180 * math.exp(0.1), "intensity_mean": 59.0, "rate": 4.0, "jitter": 0.02}
    measured = {name: Measurement(value) for name, value in raw.items()}
    session.realised(Observation(0, "agent", "hello", measured, {}, 1.0))
    names = [spec.name for spec in PROSODY]
    z = dict(zip(names, told.turns[0].z, strict=True))
    assert z["pitch_mean"] == pytest.approx(1.0)
    assert z["intensity_mean"] == pytest.approx(-2.0)
    assert z["rate"] == pytest.approx(0.0)
    assert not told.turns[0].valid[names.index("jitter")]  # the voice has no level of it


def test_a_turn_of_ours_that_was_not_heard_is_told_as_predicted(neural: Neural) -> None:
    session, told = listening(neural)
    silent = missing(HEIGHTS, "no audio")
    for turn in range(2):
        session.observe(spoken("user", 1.0, turn=turn))
        session.propose(Reply(f"reply {turn}"))
        session.realised(Observation(turn, "agent", f"reply {turn}", silent, {}))
    ours = [turn for turn in told.turns if turn.is_us]
    assert [turn.text for turn in ours] == ["reply 0", "reply 1"]
    assert all((turn.z == 0.5).all() and turn.valid.all() for turn in ours)


def test_a_turn_of_ours_that_nobody_reports_is_told_as_predicted_before_the_next(neural: Neural) -> None:
    session, told = listening(neural)
    session.observe(spoken("user", 1.0))
    session.propose(Reply("first"))
    session.observe(spoken("user", 1.0))
    assert [turn.is_us for turn in told.turns] == [False, True, False]
    assert (told.turns[1].z == 0.5).all()


@pytest.mark.parametrize("own_turns", ["realised", "predicted"])
def test_which_of_the_two_is_told_is_an_option_and_is_recorded(neural: Neural, own_turns: str) -> None:
    session, told = listening(neural, own_turns=own_turns)
    for turn in range(3):
        session.observe(spoken("user", 0.0, turn=turn))
        target = session.propose(Reply("yes"))
        session.realised(spoken("agent", 3.0, turn=turn))
    assert target.extras["own_turns"] == {"realised": 0, "predicted": 0} | {own_turns: 2}
    ours = [turn.z[0] for turn in told.turns if turn.is_us]
    assert (ours == [np.float32(0.5)] * 3) == (own_turns == "predicted")


def test_features_that_it_shall_not_hear_count_as_missing(neural: Neural) -> None:
    session, told = listening(neural, hears=("rate",))
    session.observe(spoken("user", 1.0))
    session.realised(spoken("agent", 1.0))
    for turn in told.turns:
        assert turn.valid.tolist() == [spec.name == "rate" for spec in PROSODY]


def test_it_reads_the_text_that_is_about_to_be_spoken(neural: Neural) -> None:
    session, told = listening(neural)
    session.propose(Reply("what is about to be said"))
    assert told.texts == ["what is about to be said"]


# -- what the voice is asked for -------------------------------------------------------------------------------------


def test_targets_are_the_predictions_by_name_and_only_of_what_can_be_set(neural: Neural) -> None:
    told = Told(1.25)
    component = Neural(neural.options, attrs.evolve(SETUP, specs={"rate": PROSODY[6].on("z")}))
    component.predictor.session = lambda: told  # type: ignore[method-assign,assignment,return-value]
    target = component.session(0).propose(Reply("yes"))
    assert target.values == {"rate": 1.25}
    assert target.extras["predicted"] == {spec.name: 1.25 for spec in PROSODY}


def test_it_follows_the_user(neural: Neural) -> None:
    """Who speaks higher, louder and faster than before is answered higher, louder and faster."""
    targets = {}
    for z in (-2.0, 2.0):
        session = neural.session(0)
        for turn in range(6):
            session.observe(spoken("user", 0.1 * (-1) ** turn, turn=turn))
            session.propose(Reply("i see"))
            session.realised(spoken("agent", 0.0, turn=turn))
        session.observe(spoken("user", z, turn=6))
        targets[z] = session.propose(Reply("i see")).values
    for name in ("pitch_mean", "intensity_mean", "rate"):
        assert targets[2.0][name] > 0.3
        assert targets[-2.0][name] < -0.3


def test_attention_is_recorded_from_the_oldest_turn_to_the_latest(neural: Neural) -> None:
    session = neural.session(0)
    for turn in range(5):
        session.observe(spoken("user", 0.5, turn=turn))
        (weights,) = session.propose(Reply("yes")).extras["attention"]
        assert len(weights) == 2 * turn + 1
        assert sum(weights) == pytest.approx(1, abs=1e-3)
        session.realised(spoken("agent", 0.5, turn=turn))


def test_a_ring_of_slots_is_sorted_by_age() -> None:
    for turns in (0, 3, 4, 5, 11):
        slots = np.zeros((1, 4), np.float32)
        for turn in range(turns):
            slots[0, turn % 4] = turn
        assert in_order(slots, turns).tolist() == [[float(turn) for turn in range(max(0, turns - 4), turns)]]


# -- how long it lasts, and beside whom ------------------------------------------------------------------------------


def test_a_conversation_has_no_longest_length_and_is_what_the_model_gives_in_pytorch(
    draw_conversation: Callable[..., Conversation],
) -> None:
    """520 turns: far more than attention reaches back, predicted on ONNX Runtime as in training's framework."""
    checkpoint = load_checkpoint(DEFAULT)
    short = draw_conversation(520, seed=5)
    wide = {"z": np.tile(short.z, 3)[:, :7], "valid": np.tile(short.valid, 3)[:, :7]}
    conversation = attrs.evolve(short, features=checkpoint.feature_names, **wide)
    assert len(conversation) > 8 * checkpoint.card.config.model.history_turns
    here, there = (
        predict(one(checkpoint), conversation, free_running=True) for one in (OnnxPredictor, NeuralPredictor)
    )
    np.testing.assert_allclose(here, there, atol=1e-5)


def test_a_new_session_knows_nothing_of_the_last(neural: Neural) -> None:
    assert converse(neural.session(0), 1.0) == converse(neural.session(0), 1.0)


def test_interleaved_sessions_are_those_run_apart(neural: Neural) -> None:
    apart = [converse(neural.session(0), z) for z in (-1.0, 2.0)]
    sessions = [neural.session(0), neural.session(0)]
    together: list[list[Target]] = [[], []]
    for turn in range(12):
        for which, z in enumerate((-1.0, 2.0)):
            together[which] += converse(sessions[which], z, range(turn, turn + 1))
    assert together == apart


def converse(session: NeuralSession, z: float, turns: range = range(12)) -> list[Target]:
    """What is asked for in some exchanges."""
    targets = []
    for turn in turns:
        session.observe(spoken("user", z * math.sin(turn), "yes well", turn))
        targets.append(session.propose(Reply("no")))
        session.realised(spoken("agent", z * math.cos(turn), "no", turn))
    return targets


@pytest.mark.parametrize("text", ["", "   ", "?!", "словарь", "yes " * 5000])
def test_any_text_of_user_and_reply_can_be_read(neural: Neural, text: str) -> None:
    session = neural.session(0)
    session.observe(spoken("user", 1.0, text))
    assert all(math.isfinite(value) for value in session.propose(Reply(text)).values.values())


# -- what cannot be served -------------------------------------------------------------------------------------------


def test_targets_on_another_scale_than_z_are_refused(neural: Neural) -> None:
    raw = attrs.evolve(SETUP, specs={spec.name: spec for spec in PROSODY})
    with pytest.raises(PipelineError, match=r"z-scores.*pitch_mean \[Hz, raw\].*normalizer"):
        Neural(neural.options, raw)


def test_a_voice_that_means_something_else_by_a_feature_is_refused(neural: Neural) -> None:
    slow = attrs.evolve(PROSODY[6], unit="s/syll", definition="seconds per syllable")
    voice = VoiceCard("other", 16000, (Control(slow, 0.0, 1.0, -1, 1),))
    with pytest.raises(ModelError, match=r'voice "other" has rate \[s/syll'):
        Neural(neural.options, attrs.evolve(SETUP, voice=voice))


@pytest.mark.parametrize(
    ("data", "remedy"), [({"partner_scale": "conversation"}, "partner_scale"), ({"us_scale": "causal"}, "us_scale")]
)
def test_models_of_z_scores_that_a_dialogue_does_not_have_are_refused(
    random_checkpoint: Callable[..., Any], tmp_path: Path, data: Mapping[str, str], remedy: str
) -> None:
    from antiphon_entrain_neural.config import Config, DataConfig

    checkpoint = random_checkpoint(tmp_path / "model", Config(data=DataConfig(**data)))
    with pytest.raises(PipelineError, match=f"data.{remedy}"):
        NeuralOptions(checkpoint.folder).reads()


def test_a_checkpoint_without_step_functions_says_how_to_add_them(
    random_checkpoint: Callable[..., Any], tmp_path: Path
) -> None:
    checkpoint = random_checkpoint(tmp_path / "model")
    with pytest.raises(ModelError, match="antiphon entrain export"):
        Neural(NeuralOptions(checkpoint.folder), SETUP)


def test_it_reads_raw_features_of_the_checkpoint() -> None:
    assert tuple(NeuralOptions().reads()) == PROSODY
    assert [spec.name for spec in NeuralOptions(hears=("rate", "jitter")).reads()] == ["jitter", "rate"]
    with pytest.raises(PipelineError, match="has no tempo; it has pitch_mean"):
        NeuralOptions(hears=("tempo",)).reads()
