"""Fakes of what lies between the two voices: normaliser, responders, strategy and transform."""

from __future__ import annotations

import random
from collections.abc import Iterator

from antiphon.features import Measurement, Measurements, present
from antiphon.payloads import Exchange, Observation, Reply, Target
from antiphon.testing.fakes.faults import Fake, FakeSession
from antiphon.testing.fakes.options import NormalizerOptions, ResponderOptions, StrategyOptions, TransformOptions


class NormalizerSession(FakeSession[NormalizerOptions]):
    """Deviation from the first value of the session."""

    def _start(self) -> None:
        self._first: dict[str, float] = {}

    def normalize(self, features: Measurements) -> Measurements:
        return {name: self._one(name, features.get(name)) for name in self.setup.specs}

    def _one(self, name: str, measurement: Measurement | None) -> Measurement:
        if measurement is None or measurement.value is None:
            return measurement or Measurement(None, "not measured")
        spec = self.setup.specs[name]
        value = spec.to_log(measurement.value)
        sd = self.options.sd_db if spec.floor is None else self.options.sd
        return Measurement((value - self._first.setdefault(name, value)) / sd)


class Normalizer(Fake[NormalizerOptions]):
    """Deviation from the first value."""

    session_class = NormalizerSession


class EchoSession(FakeSession[ResponderOptions]):
    """Says what the user said."""

    def respond(self, exchange: Exchange) -> Reply:
        return Reply(exchange.text or self.options.pardon, {"turn": exchange.turn})


class Echo(Fake[ResponderOptions]):
    """Says what the user said."""

    session_class = EchoSession


class StreamingEchoSession(FakeSession[ResponderOptions]):
    """Says what the user said, word by word."""

    def stream(self, exchange: Exchange) -> Iterator[str]:
        words = (exchange.text or self.options.pardon).split(" ")
        for word in words[:-1]:
            yield word + " "
        yield words[-1]


class StreamingEcho(Fake[ResponderOptions]):
    """Says what the user said, word by word."""

    session_class = StreamingEchoSession


class MirrorSession(FakeSession[StrategyOptions]):
    """The user's latest value of each feature, scaled, with noise from the seed."""

    def _start(self) -> None:
        self._latest: dict[str, float] = {}
        self._random = random.Random(self.seed)

    def observe(self, observation: Observation) -> None:
        self._latest.update(present(observation.normalised))

    def propose(self, reply: Reply) -> Target:
        o = self.options
        return Target({name: o.weight * z + self._random.gauss(0, o.noise) for name, z in self._latest.items()})

    def realised(self, observation: Observation) -> None:
        pass


class Mirror(Fake[StrategyOptions]):
    """Asks for what the user did."""

    session_class = MirrorSession


class GainSession(FakeSession[TransformOptions]):
    """Every value times a number."""

    def apply(self, features: Measurements) -> Measurements:
        return {name: self._one(measurement) for name, measurement in features.items()}

    def _one(self, measurement: Measurement) -> Measurement:
        return measurement if measurement.value is None else Measurement(measurement.value * self.options.gain)


class Gain(Fake[TransformOptions]):
    """Every value times a number."""

    session_class = GainSession
