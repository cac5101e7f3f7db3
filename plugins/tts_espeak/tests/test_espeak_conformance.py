"""The synthesizer passes the suite of its stage."""

from antiphon.testing import conformance


class TestEspeak(conformance.SynthesizerSuite):
    name = "espeak"


class TestEspeakFemale(conformance.SynthesizerSuite):
    name = "espeak"
    options = {"name": "en-us+f5"}  # noqa: RUF012
