import itertools

import numpy as np
import pytest
import torch
from antiphon.errors import InputError
from antiphon_corpus.best_loss import best_loss, expected_smooth_l1
from antiphon_corpus.simulate import LOG_WORDS, Dynamics, simulate
from antiphon_entrain_neural.checkpoint import TrainingData, save_checkpoint
from antiphon_entrain_neural.config import Config, DataConfig
from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.corpus import recorded, speakers_of
from antiphon_entrain_neural.evaluation.attention import attention_of
from antiphon_entrain_neural.evaluation.baselines.all import CONSTANT, ENTRAINED, OWN, REPEAT, ZERO
from antiphon_entrain_neural.evaluation.baselines.linear import Inputs, LinearModel
from antiphon_entrain_neural.evaluation.evaluate import RIVALS, Answers, ask, evaluate
from antiphon_entrain_neural.evaluation.judged import Judged, our_turns
from antiphon_entrain_neural.evaluation.material import LEAKS, Material, first_version, folds, of_checkpoint, of_split
from antiphon_entrain_neural.evaluation.metrics import POOLED, Sums, smooth_l1
from antiphon_entrain_neural.evaluation.resampling import Resampling, interval, paired
from antiphon_entrain_neural.model.predictor import NeuralPredictor
from antiphon_entrain_neural.predictor import Predicted, predict_all
from antiphon_entrain_neural.split import split_conversations
from antiphon_entrain_neural.training.prepare import digest
from attrs import evolve
from scipy import stats

FEW = Resampling(bootstrap=200, permutations=199)


@pytest.fixture(scope="module")
def drawn(draw_conversation):
    return [draw_conversation(24, seed) for seed in range(8)]


def sums_of(conversations, predicted):
    judged = Judged.of(conversations)
    return Sums.of(judged, our_turns(conversations, predicted), np.ones(len(judged.position), bool))


def noisy(conversations, size, seed=0):
    """Predictions that are the truth but for noise."""
    rng = np.random.default_rng(seed)
    return [(c.z + size * rng.normal(size=c.z.shape)).astype(np.float32) for c in conversations]


def test_measures_against_independent_ones(drawn):
    one = drawn[:1]
    predicted = noisy(one, 0.7)
    metrics = sums_of(one, predicted).metrics()
    for column in range(3):
        counts = one[0].targets[:, column]
        truth, said = one[0].z[counts, column], predicted[0][counts, column]
        assert metrics["smooth L1"][column] == pytest.approx(
            torch.nn.functional.smooth_l1_loss(torch.tensor(said), torch.tensor(truth)).item(), rel=1e-5
        )
        assert metrics["L1"][column] == pytest.approx(np.abs(truth - said).mean(), rel=1e-5)
        assert metrics["RMSE"][column] == pytest.approx(np.sqrt(np.mean((truth - said) ** 2)), rel=1e-5)
        assert metrics["R2"][column] == pytest.approx(1 - np.mean((truth - said) ** 2) / truth.var(), rel=1e-5)
        line = stats.linregress(said, truth)
        assert metrics["r within"][column] == pytest.approx(line.rvalue, rel=1e-5)
        assert metrics["slope"][column] == pytest.approx(line.slope, rel=1e-5)


def test_every_value_counts_once_in_the_pooled_measures(drawn):
    predicted = noisy(drawn, 0.7)
    errors = np.concatenate([(p - c.z)[c.targets] for p, c in zip(predicted, drawn, strict=True)])
    assert sums_of(drawn, predicted).metrics()["smooth L1"][-1] == pytest.approx(smooth_l1(errors).mean(), rel=1e-5)


def test_resampling_is_by_conversation(drawn):
    sums = sums_of(drawn, noisy(drawn, 0.7))
    twice = np.array([[2.0, 0, 1, 0, 0, 0, 0, 0]])
    chosen = [drawn[0], drawn[0], drawn[2]]
    again = [noisy(drawn, 0.7)[i] for i in (0, 0, 2)]
    expected = sums_of(chosen, again).metrics()
    for name, found in sums.resampled(twice).items():
        np.testing.assert_allclose(found[0], expected[name], rtol=1e-9)
    weights = FEW.weights(8)
    assert weights.shape == (200, 8)
    assert set(weights.sum(axis=1)) == {8}


def test_intervals_cover():
    """95 % intervals of the mean of correlated values hold the truth about as often as they say."""
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(300):
        conversations = 40
        level = rng.normal(size=conversations)  # all turns of a conversation share it
        values = (level[:, None] + rng.normal(size=(conversations, 10))).sum(axis=1)[:, None]
        weights = Resampling(bootstrap=300, seed=trial).weights(conversations)
        low, high = interval((weights @ values) / (10 * conversations))
        covered += low[0] <= 0 <= high[0]
    assert 0.90 <= covered / 300 <= 0.98


