"""Scripted and constant responders, constant features, the silent voice and the terminal."""

import io
import sys

import pytest
from antiphon.builtin.features_constant import ConstantFeatures, ConstantOptions
from antiphon.builtin.recognizer_terminal import TerminalRecognizer
from antiphon.builtin.responders.options import PatternRule, ScriptedOptions
from antiphon.builtin.responders.scripted import Scripted
from antiphon.discovery import Plugins
from antiphon.errors import InputError, ProfileError
from antiphon.features import PITCH_MEAN, RATE
from antiphon.options import NoOptions
from antiphon.payloads import Audio, Exchange, Transcript, Utterance
from antiphon.stages import Setup
from antiphon.terminal import ask
from antiphon.testing.conformance.options import choose

PLUGINS = Plugins(installed=False)


def scripted(*texts: str, **options: object) -> list[str]:
    session = Scripted(ScriptedOptions(**options), Setup()).session(0)
    return [session.respond(Exchange(turn, text)).text for turn, text in enumerate(texts)]


@pytest.mark.parametrize(("on_end", "said"), [("loop", "abab"), ("last", "abbb")])
def test_lines_follow_one_another(on_end: str, said: str) -> None:
    assert scripted("", "x", "", "y", lines=("a", "b"), on_end=on_end) == list(said)


def test_last_line_can_end_the_dialogue() -> None:
    session = Scripted(ScriptedOptions(("a", "b"), on_end="stop"), Setup()).session(0)
    replies = [session.respond(Exchange(turn, "")) for turn in range(3)]
    assert [reply.text for reply in replies] == ["a", "b", ""]
    assert [bool(reply.extras.get("ends_dialogue")) for reply in replies] == [False, True, True]


def test_patterns_come_before_lines_and_quote_the_user() -> None:
    rules = (
        PatternRule(r"my name is (?P<name>\w+)", (r"hello \g<name>",)),
        PatternRule(r"\bname\b", ("which name?", "whose name?")),
    )
    said = scripted("MY NAME IS Ann", "a name", "nothing", "this name", "rename", lines=("one", "two"), rules=rules)
    assert said == ["hello Ann", "which name?", "one", "whose name?", "two"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"pattern": "(", "replies": ["a"]}, r'rules\.0\.pattern: "\(" is not a regular expression'),
        ({"pattern": "a", "replies": [r"\1"]}, r'rules\.0\.replies: the reply "\\1" does not fit'),
        ({"pattern": "a", "replies": [r"\g<who>"]}, "does not fit the pattern"),
        ({"pattern": "a", "replies": []}, r"rules\.0\.replies"),
    ],
)
def test_rules_that_cannot_work_are_refused_with_the_profile(rule: dict[str, object], message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        choose(PLUGINS, "responder", "scripted", {"lines": ["a"], "rules": [rule]})


def test_constant_features_have_the_units_of_the_measured_ones() -> None:
    selection = choose(PLUGINS, "features", "constant", {"values": {"rate": 4, "pitch_mean": 180}})
    assert selection.provider.writes_with(selection.options) == (RATE, PITCH_MEAN)


def test_fuzz_stays_within_its_share_and_follows_the_seed() -> None:
    component = ConstantFeatures(ConstantOptions({"pitch_mean": 200.0, "rate": 4.0}, fuzz=0.2), Setup())

    def measured(seed: int) -> list[dict[str, float | None]]:
        session = component.session(seed)
        turns = [session.extract(Utterance("user", ""), {}) for _ in range(200)]
        return [{name: m.value for name, m in turn.items()} for turn in turns]

    pitch = [float(turn["pitch_mean"] or 0) for turn in measured(1)]
    assert 160 <= min(pitch) < 170
    assert 230 < max(pitch) <= 240
    assert measured(1) == measured(1) != measured(2)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pich_mean": 1.0}, 'no feature "pich_mean"; did you mean "pitch_mean"'),
        ({"zzz": 1.0}, "known are duration, .*rate"),
        ({"rate": float("inf")}, "finite"),
        ({}, "values"),
    ],
)
def test_unknown_features_and_values_are_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        choose(PLUGINS, "features", "constant", {"values": values})


class Keyboard(io.TextIOWrapper):
    """Standard input at which somebody sits, or not."""

    def __init__(self, typed: bytes, *, tty: bool) -> None:
        super().__init__(io.BytesIO(typed), encoding="utf-8")
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


def test_lines_are_asked_for_until_there_are_no_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard("grüß dich \n\nbye".encode(), tty=True))
    assert [ask("you: ") for _ in range(4)] == ["grüß dich", "", "bye", None]
    assert capsys.readouterr().out == "you: " * 4


def test_piped_input_is_not_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(b"hello\n", tty=False))
    assert ask("you: ") == "hello"
    assert capsys.readouterr().out == ""


def test_input_that_is_no_text_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(b"\xff\xfe\n", tty=False))
    with pytest.raises(InputError, match="not utf-8 text"):
        ask("you: ")


def test_process_without_standard_input_has_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert ask("you: ") is None


def test_person_at_the_terminal_writes_down_the_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(b"good morning\n", tty=True))
    session = TerminalRecognizer(NoOptions(), Setup()).session(0)
    speech = Audio([0.0] * 24_000, 16_000)
    assert session.recognize(speech) == Transcript("good morning")
    assert session.recognize(speech) == Transcript("")
    assert "what was said (1.5 s)" in capsys.readouterr().out
