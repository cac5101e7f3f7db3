"""The state of the model in a conversation: plain tensors, given in and handed back, never kept inside."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class State(NamedTuple):
    """Everything the model remembers of the turns so far, of B conversations.

    Attributes:
        encoder: hidden (and cell) states, shape ``(kinds, layers, B, units)``.
        decoder: the same, of the decoder; with one for each feature, ``(kinds, layers, B, features, units)``.
        keys: what attention compares with, of the latest H turns, shape ``(B, H, attention units)``.
        values: what attention reads, shape ``(B, H, encoder units)``.
        is_us: whose turns these are, shape ``(B, H)``, 1 for ours.
        turns: how many turns there were, the partner's and ours, shape ``(B, 2)``, float.
        latest: the latest z-scores of the partner and of us, and their validity, shape ``(B, 2, 2 * features)``.
    """

    encoder: Tensor
    decoder: Tensor
    keys: Tensor
    values: Tensor
    is_us: Tensor
    turns: Tensor
    latest: Tensor


class Spoken(NamedTuple):
    """A turn that the model is told of.

    Attributes:
        z: shape ``(B, features)``, 0 where missing.
        valid: shape ``(B, features)``, 1 where measured.
        is_us: shape ``(B,)``, 1 where it is ours.
        text: what the text encoder made of its words, shape ``(B, text units)``.
    """

    z: Tensor
    valid: Tensor
    is_us: Tensor
    text: Tensor


class Prediction(NamedTuple):
    """What the model says of the next turn.

    Attributes:
        z: shape ``(B, features)``.
        attention: the weight of each turn of the history, shape ``(B, heads, H)``; 0 where there is no turn.
    """

    z: Tensor
    attention: Tensor
