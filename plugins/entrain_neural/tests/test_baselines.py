import numpy as np
import pytest
from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.evaluation.baselines import all as names
from antiphon_entrain_neural.evaluation.baselines.all import fit_baselines, without_partner
from antiphon_entrain_neural.evaluation.baselines.constants import Constant, least_smooth_l1
from antiphon_entrain_neural.evaluation.baselines.echoes import Echo
from antiphon_entrain_neural.evaluation.baselines.linear import STRENGTHS, Inputs, LinearModel
from antiphon_entrain_neural.evaluation.baselines.shams import ShamPartner, WithoutPartner
from antiphon_entrain_neural.evaluation.baselines.texts import TextNumbers
from antiphon_entrain_neural.evaluation.metrics import smooth_l1
from antiphon_entrain_neural.model.predictor import NeuralPredictor
from antiphon_entrain_neural.predictor import predict, predict_all
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

ALL = (
    names.ZERO,
    names.CONSTANT,
    names.RUNNING_MEAN,
    names.REPEAT,
    names.COPY,
    names.SHARE,
    names.OWN,
    names.ENTRAINED,
    names.TEXT,
    names.TEXT_AND_OWN,
    names.ALL_TEXT_AND_OWN,
    names.EVERYTHING,
    names.SHAM,
    names.ZEROED,
)
HEAR_THE_PARTNER = {names.COPY, names.SHARE, names.ENTRAINED, names.EVERYTHING}
READ_THE_NEXT_TEXT = {
    names.TEXT, names.TEXT_AND_OWN, names.ALL_TEXT_AND_OWN, names.EVERYTHING, names.SHAM, names.ZEROED
}  # fmt: skip
REMEMBER_OUR_TURNS = set(ALL) - {names.ZERO, names.CONSTANT, names.COPY, names.SHARE, names.TEXT}


@pytest.fixture(scope="module")
def train(draw_conversation):
    return [draw_conversation(30, seed, alternating=True) for seed in range(12)]


@pytest.fixture(scope="module")
def fitted(train):
    baselines = fit_baselines(train)
    full = next(b for b in baselines if b.name == names.EVERYTHING)
    return {b.name: b for b in (*baselines, *without_partner(full, train))}


@pytest.fixture
def predictor(request, fitted, random_checkpoint, tmp_path):
    return fitted[request.param]


def changed(conversation, turn, rng, *, prosody=True, text=True):
    """The conversation with another turn at this place."""
    z, valid, texts = conversation.z.copy(), conversation.valid.copy(), list(conversation.texts)
    if prosody:
        z[turn], valid[turn] = rng.normal(size=z.shape[1]) + 2, True
    if text:
        texts[turn] = "well well well well well no"
    return evolve(conversation, z=z, valid=valid, texts=tuple(texts))


def test_all_are_there(fitted):
    assert tuple(fitted) == ALL


@pytest.mark.parametrize("predictor", ALL, indirect=True)
@pytest.mark.parametrize("free_running", [True, False])
def test_what_comes_later_changes_nothing(predictor, free_running, draw_conversation):
    conversation = draw_conversation(20, 99, alternating=True)
    before = fresh(predictor, conversation, free_running)
    rng = np.random.default_rng(0)
    for turn in range(20):
        after = fresh(predictor, changed(conversation, turn, rng), free_running)
        if conversation.is_us[turn]:  # its own words are known beforehand, its prosody is not
            without_text = fresh(predictor, changed(conversation, turn, rng, text=False), free_running)
            assert np.array_equal(without_text[: turn + 1], before[: turn + 1], equal_nan=True)
        assert np.array_equal(after[:turn], before[:turn], equal_nan=True)


@pytest.mark.parametrize("predictor", ALL, indirect=True)
def test_what_each_is_told(predictor, draw_conversation):
    conversation = draw_conversation(20, 99, alternating=True)
    rng = np.random.default_rng(0)

    def matters(turn, asked, *, free_running=True, **what):
        one, other = (
            fresh(predictor, c, free_running) for c in (conversation, changed(conversation, turn, rng, **what))
        )
        return not np.array_equal(one[asked], other[asked])

    partner, ours = 8, 9
    assert matters(partner, ours, text=False) == (predictor.name in HEAR_THE_PARTNER)
    assert matters(ours, ours, prosody=False) == (predictor.name in READ_THE_NEXT_TEXT)
    assert matters(ours, 11, free_running=False, text=False) == (predictor.name in REMEMBER_OUR_TURNS)
    assert not matters(ours, 11, free_running=True, text=False), "free-running, nobody is told what we really did"