def test_equal_predictors_do_not_differ(drawn):
    sums = sums_of(drawn, noisy(drawn, 0.7))
    found = paired(sums, sums, FEW)
    assert not found.difference.any()
    assert (found.p == 1).all()


def test_permutations_against_all_of_them(drawn):
    one, other = (sums_of(drawn, noisy(drawn, 0.9, seed)) for seed in (1, 2))
    apart = (one.smooth - other.smooth)[:, -1]
    signs = np.array(list(itertools.product((1, -1), repeat=len(apart))))
    exact = np.mean(np.abs(signs @ apart) >= abs(apart.sum()) - 1e-9)
    assert paired(one, other, Resampling(bootstrap=100, permutations=20_000)).p[-1] == pytest.approx(exact, abs=0.02)


def test_a_single_conversation_has_no_interval(drawn):
    sums = sums_of(drawn[:1], noisy(drawn[:1], 0.7))
    low, high = interval(sums.resampled(FEW.weights(1))["smooth L1"])
    assert np.isnan([low, high]).all()
    assert np.isnan(paired(sums, sums, FEW).p).all()


def test_slices_are_a_division(drawn):
    slices = dict(Judged.of(drawn).slices())
    whole = slices.pop("all")
    for kind in ("position", "words"):
        counted = np.sum([within for name, within in slices.items() if kind in name], axis=0)
        assert np.array_equal(counted, whole)


# -- predictors that are known ---------------------------------------------------------------------------------------


class Oracle:
    """The best possible predictor of simulated conversations, from their known parameters."""

    def __init__(self, dynamics):
        self.name, self.features = "oracle", tuple(f"f{i}" for i in range(len(dynamics.features)))
        self._dynamics = dynamics

    def session(self):
        oracle = type(self)(self._dynamics)
        oracle._partner = oracle._own = np.zeros(len(self.features))
        return oracle

    def predict(self, text):
        d = self._dynamics
        length = (np.log(len(text.split())) - LOG_WORDS[0]) / LOG_WORDS[1]
        return Predicted(
            (d.inertia * self._own + d.couplings * self._partner + d.text_effect * length).astype(np.float32)
        )

    def observe(self, turn):
        if turn.is_us:
            self._own = turn.z
        else:
            self._partner = turn.z


def latent_conversations(simulation):
    """The simulation's own numbers as conversations."""
    frame = simulation.table.frame
    features = tuple(f"f{i}" for i in range(simulation.latent.shape[1]))
    found = []
    for name, rows in frame.groupby("conversation", observed=True).indices.items():
        z = simulation.latent[rows].astype(np.float32)
        texts = tuple(frame["text"].iloc[rows])
        valid, seconds = np.ones(z.shape, bool), np.ones(len(z), np.float32)
        found.append(Conversation(str(name), "us", features, simulation.is_us[rows], z, valid, texts, seconds))
    return found


@pytest.fixture(scope="module")
def simulation():
    return simulate(80, Dynamics(coupling=0.4, mean_exchanges=15), seed=5)


def test_the_oracle_reaches_the_closed_form(simulation):
    conversations = latent_conversations(simulation)
    known = best_loss(simulation)
    for free_running, expected in ((True, known.free_running), (False, known.one_step)):
        sums = sums_of(
            conversations, predict_all(Oracle(simulation.dynamics), conversations, free_running=free_running)
        )
        losses = sums.smooth[:, -1] / sums.n[:, -1]
        assert sums.metrics()["smooth L1"][-1] == pytest.approx(expected, abs=4 * losses.std() / np.sqrt(len(losses)))


def test_linear_entrainment_comes_near():
    """Without an effect of the text, the best predictor is linear in our last turn and the partner's."""
    simulation = simulate(160, Dynamics(coupling=0.3, text_effect=0.0), seed=6)
    conversations = latent_conversations(simulation)
    train, test = conversations[:110], conversations[110:]
    linear = LinearModel.fit(ENTRAINED, Inputs(own=3, partner=3), train)
    best, found = (
        sums_of(test, predict_all(p, test, free_running=True)).metrics()["smooth L1"][-1]
        for p in (Oracle(simulation.dynamics), linear)
    )
    nothing = expected_smooth_l1(float(np.std(np.concatenate([c.z[c.is_us] for c in test]))))
    assert (nothing - found) / (nothing - best) > 0.93


