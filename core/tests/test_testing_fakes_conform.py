"""The fakes pass the conformance suites, each stage's and each variant's."""

from typing import Any, ClassVar

from antiphon.testing import conformance, plugin


class Fakes:
    name = "fake"
    modules: ClassVar[list[tuple[str, Any]]] = [("fakes", plugin)]


class TestAudio(Fakes, conformance.AudioInSuite):
    name = "fake-audio"


class TestText(Fakes, conformance.AudioInSuite):
    name = "fake-text"


class TestEndpoint(Fakes, conformance.EndpointerSuite):
    pass


class TestRecognizer(Fakes, conformance.RecognizerSuite):
    name = "fake-process"


class TestStreamingRecognizer(Fakes, conformance.RecognizerSuite):
    name = "fake-streaming"


class TestPausingRecognizer(Fakes, conformance.RecognizerSuite):
    name = "fake-pausing"


class TestFeatures(Fakes, conformance.FeaturesSuite):
    name = "fake-process"


class TestNormalizer(Fakes, conformance.NormalizerSuite):
    pass


class TestResponder(Fakes, conformance.ResponderSuite):
    pass


class TestStreamingResponder(Fakes, conformance.ResponderSuite):
    name = "fake-streaming-process"


class TestStrategy(Fakes, conformance.StrategySuite):
    options: ClassVar[dict[str, Any]] = {"weight": 0.5, "noise": 0.1}


class TestTransform(Fakes, conformance.TransformSuite):
    options: ClassVar[dict[str, Any]] = {"gain": 2.0}


class TestSynthesizer(Fakes, conformance.SynthesizerSuite):
    name = "fake-process"


class TestStreamingSynthesizer(Fakes, conformance.SynthesizerSuite):
    name = "fake-streaming"


class TestMelSynthesizer(Fakes, conformance.SynthesizerSuite):
    name = "fake-mel"


class TestVocoder(Fakes, conformance.VocoderSuite):
    pass


class TestAudioOut(Fakes, conformance.AudioOutSuite):
    pass


class TestTrack(Fakes, conformance.AudioOutSuite):
    name = "fake-track"
