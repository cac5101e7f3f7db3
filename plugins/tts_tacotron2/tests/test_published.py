"""Weights of others."""

from __future__ import annotations

import itertools

import attrs
import pytest

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors.torch")

from antiphon.errors import ModelError  # noqa: E402
from antiphon_tts_tacotron2.model.config import ModelConfig  # noqa: E402
from antiphon_tts_tacotron2.model.published import take_over  # noqa: E402
from antiphon_tts_tacotron2.model.tacotron2 import Tacotron2  # noqa: E402

PLAIN = ModelConfig(
    symbols=9, controls=0, bands=5, embedding=8, prenet=4, attention_lstm=6, attention=7, decoder_lstm=10, postnet=6
)


def published(config: ModelConfig) -> dict[str, torch.Tensor]:
    """A checkpoint in the layout of NVIDIA's implementation, with its names and shapes."""
    random = torch.Generator().manual_seed(0)
    size, attention, bands = config.embedding, config.attention, config.bands
    shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (config.symbols, size)}

    def convolution(name: str, inputs: int, outputs: int, kernel: int) -> None:
        shapes[f"{name}.0.conv.weight"] = (outputs, inputs, kernel)
        for part in ("0.conv.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"):
            shapes[f"{name}.{part}"] = (outputs,)
        shapes[f"{name}.1.num_batches_tracked"] = ()

    def lstm(name: str, inputs: int, hidden: int, suffix: str = "") -> None:
        shapes[f"{name}.weight_ih{suffix}"] = (4 * hidden, inputs)
        shapes[f"{name}.weight_hh{suffix}"] = (4 * hidden, hidden)
        shapes[f"{name}.bias_ih{suffix}"] = shapes[f"{name}.bias_hh{suffix}"] = (4 * hidden,)

    for number in range(config.encoder_layers):
        convolution(f"encoder.convolutions.{number}", size, size, config.encoder_kernel)
    for suffix in ("_l0", "_l0_reverse"):
        lstm("encoder.lstm", size, size // 2, suffix)
    shapes["decoder.prenet.layers.0.linear_layer.weight"] = (config.prenet, bands)
    shapes["decoder.prenet.layers.1.linear_layer.weight"] = (config.prenet, config.prenet)
    lstm("decoder.attention_rnn", config.prenet + size, config.attention_lstm)
    layer = "decoder.attention_layer"
    shapes[f"{layer}.query_layer.linear_layer.weight"] = (attention, config.attention_lstm)
    shapes[f"{layer}.memory_layer.linear_layer.weight"] = (attention, size)
    shapes[f"{layer}.v.linear_layer.weight"] = (1, attention)
    shapes[f"{layer}.location_layer.location_conv.conv.weight"] = (config.location_filters, 2, config.location_kernel)
    shapes[f"{layer}.location_layer.location_dense.linear_layer.weight"] = (attention, config.location_filters)
    lstm("decoder.decoder_rnn", config.attention_lstm + size, config.decoder_lstm)
    for name, outputs in (("linear_projection", bands), ("gate_layer", 1)):
        shapes[f"decoder.{name}.linear_layer.weight"] = (outputs, config.decoder_lstm + size)
        shapes[f"decoder.{name}.linear_layer.bias"] = (outputs,)
    sizes = [bands, *[config.postnet] * (config.postnet_layers - 1), bands]
    for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        convolution(f"postnet.convolutions.{number}", inputs, outputs, config.postnet_kernel)
    weights = {name: torch.rand(shape, generator=random) - 0.4 for name, shape in shapes.items()}
    return {
        name: torch.tensor(3) if "num_batches" in name else tensor.abs() + 0.5 if "running_var" in name else tensor
        for name, tensor in weights.items()
    }


def stored(weights: dict[str, torch.Tensor], folder) -> object:
    path = folder / "published.safetensors"
    safetensors.save_file(weights, path)
    return path


def test_every_published_weight_is_taken(tmp_path):
    model = Tacotron2(attrs.evolve(PLAIN, controls_into=()))
    assert take_over(model, stored(published(PLAIN), tmp_path)) == ["mel_mean", "mel_sd"]


def test_names_mean_what_they_mean(tmp_path):
    """Postnet and prenet of the published layout, computed by its definition, are what the model computes."""
    weights, model = published(PLAIN), Tacotron2(PLAIN).eval()
    take_over(model, stored(weights, tmp_path))
    frames = torch.rand(2, 11, PLAIN.bands)
    hidden = frames.transpose(1, 2)
    for number in range(PLAIN.postnet_layers):
        part = {
            name.split(".", 3)[3]: w
            for name, w in weights.items()
            if name.startswith(f"postnet.convolutions.{number}.")
        }
        hidden = torch.nn.functional.conv1d(hidden, part["0.conv.weight"], part["0.conv.bias"], padding=2)
        hidden = torch.nn.functional.batch_norm(
            hidden, part["1.running_mean"], part["1.running_var"], part["1.weight"], part["1.bias"]
        )
        hidden = hidden if number == PLAIN.postnet_layers - 1 else torch.tanh(hidden)
    with torch.no_grad():
        assert model.postnet(frames, None) == pytest.approx(frames + hidden.transpose(1, 2), rel=1e-4, abs=1e-4)
        layers = [weights[f"decoder.prenet.layers.{n}.linear_layer.weight"] for n in (0, 1)]
        expected = torch.relu(torch.relu(frames @ layers[0].T) @ layers[1].T)
        assert model.decoder.prenet(frames, torch.ones(2, 1)) == pytest.approx(expected, abs=1e-5)


def test_new_controls_begin_without_effect(tmp_path):
    path = stored(published(PLAIN), tmp_path)
    plain, controlled = (
        Tacotron2(PLAIN),
        Tacotron2(attrs.evolve(PLAIN, controls=3, controls_into=("attention", "decoder"))),
    )
    take_over(plain, path)
    take_over(controlled, path)
    symbols, masks = torch.tensor([1, 2, 3]), torch.ones(2, 5, PLAIN.prenet)
    one = plain.eval().speak(symbols, torch.zeros(0), masks)
    other = controlled.eval().speak(symbols, torch.randn(3), masks)
    assert one.mel == pytest.approx(other.mel, abs=1e-4)


def test_weights_of_other_sizes_are_left_out(tmp_path):
    model = Tacotron2(attrs.evolve(PLAIN, symbols=12))
    before = model.encoder.embedding.weight.clone()
    assert "encoder.embedding.weight" in take_over(model, stored(published(PLAIN), tmp_path))
    assert torch.equal(model.encoder.embedding.weight, before)


def test_a_file_of_something_else_is_refused(tmp_path):
    with pytest.raises(ModelError, match="none of its weights"):
        take_over(Tacotron2(PLAIN), stored({"other": torch.zeros(3)}, tmp_path))


def test_pickles_are_refused(tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save({"state_dict": published(PLAIN)}, path)
    with pytest.raises(ModelError, match="no safetensors file"):
        take_over(Tacotron2(PLAIN), path)