class Repeats:
    """Says again what it was told of us last: good where turns resemble each other, if it is told the truth."""

    name = "repeats"

    def __init__(self, features):
        self.features = features
        self._last = np.zeros(len(features), np.float32)

    def session(self):
        return type(self)(self.features)

    def predict(self, text):
        return Predicted(self._last)

    def observe(self, turn):
        if turn.is_us:
            self._last = turn.z


def test_a_model_that_is_fed_its_own_answers_looks_no_better_than_it_is():
    simulation = simulate(40, Dynamics(coupling=0.0, inertia=0.95), seed=7)
    conversations = latent_conversations(simulation)
    answers = ask(Material(conversations[:30], conversations[30:]), Repeats(conversations[0].features))
    evaluation = evaluate(answers, FEW)
    zero = evaluation.find(ZERO, "smooth L1").value
    assert evaluation.find("repeats", "smooth L1", mode="teacher-forced").value < 0.5 * zero
    assert evaluation.find("repeats", "smooth L1").value == zero
    assert evaluation.find(REPEAT, "smooth L1").value == zero
    assert not evaluation.verdict.helped


class Overwrites(Repeats):
    """Writes its answer over what it is told."""

    name = "overwrites"

    def observe(self, turn):
        turn.z[:] = self._last


def test_the_truth_cannot_be_overwritten():
    conversations = latent_conversations(simulate(20, Dynamics(), seed=8))
    before = [c.z.copy() for c in conversations]
    answers = ask(Material(conversations[:12], conversations[12:]), Overwrites(conversations[0].features))
    assert all(np.array_equal(c.z, z) for c, z in zip(conversations, before, strict=True))
    evaluation = evaluate(answers, FEW)
    assert evaluation.find("overwrites", "smooth L1").value == evaluation.find(ZERO, "smooth L1").value


def test_the_verdict(simulation):
    conversations = latent_conversations(simulation)
    material = Material(conversations[:50], conversations[50:])
    evaluation = evaluate(ask(material, Oracle(simulation.dynamics)), FEW)
    assert evaluation.verdict.helped
    assert {d.against for d in evaluation.verdict.differences} == set(RIVALS)
    assert all(d.better and d.p < 0.05 for d in evaluation.verdict.differences)
    assert evaluation.verdict.text.startswith("The partner's prosody helped")
    deaf = Oracle(evolve(simulation.dynamics, coupling=0.0))
    verdict = evaluate(ask(material, deaf), FEW).verdict
    assert not verdict.helped
    assert "not shown" in verdict.text


def test_whoever_is_worse_than_zero_shows_nothing(drawn):
    """On another corpus, those that read text may be so wrong that it is easy to beat them."""
    answers = ask(Material(drawn[:6], drawn[6:]), Repeats(drawn[0].features))
    predicted = {
        (name, mode): said if name in (ZERO, "repeats") else [one + 5 for one in said]
        for (name, mode), said in answers.predicted.items()
    }
    verdict = evaluate(evolve(answers, predicted=predicted), FEW).verdict
    assert [d.against for d in verdict.differences if not d.better] == [ZERO]
    assert not verdict.helped


def test_expected_errors_are_as_large_as_real_ones(simulation):
    conversations = latent_conversations(simulation)
    evaluation = evaluate(ask(Material(conversations[:50], conversations[50:])), FEW)
    shares = [
        (c.level, c.share)
        for c in evaluation.coverage
        if (c.predictor, c.mode, c.feature) == (OWN, "teacher-forced", POOLED)
    ]
    assert [level for level, _ in shares] == [0.5, 0.8, 0.95]
    assert all(share == pytest.approx(level, abs=0.03) for level, share in shares)


# -- what is judged --------------------------------------------------------------------------------------------------


def test_folds_judge_everybody_once_and_nobody_who_was_heard():
    speakers = {
        f"c{i}": frozenset({f"s{i}", f"s{i + 1 if i % 3 else i}", "t" if i < 2 else f"u{i}"}) for i in range(20)
    }
    splits = folds(speakers, 4)
    assert sorted(name for split in splits for name in split.test) == sorted(speakers)
    for split in splits:
        heard, judged = ({s for name in part for s in speakers[name]} for part in (split.train, split.test))
        assert not heard & judged
    with pytest.raises(InputError, match="too few for 20 folds"):
        folds({**speakers, "bridge": frozenset({"s1", "s5"})}, 20)


def test_cross_validation_judges_all_conversations():
    table = simulate(12, Dynamics(mean_exchanges=6), seed=2).table
    splits = folds(speakers_of(recorded(table)), 3)
    answers = Answers.join([ask(of_split(table, DataConfig(), split)) for split in splits])
    evaluation = evaluate(answers, FEW)
    assert evaluation.conversations == 12
    assert evaluation.turns == len(table.frame)  # from both points of view, each turn is ours once