def fresh(predictor, conversation, free_running):
    """Predictions of a predictor that was not asked before."""
    return predict_all(predictor, [conversation], free_running=free_running)[0]


@pytest.mark.parametrize("predictor", ALL, indirect=True)
def test_labels_stay_as_they_are(predictor, draw_conversation):
    conversation = draw_conversation(20, 99)
    z, valid = conversation.z.copy(), conversation.valid.copy()
    for free_running in (True, False):
        predicted = fresh(predictor, conversation, free_running)
        assert np.isfinite(predicted[conversation.is_us]).all()
        assert np.isnan(predicted[~conversation.is_us]).all()
    assert np.array_equal(conversation.z, z)
    assert np.array_equal(conversation.valid, valid)


def test_a_network_is_told_no_more(random_checkpoint, draw_conversation, tmp_path):
    model = NeuralPredictor(random_checkpoint(tmp_path))
    drawn = draw_conversation(20, 3, alternating=True)
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(20, len(model.features))).astype(np.float32)
    conversation = evolve(drawn, features=model.features, z=wide, valid=np.ones_like(wide, bool))
    for free_running in (True, False):
        before = fresh(model, conversation, free_running)
        for turn in (9, 12):
            after = fresh(model, changed(conversation, turn, rng), free_running)
            np.testing.assert_allclose(after[:turn], before[:turn], atol=1e-6)
        heard = fresh(model, changed(conversation, 8, rng, text=False), free_running)
        assert np.abs(heard[9] - before[9]).max() > 1e-3
        deaf, deaf_before = (
            fresh(WithoutPartner("deaf", model), c, free_running)
            for c in (changed(conversation, 8, rng, text=False), conversation)
        )
        np.testing.assert_allclose(deaf[9:], deaf_before[9:], atol=1e-6)


def test_free_running_and_told_the_truth_differ(fitted, draw_conversation):
    conversation = draw_conversation(20, 99, alternating=True)
    for name in REMEMBER_OUR_TURNS:
        assert not np.array_equal(*(fresh(fitted[name], conversation, f) for f in (True, False)), equal_nan=True), name


@given(st.lists(st.floats(-3.5, 3.5), min_size=1, max_size=30))
def test_best_constant_has_the_least_loss(values):
    column = np.array(values)[:, None]
    found = float(least_smooth_l1(column)[0])
    best = minimize_scalar(lambda c: smooth_l1(column - c).mean(), bounds=(-4, 4), method="bounded")
    assert smooth_l1(column - found).mean() <= best.fun + 1e-6


def test_best_constant_without_measurements():
    assert least_smooth_l1(np.array([[np.nan, 1.0], [np.nan, 2.0]])).tolist() == pytest.approx([0.0, 1.5])


def test_share_of_the_partner_is_least_squares(train, draw_conversation):
    whole = [evolve(c, valid=np.ones_like(c.valid)) for c in train]
    heard = np.concatenate([c.z[0::2] for c in whole])
    ours = np.concatenate([c.z[1::2] for c in whole])
    expected = [np.linalg.lstsq(heard[:, [f]], ours[:, f], rcond=None)[0][0] for f in range(3)]
    predictor = Echo.share_of_partner("share", whole)
    predicted = predict(predictor, whole[0], free_running=True)
    np.testing.assert_allclose(predicted[1], expected * whole[0].z[0], rtol=1e-4)


def followers(conversations, turns, seed, *, own, partner):
    """Our turn: own x the one before + partner x the partner's latest + noise; by feature."""
    rng = np.random.default_rng(seed)
    for number in range(conversations):
        z = rng.normal(size=(2 * turns, 2)).astype(np.float32)
        for turn in range(1, 2 * turns, 2):
            before = z[turn - 2] if turn > 1 else 0
            z[turn] = own * before + partner * z[turn - 1] + 0.5 * z[turn]
        is_us = np.arange(2 * turns) % 2 == 1
        valid = np.ones_like(z, bool)
        texts = ("yes",) * len(z)
        yield Conversation(f"c{number}", "us", ("a", "b"), is_us, z, valid, texts, np.ones(len(z), np.float32))


