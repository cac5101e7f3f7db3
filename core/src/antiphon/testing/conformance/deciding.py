"""Suites of what lies between the two voices."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from antiphon.features import PROSODY, FeatureSpec, Measurement, Measurements, Scale, missing
from antiphon.payloads import Exchange, Observation, Reply, Target, VoiceCard
from antiphon.provider import Provider
from antiphon.stages import Setup
from antiphon.testing.conformance.calls import Call, call, results, same
from antiphon.testing.conformance.checks import check_extras, check_measurements, check_specs, check_values
from antiphon.testing.conformance.inputs import ODD_TEXTS, VOICE, measurements, observation
from antiphon.testing.conformance.suite import Conversation, Suite

TURNS = 6


class SpecsSuite(Suite):
    """Stages that are given features.

    Attributes:
        scale: of the features that reach it.
    """

    scale: ClassVar[Scale] = "raw"

    @pytest.fixture
    def specs(self) -> Mapping[str, FeatureSpec]:
        """The features that reach it."""
        return {spec.name: spec.on(self.scale) for spec in PROSODY}

    @pytest.fixture
    def voice(self) -> VoiceCard:
        """The voice that will speak."""
        return VOICE

    @pytest.fixture
    def pipeline(self, specs: Mapping[str, FeatureSpec], voice: VoiceCard) -> Setup:
        return Setup(folder=Path.cwd(), specs=specs, voice=voice)


class ConvertingSuite(SpecsSuite):
    """Stages that turn features into others: normalisers and transforms."""

    method: ClassVar[str]

    @pytest.fixture
    def converted(self, chosen: Any, specs: Mapping[str, FeatureSpec]) -> Mapping[str, FeatureSpec]:
        """What it says that it makes of them."""
        return check_specs(chosen.convert(specs))

    @pytest.fixture
    def conversations(self, specs: Mapping[str, FeatureSpec]) -> tuple[Conversation, Conversation]:
        first, second = (
            [call(self.method, measurements(specs, turn, conversation)) for turn in range(TURNS)]
            for conversation in range(2)
        )
        return first, second

    @pytest.fixture
    def odd(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, Conversation]:
        usual = measurements(specs, 0)
        some = {**usual, **missing(list(specs)[::2], "unvoiced")}
        return {
            "all missing": [call(self.method, missing(specs, "silence"))] * 3,
            "some missing": [call(self.method, some), call(self.method, usual), call(self.method, some)],
            "none given": [call(self.method, {})],
            "others given": [call(self.method, {**usual, "unheard_of": Measurement(1.0)})],
            **{f"all {x}": [call(self.method, dict.fromkeys(specs, Measurement(x)))] * 3 for x in EXTREMES},
        }

    @pytest.fixture(autouse=True)
    def _remember_what_is_made(self, specs: Mapping[str, FeatureSpec], converted: Mapping[str, FeatureSpec]) -> None:
        self._given, self._converted = specs, converted

    def check(self, one: Call, result: Any) -> None:
        as_promised = set(one.arguments[0]) == set(self._given)
        check_measurements(result, self._converted if as_promised else result)

    def test_missing_stays_missing(
        self, component: Any, specs: Mapping[str, FeatureSpec], converted: Mapping[str, FeatureSpec]
    ) -> None:
        made = call(self.method, missing(specs, "silence")).on(component.session(0))
        invented = {name: m.value for name, m in made.items() if m.value is not None}
        assert not invented, f"from missing measurements it made {invented}"


EXTREMES = (0.0, 1e-300, -1.0, 1e6)
"""Values that logarithms and ratios stumble over."""


class NormalizerSuite(ConvertingSuite):
    """Normalisers."""

    stage = "normalizer"
    method = "normalize"

    def test_missing_turns_leave_the_statistics_alone(
        self, component: Any, specs: Mapping[str, FeatureSpec], conversations: tuple[Conversation, Conversation]
    ) -> None:
        self._needs_repeatable()
        silent = call(self.method, missing(specs, "silence"))
        with_silence = [one for spoken in conversations[0] for one in (spoken, silent)]
        answers = results(component.session(0), with_silence)
        assert same(answers[::2], results(component.session(0), conversations[0])), "a missing turn changed the others"

    def test_measured_becomes_measured(self, component: Any, specs: Mapping[str, FeatureSpec]) -> None:
        made = results(component.session(0), [call(self.method, measurements(specs, turn)) for turn in range(TURNS)])
        assert any(m.value is not None for m in made[-1].values()), f"after {TURNS} turns nothing is normalised: {made}"


class TransformSuite(ConvertingSuite):
    """Transforms."""

    stage = "transform"
    method = "apply"


class ResponderSuite(Suite):
    """Responders, plain and streaming."""

    stage = "responder"

    @pytest.fixture
    def respond(self, provider: Provider) -> str:
        """The method that answers."""
        return "stream" if "streaming" in provider.capabilities else "respond"

    @pytest.fixture
    def conversations(self, respond: str) -> tuple[Conversation, Conversation]:
        first = ("hello", "I am tired of my work", "because my mother says so", "", "goodbye")
        second = ("my computer is slow", "hello", "what should I do?", "no", "you are no help")
        return _conversation(respond, first), _conversation(respond, second)

    @pytest.fixture
    def odd(self, respond: str) -> Mapping[str, Conversation]:
        return {
            **{label: _conversation(respond, (text, "hello")) for label, text in ODD_TEXTS.items()},
            "a very long text": _conversation(respond, ("I think that you are wrong. " * 400,)),
            "a very long history": [call(respond, Exchange(900, "hello", (("user", "yes"), ("agent", "no")) * 900))],
            "nothing, again and again": _conversation(respond, ("",) * 5),
            "turns out of order": [call(respond, Exchange(turn, "hello")) for turn in (3, 0, 0, 7)],
        }

    def check(self, one: Call, result: Any) -> None:
        if one.method == "stream":
            assert all(isinstance(piece, str) for piece in result), f"stream() gave {result!r}, not texts"
        else:
            assert isinstance(result, Reply), f"respond() returned {result!r}"
            assert isinstance(result.text, str), f"the reply is {result.text!r}"
            check_extras(result.extras)

    def test_a_reply_can_be_cut_off(self, component: Any, respond: str) -> None:
        if respond != "stream":
            pytest.skip("replies at once")
        session = component.session(0)
        pieces = session.stream(Exchange(0, "hello"))
        next(pieces, None)
        pieces.close()
        again = call(respond, Exchange(1, "hello again"))
        self.check(again, again.on(session))


def _conversation(respond: str, texts: tuple[str, ...]) -> list[Call]:
    history: tuple[tuple[Any, str], ...] = ()
    calls = []
    for turn, text in enumerate(texts):
        calls.append(call(respond, Exchange(turn, text, history)))
        history = (*history, ("user", text), ("agent", f"reply {turn}"))
    return calls


class StrategySuite(SpecsSuite):
    """Entrainment strategies."""

    stage = "strategy"
    scale: ClassVar[Scale] = "z"

    @pytest.fixture
    def conversations(self, specs: Mapping[str, FeatureSpec]) -> tuple[Conversation, Conversation]:
        first, second = (
            [one for turn in range(TURNS) for one in _exchange(turn, *_turns(specs, turn, conversation))]
            for conversation in range(2)
        )
        return first, second

    @pytest.fixture
    def odd(self, specs: Mapping[str, FeatureSpec]) -> Mapping[str, Conversation]:
        nothing = missing(specs, "silence")
        usual, agent = _turns(specs, 0, 0)
        some = {**usual, **missing(list(specs)[::2], "unvoiced")}
        extreme = dict.fromkeys(specs, Measurement(1e6))
        propose = call("propose", Reply("and then?"))
        return {
            "propose first": [propose, *_exchange(0, usual, agent)],
            "realised first": [_realised(0, agent), *_exchange(1, usual, agent)],
            "observe twice": [_observe(0, usual), _observe(0, some), propose],
            "propose twice": [_observe(0, usual), propose, propose],
            "no realised": [_observe(0, usual), propose, _observe(1, usual), propose],
            "turns out of order": [_observe(5, usual), propose, _observe(2, usual), propose],
            "a silent user": [one for turn in range(3) for one in _exchange(turn, nothing, agent)],
            "a silent agent": [one for turn in range(3) for one in _exchange(turn, usual, nothing)],
            "some missing": [one for turn in range(3) for one in _exchange(turn, (usual, some)[turn % 2], agent)],
            "no features": [_observe(0, {}), propose, _realised(0, {})],
            "others given": [_observe(0, {**usual, "unheard_of": Measurement(1.0)}), propose],
            "extreme values": [one for turn in range(3) for one in _exchange(turn, extreme, extreme)],
            **{f"reply: {label}": [_observe(0, usual), call("propose", Reply(t))] for label, t in ODD_TEXTS.items()},
        }

    def check(self, one: Call, result: Any) -> None:
        if one.method != "propose":
            assert result is None, f"{one.method}() returns nothing, not {result!r}"
            return
        assert isinstance(result, Target), f"propose() returned {result!r}"
        check_values(result.values)
        check_extras(result.extras)

    def test_it_asks_only_for_features_that_exist(
        self,
        component: Any,
        specs: Mapping[str, FeatureSpec],
        voice: VoiceCard,
        conversations: tuple[Conversation, Conversation],
    ) -> None:
        known = set(specs) | {control.feature.name for control in voice.controls}
        for answer in results(component.session(0), conversations[0]):
            unknown = set(answer.values) - known if isinstance(answer, Target) else set()
            assert not unknown, f"it asks for {sorted(unknown)}, which neither reach it nor are the voice's"


def _turns(specs: Mapping[str, FeatureSpec], turn: int, conversation: int) -> tuple[Measurements, Measurements]:
    """What the user did in a turn and what the agent did, who differ."""
    return measurements(specs, 2 * turn, conversation), measurements(specs, 2 * turn + 1, conversation)


def _exchange(turn: int, user: Measurements, agent: Measurements) -> list[Call]:
    return [_observe(turn, user), call("propose", Reply(f"tell me more about {turn}")), _realised(turn, agent)]


def _observe(turn: int, user: Measurements) -> Call:
    return call("observe", _observation("user", turn, user))


def _realised(turn: int, agent: Measurements) -> Call:
    return call("realised", _observation("agent", turn, agent))


def _observation(speaker: Any, turn: int, normalised: Measurements) -> Observation:
    return observation(speaker, turn, normalised, normalised)