def test_whole_conversation_normalisation_is_told():
    table = simulate(12, Dynamics(mean_exchanges=6), seed=2).table
    material = of_split(table, first_version(DataConfig()))
    assert material.notes == (LEAKS,)
    assert not of_split(table, DataConfig()).notes
    level = np.concatenate([c.z[c.is_us] for c in material.judged]).mean(axis=0)
    np.testing.assert_allclose(level, 0, atol=1e-6)  # each speaker's own mean, which knows the end


@pytest.fixture
def trained_on(random_checkpoint, tmp_path):
    """A checkpoint that says it was trained on this table."""
    table = simulate(20, Dynamics(mean_exchanges=6), seed=3).table
    split = split_conversations(speakers_of(recorded(table)))
    plain = random_checkpoint(tmp_path / "plain", Config())
    data = TrainingData("simulated", "CC0-1.0", digest(table), len(split.train), 100, split.as_table())
    card = evolve(plain.card, data=data)
    return save_checkpoint(tmp_path / "model", card, plain.prior, plain.vocabulary, plain.weights()), table, split


def test_the_test_split_of_the_card_is_judged(trained_on):
    checkpoint, table, split = trained_on
    material = of_checkpoint(checkpoint, table)
    assert {c.name for c in material.judged} == set(split.test)
    assert {c.name for c in material.train} == set(split.train)
    assert not material.notes


def test_what_was_trained_on_is_not_judged(trained_on):
    checkpoint, table, split = trained_on
    frame = table.frame
    some = type(table).of(frame[frame["conversation"].isin([*split.test, split.train[0]])])
    with pytest.raises(InputError, match="--trained-on"):
        of_checkpoint(checkpoint, some)
    with pytest.raises(InputError, match=f"1 of 3 conversations were trained on, such as {split.train[0]}"):
        of_checkpoint(checkpoint, some, table)
    allowed = of_checkpoint(checkpoint, some, table, allow_trained=True)
    assert any("no results" in note for note in allowed.notes)
    renamed = frame.assign(conversation="new-" + frame["conversation"].astype(str))
    with pytest.raises(InputError, match="speakers were also trained on"):
        of_checkpoint(checkpoint, type(table).of(renamed), table)
    other = simulate(4, Dynamics(mean_exchanges=6), seed=9).table.frame
    other = other.assign(
        conversation="x" + other["conversation"].astype(str), speaker="x" + other["speaker"].astype(str)
    )
    assert len(of_checkpoint(checkpoint, type(table).of(other), table).judged) == 8
    with pytest.raises(InputError, match="not the corpus that the model was trained on"):
        of_checkpoint(checkpoint, some, type(table).of(other))


def test_attention_is_of_earlier_turns(random_checkpoint, draw_conversation, tmp_path):
    config = Config()
    model = NeuralPredictor(random_checkpoint(tmp_path, evolve(config, model=evolve(config.model, history_turns=6))))
    drawn = draw_conversation(20, 3, alternating=True)
    z = np.random.default_rng(0).normal(size=(20, len(model.features))).astype(np.float32)
    found = attention_of(model, evolve(drawn, features=model.features, z=z, valid=np.ones_like(z, bool)))
    assert found.asked == tuple(range(1, 20, 2))
    for turn, weights in zip(found.asked, found.weights, strict=True):
        assert not weights[turn:].any()
        assert not weights[: max(0, turn - 6)].any()
        assert weights.sum() == pytest.approx(1, abs=1e-5)
    assert attention_of(Repeats(model.features), drawn) is None


def test_nothing_to_judge(drawn):
    silent = [evolve(c, valid=np.zeros_like(c.valid)) for c in drawn]
    with pytest.raises(InputError, match="no measured turn is there to be judged"):
        ask(Material(drawn, silent))
    with pytest.raises(InputError, match="the baselines need some"):
        ask(Material(silent, drawn))


def test_constants_say_the_same_free_running(drawn):
    evaluation = evaluate(ask(Material(drawn, drawn)), FEW)
    for name in (ZERO, CONSTANT):
        free, told = (evaluation.find(name, "smooth L1", mode=m).value for m in ("free-running", "teacher-forced"))
        assert free == told
    zeros = [np.zeros_like(c.z) for c in drawn]
    assert evaluation.find(ZERO, "smooth L1").value == pytest.approx(sums_of(drawn, zeros).metrics()["smooth L1"][-1])
