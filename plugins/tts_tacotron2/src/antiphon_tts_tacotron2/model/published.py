"""Takes over weights of others: of this package's layout, or of the layout that NVIDIA published in 2018.

Whatever has the same name and shape is taken. Where only the input grew, by the controls that others do not have, the
old columns are taken and the new ones start at zero, so that the model begins by speaking as the other did.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from antiphon.errors import ModelError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from antiphon_tts_tacotron2.model.tacotron2 import Tacotron2

_NAMES: tuple[tuple[str, str], ...] = (
    (r"embedding\.weight", "encoder.embedding.weight"),
    (r"encoder\.convolutions\.(\d+)\.0\.conv\.(.+)", r"encoder.convolutions.\1.conv.\2"),
    (r"encoder\.convolutions\.(\d+)\.1\.(.+)", r"encoder.convolutions.\1.norm.\2"),
    (r"encoder\.lstm\.(.+)", r"encoder.lstm.\1"),
    (r"decoder\.prenet\.layers\.0\.linear_layer\.(.+)", r"decoder.prenet.first.\1"),
    (r"decoder\.prenet\.layers\.1\.linear_layer\.(.+)", r"decoder.prenet.second.\1"),
    (r"decoder\.attention_rnn\.(.+)", r"decoder.attention_lstm.\1"),
    (r"decoder\.attention_layer\.(query|memory)_layer\.linear_layer\.(.+)", r"decoder.attention.\1.\2"),
    (r"decoder\.attention_layer\.v\.linear_layer\.(.+)", r"decoder.attention.v.\1"),
    (r"decoder\.attention_layer\.location_layer\.location_conv\.conv\.(.+)", r"decoder.attention.location_conv.\1"),
    (r"decoder\.attention_layer\.location_layer\.location_dense\.linear_layer\.(.+)", r"decoder.attention.location.\1"),
    (r"decoder\.decoder_rnn\.(weight_ih|weight_hh|bias_ih|bias_hh)", r"decoder.decoder_lstm.\1_l0"),
    (r"decoder\.linear_projection\.linear_layer\.(.+)", r"decoder.frames.\1"),
    (r"decoder\.gate_layer\.linear_layer\.(.+)", r"decoder.stop.\1"),
    (r"postnet\.convolutions\.(\d+)\.0\.conv\.(.+)", r"postnet.convolutions.\1.conv.\2"),
    (r"postnet\.convolutions\.(\d+)\.1\.(.+)", r"postnet.convolutions.\1.norm.\2"),
)

_GROWN = {"decoder.attention_lstm.weight_ih", "decoder.decoder_lstm.weight_ih_l0"}


def renamed(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of the published layout under the names of this package.

    Biases of the postnet's convolutions go into the means of the normalisation behind them, which is the same function.
    """
    result: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        for pattern, replacement in _NAMES:
            match = re.fullmatch(pattern, name.removeprefix("module."))
            if match:
                result[match.expand(replacement)] = tensor
                break
        else:
            result[name] = tensor
    for name in [name for name in result if re.fullmatch(r"postnet\.convolutions\.\d+\.conv\.bias", name)]:
        mean = name.replace("conv.bias", "norm.running_mean")
        bias = result.pop(name)
        if mean in result:
            result[mean] = result[mean] - bias
    return result


def take_over(model: Tacotron2, path: Path) -> list[str]:
    """Give a model the weights of a file as far as they fit; returns the names of its own that did not come from there.

    Raises:
        ModelError: the file cannot be read (only safetensors is: other formats can run code), or nothing in it fits.
    """
    try:
        weights = renamed(load_file(path))
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path}: is no safetensors file ({error}); convert the checkpoint first") from error
    own = model.state_dict()
    taken = {name: _fitted(name, weights[name], tensor) for name, tensor in own.items() if name in weights}
    fitting = {name: tensor for name, tensor in taken.items() if tensor is not None}
    if not fitting:
        raise ModelError(f"{path}: none of its weights has the name and shape of one of this model")
    model.load_state_dict(own | fitting)
    return sorted(own.keys() - fitting.keys())


def _fitted(name: str, given: Tensor, own: Tensor) -> Tensor | None:
    """The weight as the model can take it, or None."""
    if given.shape == own.shape:
        return given.to(own.dtype)
    if name in _GROWN and given.shape[0] == own.shape[0] and given.shape[1] < own.shape[1]:
        new = own.new_zeros(len(own), own.shape[1] - given.shape[1])
        return torch.cat((given.to(own.dtype), new), 1)
    return None
