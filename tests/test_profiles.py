"""Every profile of the repository is right, and holds a dialogue; what this machine may lack is replaced.

Microphones give way to a simulated user, speakers to none, and a language model to a small server in this process.
"""

import io
import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from antiphon.audio_files import write_wav
from antiphon.discovery import Plugins
from antiphon.engine import SessionResult
from antiphon.errors import ProfileError
from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, PITCH_RANGE, RATE, FeatureSpec, Measurements, present
from antiphon.payloads import Audio, SpeechRequest
from antiphon.profile import load_profile
from antiphon.profile.schema import profile_schema
from antiphon.profile.toml import inline_table, parse
from antiphon.recording.reader import read_recording
from antiphon.recording.records import TurnRecord
from antiphon.speaking import speak_all
from antiphon.stages import Setup
from jsonschema import Draft202012Validator

Hold = Callable[..., SessionResult]

FOLDER = Path(__file__).resolve().parent.parent / "profiles"
PROFILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.toml"))

LINES = (
    {"text": "she was not happy with me"},
    {"text": "i feel a little tired today", "pitch_st": 5.0, "intensity_db": 4.0, "rate_ratio": 1.25},
    {"text": "my mother called me yesterday", "pitch_st": -2.0, "intensity_db": -5.0, "rate_ratio": 0.8},
    {"text": "i had a strange dream", "pitch_st": 3.0, "intensity_db": 3.0, "rate_ratio": 1.1},
)
VOICE = {"use": "espeak", "options": {"name": "en-us+f5"}}
USER = "audio_in=" + inline_table({"use": "simulated", "options": {"voice": VOICE, "script": [dict(x) for x in LINES]}})
SILENT = 'audio_out={use="none"}'

BOUNDS = {
    "pitch_mean": (75.0, 600.0),
    "pitch_range": (1.0, 4.0),
    "intensity_mean": (30.0, 100.0),
    "rate": (0.5, 15.0),
    "duration": (0.2, 20.0),
    "jitter": (0.0, 0.2),
    "shimmer": (0.0, 0.5),
    "nhr": (0.0, 2.0),
}
"""What speech can be."""


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    return Draft202012Validator(profile_schema(Plugins()))


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_is_right_and_says_what_it_is_for(name: str) -> None:
    profile = load_profile(FOLDER / name)
    assert profile.name
    comment = list(itertools.takewhile(lambda line: line.startswith("#"), _text(name).splitlines()))
    assert len(" ".join(comment)) > 40


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_fits_the_schema(name: str, schema: Draft202012Validator) -> None:
    assert [error.message for error in schema.iter_errors(parse(_text(name)))] == []


def test_every_profile_is_run_by_a_test() -> None:
    here = Path(__file__).read_text(encoding="utf-8") + Path(__file__).with_name("test_demo.py").read_text("utf-8")
    assert [name for name in PROFILES if f'{name}"' not in here and name != "experiment/base.toml"] == []


def test_a_simulated_users_voice_is_checked_before_anything_is_opened() -> None:
    with pytest.raises(ProfileError, match=r"audio_in\.options\.voice: .*en-us\+nobody.*not calibrated"):
        load_profile(FOLDER / "demo.toml", ["audio_in.options.voice.options.name=en-us+nobody"])


# -- typed dialogues --------------------------------------------------------------------------------------------------


