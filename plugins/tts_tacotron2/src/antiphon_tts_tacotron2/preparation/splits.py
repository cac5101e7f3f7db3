"""Splits a corpus into training, validation and test data by phrase: all takes of a phrase are in one split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np

from antiphon_tts_tacotron2.text.written import spoken

Split = Literal["train", "validation", "test"]


def split_by_phrase(texts: Mapping[str, str], seed: int, held_out: float = 0.03) -> dict[str, Split]:
    """The split of each utterance. ``texts`` are by id; ``held_out`` is the share of phrases in each of two splits.

    A corpus of one phrase has training data only; one of two has no test data.
    """
    phrases = sorted({_phrase(text) for text in texts.values()})
    order = [phrases[i] for i in np.random.default_rng(seed).permutation(len(phrases))]
    count = max(1, round(held_out * len(phrases)))
    kept: dict[str, Split] = dict.fromkeys(order[:count] if len(phrases) > 1 else (), "validation")
    kept |= dict.fromkeys(order[count : 2 * count] if len(phrases) > 2 else (), "test")
    return {id_: kept.get(_phrase(text), "train") for id_, text in texts.items()}


def phrases(texts: Iterable[str]) -> int:
    """How many different phrases there are."""
    return len({_phrase(text) for text in texts})


def _phrase(text: str) -> str:
    return "".join(c for c in spoken(text) if c.isalpha() or c == " ")
