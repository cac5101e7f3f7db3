"""One suite of tests per stage, which every implementation should pass.

A plugin's test module derives a class, whose name starts with ``Test``, from the suite of its stage::

    from antiphon.testing import conformance

    class TestMine(conformance.StrategySuite):
        name = "mine"

The attributes of `Suite` say what is tested; its fixtures give the inputs and can be overridden like any fixture.
"""

from antiphon.testing.conformance.deciding import NormalizerSuite, ResponderSuite, StrategySuite, TransformSuite
from antiphon.testing.conformance.listening import AudioInSuite, EndpointerSuite, FeaturesSuite, RecognizerSuite
from antiphon.testing.conformance.parts import EmbeddingSuite
from antiphon.testing.conformance.speaking import AudioOutSuite, SynthesizerSuite, VocoderSuite
from antiphon.testing.conformance.suite import Suite

__all__ = [
    "AudioInSuite",
    "AudioOutSuite",
    "EmbeddingSuite",
    "EndpointerSuite",
    "FeaturesSuite",
    "NormalizerSuite",
    "RecognizerSuite",
    "ResponderSuite",
    "StrategySuite",
    "Suite",
    "SynthesizerSuite",
    "TransformSuite",
    "VocoderSuite",
]
