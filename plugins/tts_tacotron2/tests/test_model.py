"""The model."""

from __future__ import annotations

import attrs
import pytest

torch = pytest.importorskip("torch")

from antiphon_tts_tacotron2.model.attention import Attention, prior_taps  # noqa: E402
from antiphon_tts_tacotron2.model.config import ModelConfig  # noqa: E402
from antiphon_tts_tacotron2.model.layers import lengths_to_mask, lstm_step  # noqa: E402
from antiphon_tts_tacotron2.model.tacotron2 import Tacotron2  # noqa: E402
from antiphon_tts_tacotron2.training.config import read_config  # noqa: E402

TINY = ModelConfig(
    symbols=12,
    controls=3,
    bands=6,
    reduction=2,
    embedding=16,
    encoder_layers=2,
    prenet=8,
    attention_lstm=14,
    attention=10,
    location_filters=3,
    location_kernel=5,
    decoder_lstm=12,
    postnet=8,
    postnet_layers=3,
)


def model(config: ModelConfig = TINY, seed: int = 0) -> Tacotron2:
    """A model in evaluation mode whose weights are larger than those of a beginner, so that all parts matter."""
    torch.manual_seed(seed)
    made = Tacotron2(config)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(1.5)
    return made.eval()


def batch(config: ModelConfig, texts: list[int], steps: list[int], seed: int = 1) -> dict[str, torch.Tensor]:
    """Random arguments of `Tacotron2.forward`, padded with rubbish."""
    random = torch.Generator().manual_seed(seed)
    frames = torch.tensor(steps) * config.reduction
    return {
        "symbols": torch.randint(1, config.symbols, (len(texts), max(texts)), generator=random),
        "text_lengths": torch.tensor(texts),
        "controls": torch.randn(len(texts), config.controls, generator=random),
        "frames": torch.randn(len(texts), int(frames.max()), config.bands, generator=random),
        "frame_lengths": frames,
        "masks": 2.0 * (torch.rand(2, len(texts), max(steps), config.prenet, generator=random) < 0.5),
    }


def parameters(config: ModelConfig) -> int:
    return sum(parameter.numel() for parameter in Tacotron2(config).parameters())


def test_published_size():
    """28,177,713 parameters with 65 characters and 7 controls into the decoder alone."""
    assert parameters(ModelConfig(symbols=66, controls=7, controls_into=("decoder",))) == 28_177_713


def test_named_sizes():
    small, full = (
        parameters(ModelConfig(symbols=61, controls=7, **attrs.asdict(read_config(name).model)))
        for name in ("small", "full")
    )
    assert small < 8_000_000
    assert 28_000_000 < full < 28_500_000


@pytest.mark.parametrize("prior", [True, False])
@pytest.mark.parametrize("into", [("memory", "attention", "decoder"), ("decoder",), ()])
def test_steps_do_what_the_whole_pass_does(prior, into):
    config = attrs.evolve(TINY, causal_prior=prior, controls_into=into)
    tacotron, given = model(config), batch(config, [7], [5])
    with torch.no_grad():
        whole = tacotron(**given).decoded
        memory = tacotron.encoder(given["symbols"], None, given["controls"])
        keys, state = tacotron.decoder.attention.memory(memory), tacotron.decoder.start(memory)
        frame = tacotron.go_frame(1)[:, 0]
        for step in range(5):
            frames, stop, state = tacotron.decoder.step(
                memory, keys, frame, given["controls"], given["masks"][:, :, step], state
            )
            assert frames == pytest.approx(whole.frames[:, 2 * step : 2 * step + 2], abs=1e-5)
            assert stop == pytest.approx(whole.stop[:, step], abs=1e-5)
            assert state.alignment == pytest.approx(whole.alignments[:, step], abs=1e-5)
            frame = given["frames"][:, 2 * step + 1]


def test_padding_changes_nothing():
    tacotron = model()
    both = batch(TINY, [9, 5], [6, 4])
    alone = {
        "symbols": both["symbols"][1:, :5],
        "text_lengths": both["text_lengths"][1:],
        "controls": both["controls"][1:],
        "frames": both["frames"][1:, :8],
        "frame_lengths": both["frame_lengths"][1:],
        "masks": both["masks"][:, 1:, :4],
    }
    with torch.no_grad():
        padded, single = tacotron(**both), tacotron(**alone)
    assert padded.decoded.frames[1:, :8] == pytest.approx(single.decoded.frames, abs=1e-5)
    assert padded.sharpened[1:, :8] == pytest.approx(single.sharpened, abs=1e-5)
    assert padded.decoded.alignments[1:, :4, :5] == pytest.approx(single.decoded.alignments, abs=1e-5)
    assert not padded.decoded.alignments[1, :, 5:].any()


def test_each_frame_hears_only_the_frames_before_it():
    tacotron, given = model(), batch(TINY, [7], [6])
    with torch.no_grad():
        before = tacotron(**given).decoded.frames
        given["frames"] = given["frames"].clone()
        given["frames"][:, 6:] += 1.0
        after = tacotron(**given).decoded.frames
    assert torch.equal(before[:, :8], after[:, :8])  # the fourth step still hears frame 5 as its last
    assert not torch.allclose(before[:, 8:], after[:, 8:])


def test_a_pass_leaves_its_inputs_as_they_were():
    given = batch(TINY, [7, 4], [6, 3])
    copies = {name: tensor.clone() for name, tensor in given.items()}
    model()(**given)
    assert all(torch.equal(copies[name], tensor) for name, tensor in given.items())


