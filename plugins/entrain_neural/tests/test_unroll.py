"""The model over whole conversations: what it is told, what it may not know, and that all ways of running it agree."""

from __future__ import annotations

import itertools

import attrs
import numpy as np
import pytest
import torch
from antiphon_entrain_neural.config import ModelConfig, TextConfig
from antiphon_entrain_neural.model.state import Spoken
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.training.batches import Batch, Conversations
from antiphon_entrain_neural.training.losses import counted, summed_loss
from antiphon_entrain_neural.training.texts import TextReader, Texts
from antiphon_entrain_neural.training.unroll import know, unroll
from antiphon_entrain_neural.words import Vocabulary

VOCABULARY = Vocabulary(("yes", "no", "well"))
FEATURES, DIMS = 3, 4


def small(model: dict | None = None, **text) -> tuple[StepModel, TextReader]:
    """A model of a few units with random weights, none of them zero."""
    torch.manual_seed(1)
    layers = {"prenet": 6, "encoder": 7, "decoder_units": 5, "head": 3, "attention_size": 4, "history_turns": 4}
    reading = TextConfig(**{"history": "averaged", "next": "attention", "dims": DIMS, "size": 5, **text})
    made = StepModel(FEATURES, DIMS, ModelConfig(**{**layers, "dropout": 0.3, **(model or {})}), reading).eval()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    return made, TextReader.of_size(len(VOCABULARY), DIMS)


def batch_of(conversations) -> Batch:
    texts = Texts((text for c in conversations for text in c.texts), VOCABULARY)
    return Conversations(conversations, texts).collate(range(len(conversations)))


def by_steps(model, reader, conversation, *, free_running, predict="us", feed_back="us") -> np.ndarray:
    """What a dialogue would do: `StepModel.predict` and `StepModel.observe`, turn by turn, one conversation."""
    state, found = model.start(1), np.zeros_like(conversation.z)
    for number in range(len(conversation)):
        turn = conversation.turn(number)
        rows = torch.from_numpy(VOCABULARY.rows(turn.text))
        words = reader.vectors[rows] if len(rows) else torch.zeros(1, DIMS)
        is_us = torch.tensor([float(turn.is_us)])
        history, following = (
            model.read(words.unsqueeze(0), torch.tensor([len(rows)]), of_next=of_next) for of_next in (False, True)
        )
        z, valid = torch.from_numpy(turn.z).unsqueeze(0), torch.from_numpy(turn.valid).float().unsqueeze(0)
        if turn.is_us or predict == "both":
            prediction, state = model.predict(is_us, following, state)
            found[number] = prediction.z[0].numpy()
            if free_running and (turn.is_us or feed_back == "both"):
                z, valid = prediction.z, torch.ones_like(valid)
        state = model.observe(Spoken(z, valid, is_us, history), state)
    return found


ARCHITECTURES = [
    {"attention": attention, "decoder": decoder, "cell": cell, "encoder_layers": layers, "decoder_layers": layers}
    for (attention, decoder), (cell, layers) in zip(
        itertools.product(("none", "single", "dual"), ("one", "per-feature")),
        itertools.cycle((("gru", 1), ("lstm", 2), ("gru", 2), ("lstm", 1))),
        strict=False,
    )
]


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: "-".join(map(str, a.values())))
@pytest.mark.parametrize("whose", ["us", "both"])
@torch.no_grad()
def test_a_batch_gives_what_a_dialogue_gives(architecture, whose, draw_conversation) -> None:
    """Conversations of other lengths and other orders of speakers beside it change nothing."""
    model, reader = small(architecture)
    conversations = [draw_conversation(turns, seed) for seed, turns in enumerate((9, 5, 1, 12))]
    for truth in (0.0, 1.0):
        found = unroll(model, reader, batch_of(conversations), truth=truth, predict=whose, feed_back=whose)
        for row, conversation in enumerate(conversations):
            expected = by_steps(model, reader, conversation, free_running=truth == 0, predict=whose, feed_back=whose)
            np.testing.assert_allclose(found[row, : len(conversation)].numpy(), expected, atol=2e-6)


