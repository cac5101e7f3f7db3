"""From a turn table to what the model sees: the scales a dialogue would have, and nothing of the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from antiphon.builtin.normalizers.causal import CausalSession
from antiphon.errors import InputError, ModelError
from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, PROSODY, RATE, FeatureSpec, Measurement
from antiphon.normalization import CausalNormalizer, Moments, Prior
from antiphon.payloads import Control, VoiceCard
from antiphon_corpus.model import TurnTable
from antiphon_corpus.simulate import Dynamics, simulate
from antiphon_entrain_neural.config import Config, DataConfig
from antiphon_entrain_neural.conversation import Perspective
from antiphon_entrain_neural.corpus import conversations, estimate_prior, recorded, speakers_of
from antiphon_entrain_neural.scales import FixedScale, LeaveOneOutScale, without
from antiphon_entrain_neural.training.prepare import prepare
from hypothesis import given
from hypothesis import strategies as st

SPECS = (PITCH_MEAN, INTENSITY_MEAN, RATE)


def table_of(talks: dict[str, str], seed: int = 0, missing: float = 0.1) -> TurnTable:
    """Conversations with random prosody; each letter of a talk is a turn of the speaker of that name."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [
            {
                "conversation": name,
                "turn": turn,
                "speaker": speaker,
                "start_s": float(turn),
                "end_s": turn + 0.5,
                "text": f"{name} {turn}",
                "pitch_mean": np.exp(rng.normal(5 + ord(speaker) % 3 / 5, 0.1)),
                "intensity_mean": rng.normal(60, 3),
                "rate": np.exp(rng.normal(1.4, 0.2)),
            }
            for name, talk in talks.items()
            for turn, speaker in enumerate(talk)
        ]
    )
    values = frame[[spec.name for spec in SPECS]]
    frame[values.columns] = values.mask(rng.random(values.shape) < missing)
    return TurnTable.of(frame, monologues="keep")


TALKS = {"one": "ABABABAABBAB", "two": "ACACACACAC", "three": "DEDEDEDEED"}


def made(table: TurnTable, config: DataConfig | None = None, names=("one", "two", "three")):
    corpus = recorded(table)
    prior = estimate_prior(corpus, corpus, SPECS, "test")
    found = conversations(corpus, names, SPECS, prior, config or DataConfig())
    return {(c.name, c.us): c for c in found}, prior


def test_ten_thousand_turns_come_out_as_in_a_dialogue_bit_for_bit() -> None:
    """The dataset on one side; a live session, told of one turn at a time, on the other."""
    table = simulate(1, Dynamics(mean_exchanges=5000, missing=0.1, offset_sd=1.0), seed=4).table
    corpus = recorded(table)
    ((name, turns),) = corpus.items()
    prior = estimate_prior(recorded(simulate(20, seed=5).table), [f"s{n:05d}" for n in range(20)], PROSODY, "test")
    voice = VoiceCard("a voice", 16_000, tuple(Control(s, 1.0 + n, 0.3, 1e-4, 1e4) for n, s in enumerate(PROSODY)))
    us = f"{name}:us"
    ours = FixedScale.of_voice(voice, PROSODY)
    dataset = Perspective(PROSODY, ours, lambda: CausalNormalizer(prior))
    from antiphon_entrain_neural.corpus import conversation

    whole = conversation(name, us, turns, PROSODY, dataset)
    assert len(whole) >= 9_500
    live = Perspective(PROSODY, ours, lambda: CausalNormalizer(prior))
    engine = CausalSession(CausalNormalizer(prior))  # the normaliser stage of a profile
    for number, turn in enumerate(turns):
        if turn.speaker == us:
            heard = live.us(turn.measured, turn.text, turn.duration_s)
            scaled = {c.feature.name: c for c in voice.controls}
            expected = [
                0.0 if (m := turn.measured[s.name]).value is None else np.clip(scaled[s.name].to_z(m.value), -4, 4)
                for s in PROSODY
            ]
        else:
            heard = live.partner(turn.measured, turn.text, turn.duration_s)
            expected = [m.value or 0.0 for m in engine.normalize(turn.measured).values()]
        assert heard.z.tobytes() == whole.z[number].tobytes() == np.array(expected, np.float32).tobytes()
        assert heard.valid.tobytes() == whole.valid[number].tobytes()
        assert (heard.is_us, heard.text) == (whole.is_us[number], whole.texts[number])