def test_gradients_are_those_of_finite_differences():
    """Without the prior: through the shift of the last alignment no gradient flows, on purpose."""
    sizes = {"embedding": 4, "prenet": 3, "attention_lstm": 3, "attention": 3, "decoder_lstm": 3, "postnet": 3}
    config = attrs.evolve(TINY, causal_prior=False, **sizes)
    tacotron, given = model(config).double(), batch(config, [4], [3])
    given = {name: tensor.double() if tensor.is_floating_point() else tensor for name, tensor in given.items()}
    weight, symbol = tacotron.encoder.embedding.weight, int(given["symbols"][0, 1])

    def loss(change: float, column: int) -> torch.Tensor:
        with torch.no_grad():
            weight[symbol, column] += change
            value = tacotron(**given).sharpened.square().sum()
            weight[symbol, column] -= change
        return value

    for column in range(config.embedding):
        tacotron.zero_grad()
        tacotron(**given).sharpened.square().sum().backward()
        slope = float(loss(1e-3, column) - loss(-1e-3, column)) / 2e-3
        assert float(weight.grad[symbol, column]) == pytest.approx(slope, rel=1e-2, abs=1e-3)  # energies are float32


@pytest.mark.parametrize("place", ["memory", "attention", "decoder"])
def test_controls_are_heard_wherever_they_go_in(place):
    config = attrs.evolve(TINY, controls_into=(place,))
    tacotron, given = model(config), batch(config, [7], [5])
    with torch.no_grad():
        one = tacotron(**given).decoded.frames
        other = tacotron(**(given | {"controls": given["controls"] + 0.5})).decoded.frames
    assert (one - other).abs().mean() > 1e-3


def test_controls_steer_attention_only_where_it_hears_them():
    given = batch(TINY, [7], [5])
    moved = given | {"controls": given["controls"] + 0.5}
    for into, steers in ((("decoder",), False), (("attention",), True), (("memory",), True)):
        tacotron = model(attrs.evolve(TINY, controls_into=into))
        with torch.no_grad():
            same = torch.equal(tacotron(**given).decoded.alignments, tacotron(**moved).decoded.alignments)
        assert same is not steers


def test_speech_is_decided_by_its_masks():
    tacotron = model()
    tacotron.decoder.stop.bias.data.fill_(-50.0)
    symbols, controls = torch.tensor([3, 1, 4, 1, 5]), torch.zeros(3)
    masks = [tacotron.prenet_masks(12, generator=torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)]
    first, again, other = (tacotron.speak(symbols, controls, mask) for mask in masks)
    assert torch.equal(first.mel, again.mel)
    assert not torch.equal(first.mel, other.mel)


def test_speech_ends_at_the_stop_token_or_at_the_limit():
    tacotron = model()
    masks = tacotron.prenet_masks(9)
    with torch.no_grad():
        tacotron.decoder.stop.bias.fill_(-50.0)
        cut = tacotron.speak(torch.tensor([3, 1, 4]), torch.zeros(3), masks)
        tacotron.decoder.stop.bias.fill_(50.0)
        stopped = tacotron.speak(torch.tensor([3, 1, 4]), torch.zeros(3), masks)
    assert (len(cut.mel), cut.stopped) == (18, False)
    assert (len(stopped.mel), stopped.stopped) == (2, True)


def test_normalising_is_undone():
    tacotron = model()
    tacotron.mel_mean.fill_(-5.0)
    tacotron.mel_sd.fill_(2.0)
    mel = torch.randn(4, 6)
    assert tacotron.denormalise(tacotron.normalise(mel)) == pytest.approx(mel, abs=1e-6)


def test_lstm_step_is_that_of_pytorch():
    torch.manual_seed(0)
    cell = torch.nn.LSTMCell(5, 7)
    inputs, hidden, memory = torch.randn(3, 5), torch.randn(3, 7), torch.randn(3, 7)
    gates = inputs @ cell.weight_ih.T + cell.bias_ih + hidden @ cell.weight_hh.T + cell.bias_hh
    for one, other in zip(lstm_step(gates, memory), cell(inputs, (hidden, memory)), strict=True):
        assert one.detach() == pytest.approx(other.detach(), abs=1e-6)


def test_prior_moves_one_position_a_step_on_average():
    taps = prior_taps()
    assert float(taps.sum()) == pytest.approx(1.0)
    assert float((taps * torch.arange(11)).sum()) == pytest.approx(1.0)


def test_attention_with_a_prior_neither_goes_back_nor_leaps():
    torch.manual_seed(0)
    attention = Attention(TINY)
    keys = 0.5 * torch.randn(1, 60, TINY.attention)
    at = torch.zeros(1, 60)
    at[0, 30] = 1.0
    with torch.no_grad():
        alignment = attention(torch.randn(1, TINY.attention_lstm), keys, at, at, None)
    assert float(alignment[0, 30:41].sum()) > 0.99


def test_attention_ignores_padding():
    torch.manual_seed(0)
    attention = Attention(attrs.evolve(TINY, causal_prior=False))
    nowhere = torch.zeros(1, 8)
    padding = lengths_to_mask(torch.tensor([5]), 8)
    with torch.no_grad():
        alignment = attention(
            torch.randn(1, TINY.attention_lstm), torch.randn(1, 8, TINY.attention), nowhere, nowhere, padding
        )
    assert not alignment[0, 5:].any()
    assert float(alignment.sum()) == pytest.approx(1.0)
