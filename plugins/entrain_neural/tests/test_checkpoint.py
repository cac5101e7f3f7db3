import numpy as np
import pytest
import torch
from antiphon.features import PROSODY, Measurement
from antiphon_corpus.simulate import simulate
from antiphon_entrain_neural import corpus as corpora
from antiphon_entrain_neural.checkpoint import Card, TrainingData, load_checkpoint, save_checkpoint
from antiphon_entrain_neural.config import Config, DataConfig, load_config
from antiphon_entrain_neural.model.predictor import VECTORS, NeuralPredictor
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.predictor import predict, predict_all
from antiphon_entrain_neural.split import split_conversations
from antiphon_entrain_neural.words import Vocabulary


def test_round_trip(tmp_path):
    table = simulate(12, seed=1).table
    corpus = corpora.recorded(table)
    features = corpora.choose_features(table, ())
    split = split_conversations(corpora.speakers_of(corpus))
    prior = corpora.estimate_prior(corpus, split.train, features, "simulated")
    config = load_config("default")
    train = corpora.conversations(corpus, split.train, features, prior, config.data)
    assert len(train) == 2 * len(split.train)
    assert train[0].targets.any()
    vocabulary = Vocabulary.of((t.text for turns in corpus.values() for t in turns), size=100, min_count=1)
    model = StepModel(len(features), 16, config.model, config.text)
    weights = {k: v.numpy() for k, v in model.state_dict().items()}
    weights[VECTORS] = np.random.default_rng(0).normal(size=(len(vocabulary), 16)).astype(np.float32)
    data = TrainingData("simulated", "CC0-1.0", "0", 10, 100, split.as_table())
    card = Card("test", features, 16, config, data, {})
    save_checkpoint(tmp_path / "c", card, prior, vocabulary, weights)
    predictor = NeuralPredictor(load_checkpoint(tmp_path / "c"))
    a = predict(predictor, train[0], free_running=True)
    b = predict(predictor, train[0], free_running=False)
    assert np.isnan(a[~train[0].is_us]).all()
    assert np.isfinite(a[train[0].is_us]).all()
    assert not np.array_equal(a, b, equal_nan=True)