def test_typed(hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    _type(monkeypatch, "I am unhappy", "my mother called me", "goodbye")
    result = hold("typed.toml")
    assert _texts(result, "user") == ["I am unhappy", "my mother called me", "goodbye"]
    assert "unhappy" in _texts(result, "agent")[0]
    assert all(turn.start_s == turn.end_s for turn in result.turns)
    assert not list(result.info.folder.glob("*.wav"))


@pytest.mark.parametrize("voice", ["espeak", pytest.param("pyttsx3", marks=pytest.mark.long)])
def test_the_first_versions_typed_scenarios(hold: Hold, monkeypatch: pytest.MonkeyPatch, voice: str) -> None:
    typed = ["I am unhappy today", "my mother called me", "I had a dream", "I like music", "thank you", "goodbye"]
    _type(monkeypatch, *typed)
    neutral = hold("first-version-1-typed-neutral.toml", SILENT, f"synthesizer.use={voice}")
    assert _texts(neutral, "user") == typed
    assert all(turn.target == turn.controls == {} for turn in neutral.turns)
    assert all(turn.end_s > turn.start_s for turn in _agent(neutral))

    _type(monkeypatch, *typed)
    matching = hold("first-version-2-typed-matching.toml", SILENT, f"synthesizer.use={voice}")
    settable = {"pitch_mean", "intensity_mean", "rate"} | ({"pitch_range"} if voice == "espeak" else set())
    assert all(set(turn.target) == set(turn.controls) == settable for turn in _agent(matching))
    _assert_targets(matching, lambda z: z)
    pitch = [turn.features["pitch_mean"].value for turn in _user(matching)]
    assert all(160 <= value <= 240 for value in pitch)  # 200 Hz and a fuzz of 0.2
    assert len(set(pitch)) == len(pitch)
    for turn in _agent(matching):
        assert 100 <= turn.controls["pitch_mean"] <= 160  # the voice's range, not the speaker's


# -- spoken dialogues -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "talk.toml",
        pytest.param("demo.toml", marks=pytest.mark.long),
        pytest.param("pyttsx3.toml", marks=pytest.mark.long),
        pytest.param("praat-adapt.toml", marks=pytest.mark.long),
    ],
)
def test_an_entraining_dialogue(hold: Hold, name: str) -> None:
    result = hold(name, USER, SILENT)
    _assert_understood(result)
    _assert_plausible(result)
    _assert_targets(result, lambda z: 0.8 * z)
    settable = {"pitch_mean", "intensity_mean", "rate", *(() if name == "pyttsx3.toml" else ("pitch_range",))}
    for turn in _agent(result):
        assert set(turn.target) == set(turn.controls) == settable
        assert "fallback" not in turn.extras
    _assert_realised(result)
    _assert_recorded(result)


@pytest.mark.parametrize("name", ["neural.toml", pytest.param("first-version-5-neural.toml", marks=pytest.mark.long)])
def test_a_dialogue_with_a_trained_model(hold: Hold, name: str) -> None:
    """The voice is asked for what the model predicted, and the model is told what was heard of the voice."""
    result = hold(name, USER, SILENT)
    _assert_understood(result)
    _assert_plausible(result)
    _assert_realised(result)
    _assert_recorded(result)
    last: dict[str, float] = {}
    for turn, said in enumerate(_agent(result)):
        extras = said.extras["strategy"]
        assert len(extras["attention"][0]) == 2 * turn + 1
        assert extras["own_turns"] == {"realised": turn, "predicted": 0}
        assert set(said.target) == set(said.controls) >= {"pitch_mean", "intensity_mean", "rate"}
        for feature, asked in said.target.items():
            low, high = (last.get(feature, 0.0) - 1.5, last.get(feature, 0.0) + 1.5) if last else (-2.5, 2.5)
            assert asked == pytest.approx(float(np.clip(extras["predicted"][feature], low, high)))
        last = dict(said.target)
    heard = [turn.normalised["pitch_mean"].value for turn in _user(result)]
    asked = [turn.target["pitch_mean"] for turn in _agent(result)]
    assert np.corrcoef(heard, asked)[0, 1] > 0.7, (heard, asked)


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ('normalizer.use="none"', r"z-score|targets are z-scores"),
        ("strategy.options.checkpoint=nowhere", r"strategy: .*nowhere: there is no such folder"),
        ('strategy.options.hears=["tempo"]', r"strategy: .*has no tempo"),
        (
            'features=[{use="praat"}]',
            r'"neural" reads rate, but it does not arrive there; add \[\[features\]\] use = "rate"',
        ),
        ('synthesizer={use="none"}', r"strategy: .*none that synthesizer .*choose another voice"),
        ('transform=[{use="log", on="user"}, {use="to-voice"}]', r'"neural" reads pitch_mean \[Hz, raw\]'),
    ],
)
def test_a_trained_model_that_does_not_fit_is_refused_before_anything_is_opened(override: str, problem: str) -> None:
    with pytest.raises(ProfileError, match=problem):
        load_profile(FOLDER / "neural.toml", [override])


def test_a_trained_model_needs_only_the_features_that_it_is_to_hear() -> None:
    load_profile(FOLDER / "neural.toml", ['features=[{use="praat"}]', 'strategy.options.hears=["pitch_mean"]'])