def test_linear_model_finds_the_process():
    train = list(followers(40, 30, 0, own=np.array([0.6, 0.0]), partner=np.array([0.3, -0.5])))
    model = LinearModel.fit("linear", Inputs(own=1, partner=1), train)
    own, partner = model.weights[0:2], model.weights[4:6]
    np.testing.assert_allclose(own, [[0.6, 0], [0, 0]], atol=0.06)
    np.testing.assert_allclose(partner, [[0.3, 0], [0, -0.5]], atol=0.06)
    np.testing.assert_allclose(model.sd, 0.5, atol=0.02)


def test_linear_model_is_ridge_regression():
    """Against the closed form (X'X + kI)^-1 X'y of standardised inputs."""
    train = list(followers(10, 12, 1, own=np.array([0.6, 0.0]), partner=np.array([0.3, -0.5])))
    model = LinearModel.fit("linear", Inputs(partner=1), train)
    heard = np.concatenate([c.z[0::2] for c in train]).astype(float)
    ours = np.concatenate([c.z[1::2] for c in train]).astype(float)
    x = (heard - heard.mean(0)) / heard.std(0)
    for feature in range(2):
        k = model.strengths[feature]
        assert k in STRENGTHS
        slopes = np.linalg.solve(x.T @ x + k * np.eye(2), x.T @ (ours[:, feature] - ours[:, feature].mean()))
        np.testing.assert_allclose(model.weights[:2, feature], slopes / heard.std(0), rtol=1e-3, atol=1e-5)


def test_noise_gets_the_strongest_penalty():
    """What helps in training alone is not taken for knowledge: the choice is made on left-out conversations."""
    train = list(followers(12, 8, 2, own=np.zeros(2), partner=np.zeros(2)))
    assert min(LinearModel.fit("linear", Inputs(own=3, partner=3), train).strengths) >= 100


def test_features_that_are_never_measured(train):
    silent = [evolve(c, valid=c.valid & [True, False, True]) for c in train]
    for baseline in fit_baselines(silent):
        predicted = predict(baseline, silent[0], free_running=True)
        assert np.isfinite(predicted[silent[0].is_us]).all()


def test_sham_partners_come_from_elsewhere_and_keep_the_words(train, draw_conversation):
    class Listens:
        name, features = "listens", train[0].features

        def session(self):
            heard.append([])
            return self

        def predict(self, text):
            return Constant.zero("zero", self.features).predict(text)

        def observe(self, turn):
            heard[-1].append(turn)

    heard: list[list] = []
    conversation = draw_conversation(40, 77, alternating=True)
    sham = ShamPartner("sham", Listens(), train)
    predict(sham, conversation, free_running=False)
    told = [turn for turn in heard[0] if not turn.is_us]
    assert [turn.text for turn in told] == [
        t for t, us in zip(conversation.texts, conversation.is_us, strict=True) if not us
    ]
    donors = [c for c in train if np.array_equal(c.z[0], told[0].z)]
    assert len(donors) == 1
    assert np.array_equal([turn.z for turn in told], np.resize(donors[0].z[0::2], (20, 3))), "starts again at the end"
    ours = [turn.z for turn in heard[0] if turn.is_us]
    assert np.array_equal(ours, conversation.z[1::2])


def test_sham_partners_are_the_same_in_batches(fitted, train):
    full = fitted[names.EVERYTHING]
    batched = ShamPartner("sham", full, train).predict_all(train[:4], free_running=True)
    one_by_one = ShamPartner("sham", full, train)
    for conversation, expected in zip(train, batched, strict=False):
        assert np.array_equal(predict(one_by_one, conversation, free_running=True), expected, equal_nan=True)


def test_text_numbers():
    numbers = TextNumbers.of(["well well no"] * 10, lambda text: np.full((len(text.split()), 2), len(text), np.float32))
    assert numbers.size == 7 + 2 + 2
    assert not numbers("")[:9].any()
    assert numbers("Well, no!")[7:9].tolist() == pytest.approx([1 / 4, 1 / 4])  # shares of "well" and "no" in 4 tokens
    assert numbers("Well, no!")[0] == pytest.approx(np.log(3))  # punctuation is no word
    assert numbers("ab c")[9:].tolist() == [4, 4]
