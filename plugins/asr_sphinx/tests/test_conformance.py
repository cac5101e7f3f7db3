"""Each implementation passes the suite of its stage."""

from __future__ import annotations

import pytest
from antiphon.testing import conformance
from antiphon_asr_sphinx.recognizer import SphinxRecognizer


class TestSphinxRecognizer(conformance.RecognizerSuite):
    name = "sphinx"

    @pytest.fixture
    def component(self, recognizer: SphinxRecognizer) -> SphinxRecognizer:
        """Opened once for all tests."""
        return recognizer


class TestSphinxEndpointer(conformance.EndpointerSuite):
    name = "sphinx"


class TestRate(conformance.FeaturesSuite):
    name = "rate"