@pytest.mark.long
def test_barge_in(hold: Hold, tmp_path: Path) -> None:
    """The user speaks again while the agent answers: the agent falls silent, and its turn is cut to what was heard."""
    first, second = _spoken("i feel a little tired today"), _spoken("my mother called me yesterday")
    rate = first.sample_rate
    quiet = np.random.default_rng(1).normal(0, 1e-3, 12 * rate).astype(np.float32)
    interrupts_s = 1.0 + first.duration_s + 1.6  # the agent begins some 0.7 s behind the end of the first turn
    for start_s, audio in ((1.0, first), (interrupts_s, second)):
        start = round(start_s * rate)
        quiet[start : start + len(audio.samples)] += audio.samples
    write_wav(tmp_path / "user.wav", Audio(quiet, rate))
    source = inline_table({"use": "file", "options": {"path": str(tmp_path / "user.wav"), "timeline": "continuous"}})
    result = hold("barge-in.toml", f"audio_in={source}", SILENT)

    cut, whole = _agent(result)
    assert cut.interrupted
    assert not whole.interrupted
    assert cut.end_s == pytest.approx(interrupts_s, abs=0.5)
    assert 0 < cut.extras["heard_share"] < 1
    assert any(event["kind"] == "barge_in" for event in read_recording(result.info.folder).events)
    assert _user(result)[1].start_s == pytest.approx(interrupts_s, abs=0.3)


@pytest.mark.long
def test_a_language_model_answers(hold: Hold) -> None:
    with _language_model() as (address, requests):
        result = hold("openai.toml", USER, SILENT, f'responder.options.base_url="{address}"')
    assert _texts(result, "agent") == [f"This is reply number {n}." for n in range(1, 5)]
    assert requests[-1]["model"] == "llama3.2:3b"
    said = [message["content"] for message in requests[-1]["messages"]]
    assert all(text in said for text in _texts(result, "user"))
    _assert_recorded(result)


@pytest.mark.long
def test_eliza_answers_where_no_language_model_does(hold: Hold) -> None:
    address = 'responder.options.base_url="http://127.0.0.1:9/v1"'
    result = hold("openai.toml", USER, SILENT, address, "session.turns=2")
    assert all(turn.text and turn.extras["fallback"] == "eliza" for turn in _agent(result))


@pytest.mark.long
def test_the_first_versions_spoken_scenarios(hold: Hold) -> None:
    neutral = hold("first-version-3-spoken-neutral.toml", USER, SILENT)
    _assert_understood(neutral)
    assert all(turn.controls == {} for turn in _agent(neutral))

    matching = hold("first-version-4-spoken-matching.toml", USER, SILENT)
    _assert_plausible(matching)
    first, *later = _agent(matching)
    assert first.target
    assert first.controls == {}, "one turn of the user tells nothing of the user's range"
    for turn in later:
        assert set(turn.controls) == {"pitch_mean", "intensity_mean", "rate"}
    heard = [turn.features["pitch_mean"].value for turn in _user(matching)[1:]]
    assert np.corrcoef(heard, [turn.controls["pitch_mean"] for turn in later])[0, 1] > 0.9
    assert max(turn.controls["pitch_mean"] for turn in later) < min(heard), "a man's voice stays in its range"


# -- experiments ------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_conditions_differ_in_prosody_alone(hold: Hold) -> None:
    results = {
        "neutral": hold("experiment/neutral.toml"),
        "matching": hold("experiment/matching.toml"),
        "partial": hold("experiment/partial.toml"),
        "disentrain": hold("experiment/disentrain.toml"),
    }
    for result in results.values():
        assert result.reason == "end of script"
        assert result.info.seed == 1
        assert _texts(result, "agent") == _texts(results["neutral"], "agent")
        assert [t.features for t in _user(result)] == [t.features for t in _user(results["neutral"])]
        _assert_understood(result, [line["text"] for line in _script("experiment/base.toml")])
        _assert_plausible(result)
    _assert_targets(results["neutral"], lambda z: 0.0)
    _assert_targets(results["matching"], lambda z: z)
    _assert_targets(results["partial"], lambda z: 0.5 * z)
    _assert_targets(results["disentrain"], lambda z: -0.5 * z)
    _assert_realised(results["matching"])
    for feature in (PITCH_MEAN, PITCH_RANGE, INTENSITY_MEAN, RATE):
        _assert_moved(results["matching"], results["disentrain"], feature)
    assert len({turn.controls["pitch_mean"] for turn in _agent(results["neutral"])}) == 1

    sham = hold(
        "experiment/partial.toml",
        "strategy.use=sham",
        "strategy.options.ratio=0.5",
        f'strategy.options.sessions=["{results["matching"].info.folder}"]',
        USER,
    )
    assert [t.target for t in _agent(sham)] == [t.target for t in _agent(results["partial"])][: len(LINES)]


# -- what is expected -------------------------------------------------------------------------------------------------


def _assert_understood(result: SessionResult, script: Sequence[str] = tuple(line["text"] for line in LINES)) -> None:
    """Most words are recognised, and in the right turn."""
    heard = [set(text.split()) for text in _texts(result, "user")]
    assert len(heard) == len(script)
    said = [set(text.split()) for text in script]
    found = sum(len(h & s) for h, s in zip(heard, said, strict=True))
    assert found / sum(map(len, said)) > 0.6, heard