@pytest.mark.parametrize("text", [("none", "none"), ("averaged", "none"), ("none", "averaged"), ("attention",) * 2])
@pytest.mark.parametrize("length", [True, False])
@torch.no_grad()
def test_every_way_of_reading_gives_what_a_dialogue_gives(text, length, draw_conversation) -> None:
    model, reader = small(history=text[0], next=text[1], length=length)
    conversations = [draw_conversation(turns, seed) for seed, turns in enumerate((6, 8))]
    found = unroll(model, reader, batch_of(conversations), truth=0.0)
    for row, conversation in enumerate(conversations):
        expected = by_steps(model, reader, conversation, free_running=True)
        np.testing.assert_allclose(found[row, : len(conversation)].numpy(), expected, atol=2e-6)


@torch.no_grad()
def test_only_our_turns_are_fed_back_unless_both_are(draw_conversation) -> None:
    model, reader = small()
    conversation = draw_conversation(10)
    found = unroll(model, reader, batch_of([conversation]), truth=0.0, predict="both", feed_back="us")
    expected = by_steps(model, reader, conversation, free_running=True, predict="both", feed_back="us")
    np.testing.assert_allclose(found[0].numpy(), expected, atol=2e-6)
    other = unroll(model, reader, batch_of([conversation]), truth=0.0, predict="both", feed_back="both")
    assert not torch.allclose(found, other, atol=1e-3)


@torch.no_grad()
def test_teacher_forcing_is_told_the_truth_and_free_running_is_not(draw_conversation) -> None:
    """The probability is that of the truth: at 0 what we really did does not matter, at 1 it does."""
    model, reader = small()
    batch = batch_of([draw_conversation(10, alternating=True)])
    ours = batch.is_us.unsqueeze(2)
    changed = batch._replace(z=batch.z + ours, valid=torch.where(ours > 0, 1 - batch.valid, batch.valid))
    same = [torch.equal(*(unroll(model, reader, b, truth=p) for b in (batch, changed))) for p in (0.0, 1.0)]
    assert same == [True, False]


def test_a_probability_between_mixes_both(draw_conversation) -> None:
    model, reader = small()
    batch = batch_of([draw_conversation(40, seed, alternating=True) for seed in range(20)])
    heard = []
    model.encoder.register_forward_hook(lambda _module, inputs, _output: heard.append(inputs[0]))
    with torch.no_grad():
        unroll(model, reader, batch, truth=0.7)
        known = know(model, reader, batch, "us", "us")
        true = model.prenet(model.encoder_inputs(known.turn, known.turns))
    replaced = ((torch.stack(heard, 1) - true).abs() > 1e-5).any(2)
    assert not replaced[batch.is_us == 0].any()
    assert replaced[batch.is_us == 1].float().mean() == pytest.approx(0.3, abs=0.08)


def test_labels_are_never_written(draw_conversation) -> None:
    model, reader = small()
    batch = batch_of([draw_conversation(8, seed) for seed in range(3)])
    before = batch.z.clone()
    for truth in (0.0, 0.5, 1.0):
        predicted = unroll(model.train(), reader, batch, truth=truth)
        summed_loss(predicted, batch, counted(batch, "us"), "mse").sum().backward()
        assert torch.equal(batch.z, before)
        assert not torch.equal(predicted, before)


@pytest.mark.parametrize("truth", [0.0, 1.0])
def test_a_prediction_depends_on_earlier_turns_alone(truth, draw_conversation) -> None:
    model, reader = small({"history_turns": 20})
    conversation = draw_conversation(9, alternating=True)
    batch = batch_of([conversation])
    z = batch.z.clone().requires_grad_()
    predicted = unroll(model, reader, batch._replace(z=z), truth=truth)
    for number in np.flatnonzero(conversation.is_us):
        (gradient,) = torch.autograd.grad(predicted[0, number].sum(), z, retain_graph=True)
        reached = gradient[0].abs().sum(1) > 0
        assert not reached[number:].any()
        heard = ~torch.from_numpy(conversation.is_us) if truth == 0 else torch.ones(9, dtype=torch.bool)
        assert torch.equal(reached[:number], heard[:number])