def test_every_speaker_is_us_once_a_conversation() -> None:
    found, _ = made(table_of(TALKS))
    assert set(found) == {("one", "A"), ("one", "B"), ("two", "A"), ("two", "C"), ("three", "D"), ("three", "E")}
    assert found["one", "A"].is_us.tolist() == [letter == "A" for letter in TALKS["one"]]
    np.testing.assert_array_equal(found["one", "A"].is_us, ~found["one", "B"].is_us)
    answering, _ = made(table_of(TALKS), DataConfig(us="second-speaker"))
    assert set(answering) == {("one", "B"), ("two", "C"), ("three", "E")}


def test_turns_with_missing_measurements_stay_where_they_are() -> None:
    """They are not dropped: who speaks when, and which words belong to which turn, stays as it was."""
    found, _ = made(table_of(TALKS, missing=0.5))
    one = found["one", "A"]
    assert one.texts == tuple(f"one {turn}" for turn in range(len(TALKS["one"])))
    assert not one.valid.all(axis=1).all()
    assert (one.z[~one.valid] == 0).all()
    assert np.isfinite(one.z).all()
    np.testing.assert_array_equal(one.targets, one.valid & one.is_us[:, None])


@pytest.mark.parametrize("scale", ["causal", "fixed"])
def test_the_partners_later_turns_do_not_reach_earlier_ones(scale) -> None:
    table = table_of(TALKS)
    changed = table.frame.copy()
    late = (changed["conversation"] == "one") & (changed["turn"] >= 7)
    changed.loc[late, "rate"] *= 2
    _, prior = made(table)
    one, other = (
        conversations(recorded(t), ["one"], SPECS, prior, DataConfig(us_scale=scale))[0]
        for t in (table, TurnTable.of(changed, monologues="keep"))
    )
    same = (one.z == other.z).all(axis=1)
    assert same[:7][~one.is_us[:7]].all()
    if scale == "causal":
        assert same[:7].all()
    assert not same[7:].all()


def test_our_scale_is_that_of_our_other_conversations() -> None:
    """A speaks in two conversations; in one, A's z-scores are against the other, and not against themselves."""
    table = table_of(TALKS, missing=0)
    found, prior = made(table)
    frame = table.frame
    elsewhere = frame[(frame["speaker"] == "A") & (frame["conversation"] == "two")]["intensity_mean"]
    here = frame[(frame["speaker"] == "A") & (frame["conversation"] == "one")]["intensity_mean"]
    n, p = len(elsewhere), prior.features["intensity_mean"]
    mean = (p.strength * p.mean + n * elsewhere.mean()) / (p.strength + n)
    variance = (p.variance_dof * p.within_variance + (n - 1) * elsewhere.var()) / (p.variance_dof + n - 1)
    one = found["one", "A"]
    np.testing.assert_allclose(one.z[one.is_us, 1], (here - mean) / np.sqrt(variance), rtol=1e-5)