def _assert_plausible(result: SessionResult) -> None:
    """Everything was measured, and is what speech can be."""
    for turn in result.turns:
        measured = present(turn.features)
        assert set(BOUNDS) <= set(measured), {n: m.reason for n, m in turn.features.items() if m.value is None}
        for name, (low, high) in BOUNDS.items():
            assert low <= measured[name] <= high, (turn.text, name, measured[name])


def _assert_targets(result: SessionResult, formula: Callable[[float], float]) -> None:
    """The strategy asked for its formula of the user's z, at most 2.5, and at most 1.5 from its last target."""
    last: dict[str, float] = {}
    for user, agent in zip(_user(result), _agent(result), strict=True):
        normalised: Measurements = user.normalised
        for name, asked in agent.target.items():
            value = normalised[name].value
            assert value is not None
            expected = float(np.clip(formula(value), -2.5, 2.5))
            if name in last:
                expected = float(np.clip(expected, last[name] - 1.5, last[name] + 1.5))
            assert asked == pytest.approx(expected, abs=1e-9)
            last[name] = asked


def _assert_realised(result: SessionResult) -> None:
    """What was heard of the agent is near what its voice was told; sentences differ by themselves, too."""
    for turn in _agent(result):
        heard = present(turn.features)
        assert heard["pitch_mean"] == pytest.approx(turn.controls["pitch_mean"], rel=0.15)
        assert heard["intensity_mean"] == pytest.approx(turn.controls["intensity_mean"], abs=3.0)
    told = [turn.controls["pitch_mean"] for turn in _agent(result)]
    heard_pitch = [turn.features["pitch_mean"].value for turn in _agent(result)]
    assert np.corrcoef(told, heard_pitch)[0, 1] > 0.8, (told, heard_pitch)


def _assert_moved(one: SessionResult, other: SessionResult, feature: FeatureSpec) -> None:
    """Between two ways to say the same sentence, what was heard changed as what the voice was told did."""
    changes = [
        (_change(feature, a.controls, b.controls), _change(feature, present(a.features), present(b.features)))
        for a, b in zip(_agent(one), _agent(other), strict=True)
    ]
    told, heard = np.array(changes).T
    assert np.ptp(told) > 0.1
    assert np.corrcoef(told, heard)[0, 1] > 0.8, (feature.name, told, heard)
    assert 0.6 < np.sum(told * heard) / np.sum(told * told) < 1.4, (feature.name, told, heard)


def _change(feature: FeatureSpec, before: Mapping[str, float], after: Mapping[str, float]) -> float:
    return feature.to_log(after[feature.name]) - feature.to_log(before[feature.name])


def _assert_recorded(result: SessionResult) -> None:
    recording = read_recording(result.info.folder)
    assert recording.complete
    assert recording.turns == result.turns
    assert [turn.speaker for turn in recording.turns] == ["user", "agent"] * len(LINES)
    assert not [event for event in recording.events if event["kind"] == "stage_failed"]


# -- pieces -----------------------------------------------------------------------------------------------------------


def _script(name: str) -> list[dict[str, str]]:
    script = load_profile(FOLDER / name).resolved["audio_in"]["options"]["script"]
    return [dict(line) for line in script]


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _user(result: SessionResult) -> list[TurnRecord]:
    return [turn for turn in result.turns if turn.speaker == "user"]


def _agent(result: SessionResult) -> list[TurnRecord]:
    return [turn for turn in result.turns if turn.speaker == "agent"]


def _texts(result: SessionResult, speaker: str) -> list[str]:
    return [turn.text for turn in result.turns if turn.speaker == speaker]


def _type(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def _spoken(text: str) -> Audio:
    voice = load_profile(FOLDER / "demo.toml").audio_in.selection.options.voice
    audio = speak_all(voice.provider.open(voice.options, Setup()).session(0), SpeechRequest(text, {}))
    assert audio is not None
    return audio


@contextmanager
def _language_model() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a server, and the requests that it gets."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Model) as server:
        server.requests = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", server.requests  # type: ignore[attr-defined]
        server.shutdown()


class _Model(BaseHTTPRequestHandler):
    """Streams a reply in two pieces, as endpoints of language models do."""

    def do_POST(self) -> None:
        requests = self.server.requests  # type: ignore[attr-defined]
        requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for piece in ("This is reply", f" number {len(requests)}."):
            delta = {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}
            self.wfile.write(f"data: {json.dumps(delta)}\n\n".encode())
        end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        self.wfile.write(f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