@torch.no_grad()
def changes(model, reader, conversation, **parts) -> list[int]:
    """Which of our turns are predicted otherwise when a part of the conversation is another."""
    one, other = (
        unroll(model, reader, batch_of([c]), truth=0.0)[0] for c in (conversation, attrs.evolve(conversation, **parts))
    )
    return (one != other).any(1).nonzero().flatten().tolist()


@pytest.mark.parametrize(
    ("history", "following", "expected"),
    [
        ("none", "none", []),
        ("none", "averaged", [5]),
        ("averaged", "none", [7, 9]),
        ("averaged", "attention", [5, 7, 9]),
    ],
)
def test_words_reach_only_what_they_may(history, following, expected, draw_conversation) -> None:
    """The words of turn 5 reach its own prediction as those of the next turn, later ones as history."""
    model, reader = small({"decoder": "one"}, history=history, next=following)
    conversation = draw_conversation(10, alternating=True)
    texts = list(conversation.texts)
    texts[5] = "no no no yes"
    found = changes(model, reader, conversation, texts=tuple(texts))
    if following != "none" and history == "none":
        assert found[0] == 5  # later turns hear of it through the prediction that is fed back
    else:
        assert found == expected


def test_the_partners_prosody_can_be_kept_from_the_model(draw_conversation) -> None:
    conversation = draw_conversation(10, alternating=True)
    other = np.where(conversation.is_us[:, None], conversation.z, conversation.z + 1)
    assert changes(*small({"partner": True}), conversation, z=other) == [1, 3, 5, 7, 9]
    assert changes(*small({"partner": False}), conversation, z=other) == []


@torch.no_grad()
def test_padding_adds_nothing_to_the_loss(draw_conversation) -> None:
    model, reader = small()
    conversations = [draw_conversation(turns, turns) for turns in (4, 15)]
    parts = []
    for group in (conversations, conversations[:1], conversations[1:]):
        batch = batch_of(group)
        counts = counted(batch, "both")
        predicted = unroll(model, reader, batch, truth=0.0, predict="both") + (1 - batch.real.unsqueeze(2))
        parts.append((summed_loss(predicted, batch, counts, "smooth-l1"), counts.sum()))
    (together, count), (one, ones), (other, others) = parts
    torch.testing.assert_close(together, one + other)
    assert count == ones + others == sum(c.valid.sum() for c in conversations)


@torch.no_grad()
def test_the_loss_of_zero_is_that_of_the_zero_baseline(draw_conversation) -> None:
    conversation = draw_conversation(30)
    batch = batch_of([conversation])
    counts = counted(batch, "us")
    found = summed_loss(torch.zeros_like(batch.z), batch, counts, "smooth-l1").sum() / counts.sum()
    errors = np.abs(conversation.z[conversation.targets])
    assert float(found) == pytest.approx(np.where(errors < 1, errors**2 / 2, errors - 0.5).mean(), rel=1e-5)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("decoder", ["one", "per-feature"])
@torch.no_grad()
def test_dropout_leaves_the_states_alone(cell, decoder) -> None:
    """What is handed to the next turn is the same with and without dropout, in the encoder as in the decoder."""
    model, _ = small({"cell": cell, "decoder": decoder, "dropout": 0.9})
    for stack in (model.encoder, model.decoder.stack):
        width = stack.layers.input_size if hasattr(stack.layers, "input_size") else stack.layers[0].input.shape[1]
        shape = (2, width) if stack is model.encoder or decoder == "one" else (2, FEATURES, width)
        inputs, state = torch.randn(shape), stack.start(2, torch.zeros(1))
        (_, quiet), (dropped, noisy) = (stack.train(mode)(inputs, state) for mode in (False, True))
        torch.testing.assert_close(quiet, noisy)
        assert (dropped == 0).any()
