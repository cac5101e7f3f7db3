import numpy as np
import pandas as pd
import pytest
from antiphon_measure_entrainment.measures import neural
from antiphon_measure_entrainment.measures.neural import neural_distance
from antiphon_measure_entrainment.turns.functionals import with_functionals

torch = pytest.importorskip("torch")

from antiphon_measure_entrainment.measures.encoder import codes, train  # noqa: E402

QUICK = {"folds": 2, "updates": 60, "permutations": 99}


@pytest.mark.long
def test_of_what_partners_share_replies_are_nearer_in_the_code_than_others():
    # Of four numbers of a turn, the partner answers with the first.
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 800, 4))
    y[:, 0] = x[:, 0] + 0.2 * y[:, 0]
    y[:600:7, 1] = np.nan  # what is missing is not learned from
    encoder = train(x[:600], y[:600], updates=100, seed=1)
    first, second = codes(encoder, x[600:]), codes(encoder, y[600:])
    assert first.shape == (200, 30)
    real = np.abs(first - second).sum(axis=1)
    others = np.abs(first - np.roll(second, 1, axis=0)).sum(axis=1)
    assert np.mean(real < others) > 0.65


def test_training_is_that_of_the_seed_and_leaves_torchs_own_alone():
    x, y = np.random.default_rng(0).normal(size=(2, 100, 2))
    torch.manual_seed(5)
    before = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (codes(train(x, y, updates=5, seed=seed), x) for seed in (1, 1, 2))
    assert torch.rand(1) == before
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_partners_who_follow_each_other_are_near_and_others_are_not(simulate):
    features = ["f0", "f1"]
    coupled, alone = (simulate(conversations=10, features=2, coupling=c, seed=3) for c in (0.6, 0.0))
    distance, nearer = neural_distance(coupled, features, **QUICK)
    assert distance.p == nearer.p == 0.01
    assert distance.low > 0
    assert nearer.low > 0.55
    assert (distance.feature, distance.note) == ("all features", "f0, f1")
    distance, nearer = neural_distance(alone, features, **QUICK)
    assert min(distance.p, nearer.p) > 0.05
    assert nearer.low < 0.5 < nearer.high


def test_no_conversation_is_measured_by_a_network_that_knows_it(simulate, monkeypatch):
    table = simulate(conversations=7, turns=20, seed=4)
    from antiphon_measure_entrainment.measures import encoder
    from antiphon_measure_entrainment.turns.exchanges import speaker_z

    scaled = speaker_z(table, ["f0"])
    owner = dict(zip(scaled["f0"], scaled["conversation"], strict=True))
    trained, measured = [], []

    def recording_train(first, second, **options):
        trained.append({owner[value] for value in np.concatenate([first, second]).ravel()})
        return train(first, second, **options)

    def recording_codes(network, turns):
        measured.append({owner[value] for value in turns.ravel()})
        return codes(network, turns)

    monkeypatch.setattr(encoder, "train", recording_train)
    monkeypatch.setattr(encoder, "codes", recording_codes)
    neural_distance(table, ["f0"], folds=3, updates=5, permutations=9)
    assert [len(each) for each in measured] == [3, 2, 2]
    for known, new in zip(trained, measured, strict=True):
        assert known | new == set(range(7))
        assert not known & new


def test_the_shares_are_those_of_counting(simulate, monkeypatch):
    """With the identity as code, the measures are those of the values themselves."""
    from antiphon_measure_entrainment.measures import encoder
    from antiphon_measure_entrainment.turns.exchanges import exchanges, speaker_z

    monkeypatch.setattr(encoder, "train", lambda *_, **__: None)
    monkeypatch.setattr(encoder, "codes", lambda _, turns: turns)
    table = simulate(conversations=4, turns=24, seed=5)
    distance, nearer = neural_distance(table, ["f0"], folds=2, updates=1, permutations=9)
    pairs = exchanges(speaker_z(table, ["f0"]), ["f0"])
    scale = speaker_z(table, ["f0"])["f0"]
    scale = np.abs(scale - scale.mean()).mean()
    farther, advantages = [], []
    for _, group in pairs.groupby(["conversation", "second"]):
        x, y = group["f0.first"].to_numpy(), group["f0.second"].to_numpy()
        for i in range(x.size):
            others = np.delete(y, i)
            farther.append(np.mean(np.abs(x[i] - others) > abs(x[i] - y[i])))
            remote = np.delete(y, [i, (i - 1) % y.size])
            advantages.append(np.abs(x[i] - remote).mean() - abs(x[i] - y[i]))
    assert nearer.estimate == pytest.approx(np.mean(farther))
    assert distance.estimate == pytest.approx(np.mean(advantages) / scale, rel=0.1)  # each fold has its own scale


@pytest.mark.long
def test_units_do_not_matter_and_missing_values_do_not_stop_it(simulate):
    table = simulate(conversations=6, turns=20, features=2, seed=6)
    table.loc[::5, "f1"] = np.nan
    before, after = (
        neural_distance(each, ["f0", "f1"], folds=2, updates=20, permutations=9)
        for each in (table, table.assign(f0=1000 * table["f0"] - 3))
    )
    for one, other in zip(before, after, strict=True):
        assert other.estimate == pytest.approx(one.estimate, rel=1e-3)


def test_what_cannot_be_measured_says_why(dialogue, simulate, monkeypatch):
    for table, features, why in (
        (dialogue([1.0, 2.0, 4.0] * 10), ["f"], "1 conversations of two"),
        (pd.concat([dialogue([2.0] * 20, conversation=f"c{i}") for i in range(6)]), ["f"], "no feature varies"),
        (dialogue([1.0, 5.0, 2.0, 7.0] * 9, speakers="ABC"), ["f"], "exactly two speakers (found 3)"),
        (dialogue([]), ["f"], "no feature varies"),
    ):
        for effect in neural_distance(table, features, permutations=9):
            assert effect.note.startswith("not computable: ")
            assert why in effect.note
    monkeypatch.setattr(neural, "find_spec", lambda name: None)
    for effect in neural_distance(simulate(seed=1), ["f0"]):
        assert "pip install 'antiphon-measure-entrainment[neural]'" in effect.note


def test_functionals_of_frames(dialogue):
    rng = np.random.default_rng(1)
    frames = pd.DataFrame({"conversation": "c", "turn": np.repeat([0, 2], 50), "time": 0.0, "f0": rng.normal(size=100)})
    table = with_functionals(dialogue([1.0, 2.0, 3.0]), frames.drop(columns="time"))
    own = frames["f0"][:50]
    low, high = np.percentile(own, [1, 99])
    columns = [f"f0.{name}" for name in ("mean", "median", "sd", "p1", "p99", "range")]
    assert table[columns].iloc[0].to_numpy() == pytest.approx(
        [own.mean(), own.median(), own.std(), low, high, high - low]
    )
    assert table[columns].iloc[1].isna().all()
    assert table["f"].tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="no column turn"):
        with_functionals(table, frames.drop(columns="turn"))