def test_a_speaker_of_one_conversation_is_measured_against_the_other_turns() -> None:
    turns = [{"intensity_mean": Measurement(value)} for value in (60.0, 62.0, 70.0)]
    prior = Prior.estimate([turns, turns], [INTENSITY_MEAN])
    p = prior.features["intensity_mean"]
    mean = (p.strength * p.mean + 2 * 61) / (p.strength + 2)
    variance = (p.variance_dof * p.within_variance + 2.0) / (p.variance_dof + 1)
    scale = LeaveOneOutScale(turns, prior)
    found = [scale.step(turn)["intensity_mean"].value for turn in turns]
    assert found[2] == pytest.approx((70 - mean) / np.sqrt(variance))


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.data())
def test_taking_a_number_out_undoes_adding_it(values, data) -> None:
    value = data.draw(st.sampled_from(values))
    rest = list(values)
    rest.remove(value)
    found, expected = without(Moments.of(values), value), Moments.of(rest)
    assert found.n == expected.n
    assert found.mean == pytest.approx(expected.mean, abs=1e-6)
    assert found.m2 == pytest.approx(expected.m2, rel=1e-6, abs=1e-4)


def test_the_scale_of_a_whole_conversation_is_that_of_the_first_version() -> None:
    config = DataConfig(us_scale="conversation", partner_scale="conversation")
    table = table_of(TALKS, missing=0)
    found, _ = made(table, config)
    one = found["one", "B"]
    logs = np.log(table.frame[table.frame["conversation"] == "one"]["rate"].to_numpy())
    for part in (one.is_us, ~one.is_us):
        z = (logs[part] - logs[part].mean()) / logs[part].std(ddof=1)
        np.testing.assert_allclose(one.z[part, 2], z, rtol=1e-5)


def test_the_prior_and_the_vocabulary_are_of_the_training_split_alone() -> None:
    talks = {f"c{n:02d}": "XYXYXYXYXY".translate({88: chr(65 + n), 89: chr(97 + n)}) for n in range(12)}
    table = table_of(talks, missing=0)
    config = Config(data=DataConfig(shares=(0.5, 0.25, 0.25)))
    before = prepare(table, config, name="test")
    frame = table.frame.copy()
    held_out = frame["conversation"].isin([*before.split.validation, *before.split.test])
    frame.loc[held_out, "rate"] *= 3
    frame.loc[held_out, "text"] = "other words other words"
    after = prepare(TurnTable.of(frame), config, name="test")
    assert after.split == before.split
    assert after.prior == before.prior
    assert after.vocabulary == before.vocabulary
    for one, other in zip(before.train, after.train, strict=True):
        assert one.z.tobytes() == other.z.tobytes()
    assert before.data.sha256 != after.data.sha256


def test_who_is_heard_in_two_parts_is_refused_or_told() -> None:
    chain = table_of({"one": "ABABAB", "two": "BCBCBC", "three": "CACACA"})
    with pytest.raises(InputError, match=r'share no speaker, too few for 3 parts.*split = "conversations"'):
        prepare(chain, Config(), name="test")
    by_conversation = prepare(chain, Config(data=DataConfig(split="conversations", shares=(1, 1, 1))), name="test")
    assert by_conversation.split.method == "conversations"


def test_conversations_of_one_speaker_teach_nothing() -> None:
    found, _ = made(table_of({**TALKS, "alone": "FFFF"}), names=("one", "alone"))
    assert {name for name, _ in found} == {"one"}
    assert speakers_of(recorded(table_of({"alone": "FFFF"}))) == {"alone": frozenset("F")}


def test_a_voice_that_means_something_else_is_refused() -> None:
    other = FeatureSpec("rate", "words/s", "words per second", floor=0.01)
    voice = VoiceCard("a voice", 16_000, (Control(other, 1.0, 0.3, 0.1, 10.0),))
    with pytest.raises(ModelError, match=r"words/s.*the model rate"):
        FixedScale.of_voice(voice, [RATE])
    assert FixedScale.of_voice(voice, [PITCH_MEAN]).step({"pitch_mean": Measurement(100.0)})["pitch_mean"].value is None


def test_features_that_the_corpus_lacks_are_named() -> None:
    with pytest.raises(InputError, match="the corpus has no jitter; it has pitch_mean, intensity_mean, rate"):
        prepare(table_of(TALKS), Config(data=DataConfig(features=("rate", "jitter"))), name="test")
