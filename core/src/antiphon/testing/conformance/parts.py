"""Suites of what is chosen inside the options of a stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from antiphon.testing.conformance.calls import Call, call
from antiphon.testing.conformance.inputs import ODD_TEXTS
from antiphon.testing.conformance.suite import Conversation, Suite


class EmbeddingSuite(Suite):
    """Embeddings of text."""

    stage = "embedding"

    @pytest.fixture
    def conversations(self) -> tuple[Conversation, Conversation]:
        texts = ("hello there", "I am tired", "hello there", "so it goes"), ("why is that", "I see", "hello there")
        first, second = ([call("embed", text) for text in part] for part in texts)
        return first, second

    @pytest.fixture
    def odd(self) -> Mapping[str, Conversation]:
        return {label: [call("embed", text)] for label, text in ODD_TEXTS.items()}

    def check(self, one: Call, result: Any) -> None:
        assert isinstance(result, np.ndarray), f"{one} gives {type(result).__name__}, no array"
        assert result.dtype == np.float32, f"{one} gives {result.dtype}, not float32"
        assert result.ndim == 2, f"{one} gives the shape {result.shape}, not (words, dims)"
        assert result.shape[1] > 0, f"{one} gives vectors without numbers"
        assert np.isfinite(result).all(), f"{one} gives numbers that are not finite"

    def test_vectors_of_all_texts_have_the_same_length(self, component: Any) -> None:
        session = component.session(0)
        lengths = {session.embed(text).shape[1] for text in ("", "hello", "hello there, how are you?")}
        assert len(lengths) == 1, f"vectors have {sorted(lengths)} numbers"

    def test_the_same_text_gives_the_same_vectors(self, component: Any) -> None:
        session = component.session(0)
        first = session.embed("hello there").copy()
        session.embed("something else")
        assert np.array_equal(session.embed("hello there"), first)
