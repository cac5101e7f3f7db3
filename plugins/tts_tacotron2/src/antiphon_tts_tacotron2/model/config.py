"""The sizes of a model; `configs/` holds those that have names."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

Place = Literal["memory", "attention", "decoder"]
"""Where the controls go in: the encoder's output, the attention LSTM, the decoder LSTM."""


@frozen
class ModelConfig:
    """Sizes of Tacotron 2; the defaults are the published ones.

    Attributes:
        reduction: mel frames that each step of the decoder makes.
        controls_into: where the control vector goes in.
        causal_prior: whether attention is kept from going back and from leaping (Battenberg et al. 2020).
        dropout: of the convolutions; ``lstm_dropout`` of the LSTMs' outputs, ``prenet_dropout`` also when it speaks.
    """

    symbols: int
    controls: int
    bands: int = 80
    reduction: int = 1
    controls_into: tuple[Place, ...] = ("memory", "attention", "decoder")
    causal_prior: bool = True
    embedding: int = 512
    encoder_layers: int = 3
    encoder_kernel: int = 5
    prenet: int = 256
    attention_lstm: int = 1024
    attention: int = 128
    location_filters: int = 32
    location_kernel: int = 31
    decoder_lstm: int = 1024
    postnet: int = 512
    postnet_layers: int = 5
    postnet_kernel: int = 5
    dropout: float = 0.5
    prenet_dropout: float = 0.5
    lstm_dropout: float = 0.1

    def controls_at(self, place: Place) -> int:
        """How many control values go in there."""
        return self.controls if place in self.controls_into else 0
