"""Whole profiles: every problem at once, nothing opened, and what is resolved loads as the same profile."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import antiphon
import antiphon.testing.plugin
import pytest
import tomli_w
from antiphon.discovery import Plugins
from antiphon.errors import ProfileError
from antiphon.options import Selection
from antiphon.profile import Policy, load_profile
from antiphon.profile.toml import parse
from antiphon.provider import STAGES
from attrs import evolve
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

PLUGINS = Plugins([("fakes", antiphon.testing.plugin)], installed=False)

FULL = """\
schema = 1
name = "full"

[requires]
antiphon = ">=0.1,<1"
numpy = ">=1"

[session]
seed = 20261122
turns = 12
duplex = "barge-in"

[audio_in]
use = "file"
options = { path = "user.wav", timeline = "continuous" }

[recognizer]
use = "fake-streaming"
timeout_s = 5
on_timeout = { fallback = "fake", options = { script = ["yes"] } }

[[features]]
use = "fake"
on_error = "skip"
[[features]]
use = "constant"
options.values.nhr = 0.1

[normalizer]
use = "fake"

[responder]
use = "scripted"
options.lines = ["hello", "goodbye"]

[strategy]
use = "./mine.py:Half"
features = ["rate", "pitch_mean"]
clip = "none"
options.weight = 0.25

[[transform]]
use = "log"
on = "user"
[[transform]]
use = "to-voice"

[synthesizer]
use = "fakes:fake-streaming"
on_timeout = { fallback = "fake" }
"""

MINE = '''\
"""A strategy of one's own."""

from __future__ import annotations

from attrs import frozen

from antiphon.options import option
from antiphon.payloads import Target
from antiphon.stages import Component


@frozen
class Options:
    weight: float = option(0.5, help="How far to go.")


class Half(Component[Options]):
    """Goes half of the way."""

    def session(self, seed):
        raise AssertionError("opened")
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "user.wav").touch()
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


def load(folder: Path, text: str, *overrides: str):
    path = folder / "p.toml"
    path.write_text(text)
    return load_profile(path, overrides, PLUGINS)


def problems(folder: Path, text: str, *overrides: str) -> list[str]:
    with pytest.raises(ProfileError) as caught:
        load(folder, text, *overrides)
    return [line.replace(f"{folder}{os.sep}", "") for line in caught.value.problems]


def test_a_full_profile(folder):
    profile = load(folder, FULL)
    assert (profile.name, profile.session.turns, profile.session.duplex) == ("full", 12, "barge-in")
    assert profile.audio_in.selection.options.path == folder / "user.wav"
    assert profile.audio_in.on_error == Policy("fail")
    assert (profile.recognizer.timeout_s, profile.recognizer.on_error) == (5.0, Policy("skip"))
    fallback = profile.recognizer.on_timeout.fallback
    assert isinstance(fallback, Selection)
    assert fallback.options.script == ("yes",)
    assert [f.selection.name for f in profile.features] == ["fake", "constant"]
    assert profile.strategy.features == ("rate", "pitch_mean")
    assert (profile.strategy.clip, profile.strategy.slew) == (None, 1.5)
    assert profile.strategy.selection.options.weight == 0.25
    assert [t.on for t in profile.transform] == ["user", "target"]
    assert profile.endpoint.selection.name == "energy"
    assert profile.audio_out.selection.name == "none"
    assert profile.sources == (folder / "mine.py",)


def test_a_small_profile_has_defaults(folder):
    profile = load(folder, 'schema = 1\n[audio_in]\nuse = "terminal"\n')
    assert profile.name == "p"
    chosen = {
        stage: getattr(profile, stage).selection.name
        for stage in STAGES
        if hasattr(getattr(profile, stage), "selection")
    }
    assert chosen == {
        "audio_in": "terminal",
        "endpoint": "energy",
        "recognizer": "terminal",
        "normalizer": "causal",
        "responder": "eliza",
        "strategy": "neutral",
        "synthesizer": "none",
        "audio_out": "none",
    }
    assert (profile.features, profile.transform, profile.vocoder) == ((), (), None)
    assert profile.responder.timeout_s == 20


def test_every_problem_at_once(folder):
    text = """\
schema = 2
nmae = "x"
[requires]
antiphon = ">=99"
no-such-distribution = ">=1"
numpy = "latest"
[session]
seed = -1
duplex = "full"
[audio_in]
use = "file"
options.path = "missing.wav"
options.chunk_s = "fast"
options.chanel = 1
[endpoint]
use = "enrgy"
[recognizer]
timeout_s = 0
on_error = "ignore"
[features]
use = "fake"
[[responder]]
use = "eliza"
[strategy]
use = "partial"
options.ratio = "half"
on_timeout = { fallback = "neutrl" }
[synthesizer]
use = "fake"
on_error = { fallback = "fake", options = { sample_rate = "x" } }
speed = 3
[audio_out]
use = "./no_such_file.py:Out"
"""
    found = problems(folder, text, "session.turns=0", "transform.0.use=x")
    expected = [
        "p.toml:1: schema: must be 1, not 2",
        'p.toml:2: nmae: unknown key; did you mean "name"?',
        "p.toml:4: requires.antiphon: version",
        "p.toml:5: requires.no-such-distribution: is not installed",
        'p.toml:6: requires.numpy: "latest" is not a version specifier',
        "p.toml:8: session.seed: must be >= 0",
        'p.toml:9: session.duplex: must be "half" or "barge-in", not "full"',
        "p.toml:12: audio_in.options.path: there is no missing.wav",
        'p.toml:13: audio_in.options.chunk_s: must be a number, not "fast"',
        'p.toml:14: audio_in.options.chanel: unknown key; did you mean "channel"?',
        'p.toml:16: endpoint.use: no plugin registers endpoint "enrgy"; did you mean "energy"?',
        "p.toml:17: recognizer.use: missing",
        "p.toml:18: recognizer.timeout_s: must be > 0",
        'p.toml:19: recognizer.on_error: must be "fail" or "skip"',
        "p.toml:20: features: must be an array of tables; write [[features]]",
        "p.toml:22: responder: there is only one; write [responder], not [[responder]]",
        'p.toml:26: strategy.options.ratio: must be a number, not "half"',
        'p.toml:27: strategy.on_timeout.fallback: no plugin registers strategy "neutrl"; did you mean "neutral"?',
        'p.toml:30: synthesizer.on_error.options.sample_rate: must be an integer, not "x"',
        "p.toml:31: synthesizer.speed: unknown key",
        "p.toml:33: audio_out.use: there is no file",
        "--set session.turns=0: session.turns: must be > 0",
        "--set transform.0.use=x: ",
    ]
    for start in expected:
        assert any(line.startswith(start) for line in found), (start, found)
    assert len(found) == len(expected), found


def test_missing_keys(folder):
    assert [line.partition("; ")[0] for line in problems(folder, "")] == [
        "p.toml:1: schema: missing",
        "p.toml:1: audio_in: missing",
    ]


def test_one_off_classes_that_cannot_be_used(folder):
    (folder / "bad.py").write_text("raise RuntimeError('a bug')\n")
    (folder / "exits.py").write_text("import sys\nsys.exit(3)\n")
    (folder / "syntax.py").write_text("def (\n")
    for use, expected in [
        ("./bad.py:X", "RuntimeError: a bug"),
        ("./exits.py:X", "SystemExit: 3"),
        ("./syntax.py:X", "SyntaxError"),
        ("./mine.py:Quarter", "has no attribute 'Quarter'"),
        ("./mine.py:frozen", "not a class"),
        ("./mine.py:", "strategy.use"),
    ]:
        (line,) = problems(folder, f'schema = 1\n[audio_in]\nuse = "terminal"\n[strategy]\nuse = "{use}"\n')
        assert expected in line
        assert line.startswith("p.toml:5: strategy.use: ")


def test_a_plugin_sees_the_profile_and_cannot_break_it(folder, caplog):
    class Checker:
        @staticmethod
        @antiphon.hookimpl
        def antiphon_check_profile(profile):
            return ["session.seed: unlucky; choose another"] if profile.session.seed == 13 else None

    class Broken:
        @staticmethod
        @antiphon.hookimpl
        def antiphon_check_profile(profile):
            raise RuntimeError("a bug")

    plugins = Plugins([("checker", Checker), ("broken", Broken)], installed=False)
    path = folder / "p.toml"
    path.write_text('schema = 1\n[audio_in]\nuse = "terminal"\n[session]\nseed = 13\n')
    with pytest.raises(ProfileError, match=r"p.toml:5: session.seed: unlucky; choose another$"):
        load_profile(path, plugins=plugins)
    load_profile(path, ["session.seed=14"], plugins)
    assert "the profile check of plugin broken failed" in caplog.text


def test_secrets_stay_names(folder, monkeypatch):
    monkeypatch.setenv("NAME", "the secret")
    profile = load(
        folder, 'schema = 1\n[audio_in]\nuse = "terminal"\n[responder]\nuse = "constant"\noptions.text = "env:NAME"\n'
    )
    assert profile.resolved["responder"]["options"]["text"] == "env:NAME"


def test_a_broken_plugin_matters_only_to_those_who_name_it(folder):
    class Old:
        @staticmethod
        @antiphon.hookimpl
        def antiphon_register_strategy(register):
            register(antiphon.Provider("old", "Old.", "nowhere:X", api=0))

    plugins = Plugins([("old", Old)], installed=False)
    path = folder / "p.toml"
    path.write_text('schema = 1\n[audio_in]\nuse = "terminal"\n')
    load_profile(path, plugins=plugins)
    with pytest.raises(ProfileError, match="written for plugin API 0"):
        load_profile(path, ['strategy.use="old"'], plugins)


def test_nothing_heavy_is_imported(folder):
    """Checking a profile imports the options of its stages, not the stages."""
    (folder / "p.toml").write_text('schema = 1\n[audio_in]\nuse = "file"\noptions.path = "user.wav"\n')
    program = (
        "import sys; from antiphon.profile import load_profile; load_profile(sys.argv[1]);"
        "print([m for m in ('torch', 'parselmouth', 'pocketsphinx', 'onnxruntime', 'sounddevice', 'soundfile',"
        " 'antiphon.builtin.audio.file_in', 'rich', 'asyncio') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder / "p.toml")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# -- what is resolved ------------------------------------------------------------------------------------------------


def reloaded(profile, folder: Path):
    path = folder / "resolved" / "again.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(tomli_w.dumps(dict(profile.resolved)))
    return evolve(load_profile(path, plugins=PLUGINS), path=profile.path)


def test_the_resolved_profile_is_the_same_profile(folder):
    profile = load(folder, FULL)
    assert reloaded(profile, folder) == profile
    assert profile.resolved["audio_in"]["options"]["path"] == str(folder / "user.wav")
    assert profile.resolved["strategy"]["use"] == f"{folder / 'mine.py'}:Half"


choices = st.fixed_dictionaries(
    {},
    optional={
        "session": st.fixed_dictionaries({}, optional={"seed": st.integers(0, 2**60), "turns": st.integers(1, 99)}),
        "name": st.text("a é\"'\\\n#", min_size=1, max_size=8),
        "recognizer": st.fixed_dictionaries(
            {"use": st.sampled_from(["fake", "terminal"])},
            optional={
                "timeout_s": st.floats(0.001, allow_nan=False),
                "on_error": st.sampled_from(["fail", "skip"]) | st.just({"fallback": "fake"}),
            },
        ),
        "normalizer": st.sampled_from([{"use": "user-z"}, {"use": "fake", "options": {"sd": 0.5}}]),
        "strategy": st.fixed_dictionaries(
            {"use": st.sampled_from(["neutral", "matching", "partial"])},
            optional={
                "features": st.just("controllable") | st.lists(st.sampled_from(["pitch_mean", "rate"]), unique=True),
                "clip": st.just("none") | st.floats(0.1, 9) | st.integers(1, 3),
                "slew": st.just("none") | st.floats(0.1, 9),
                "on_timeout": st.just({"fallback": "partial", "options": {"ratio": 0.1}}),
            },
        ),
    },
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(choices)
def test_any_profile_survives_being_resolved(folder, tables):
    base = {
        "schema": 1,
        "audio_in": {"use": "fake-audio"},
        "features": [{"use": "fake"}],
        "transform": [{"use": "to-voice"}],
        "synthesizer": {"use": "fake"},
    }
    profile = load(folder, tomli_w.dumps({**base, **tables}))
    again = reloaded(profile, folder)
    assert again == profile
    assert again.resolved == profile.resolved


# -- whatever is written ---------------------------------------------------------------------------------------------

junk = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text('a.:/~\0"[]', max_size=5) | st.dates() | st.just("fake"),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["use", "options", "x", "fallback"]), inner, max_size=2)
    ),
    max_leaves=4,
)
LINE = re.compile(r"(.*p\.toml:\d+|--set .*?): .*", re.DOTALL)


def told(path: Path, *overrides: str) -> tuple[str, ...]:
    """What is wrong with a profile; nothing if it loads."""
    try:
        load_profile(path, overrides, PLUGINS)
    except ProfileError as error:
        return error.problems or ("a ProfileError without a problem",)
    return ()


def loads_or_tells(folder: Path, content: bytes) -> None:
    path = folder / "p.toml"
    path.write_bytes(content)
    for line in told(path):
        assert LINE.fullmatch(line), line
        assert "\n" not in line


fuzz = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@fuzz
@given(st.data())
def test_damaged_bytes_give_no_traceback(folder, data):
    content = bytearray(FULL.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 8)))
        content[start:end] = data.draw(st.binary(max_size=4) | st.sampled_from([b'"', b"[", b"=", b"\n", b"'''", b"."]))
    loads_or_tells(folder, bytes(content))


@fuzz
@given(st.data())
def test_damaged_structure_gives_no_traceback(folder, data):
    tree = parse(FULL)
    for _ in range(data.draw(st.integers(1, 3))):
        node, keys = tree, []
        while isinstance(node, dict | list) and node and (not keys or data.draw(st.booleans())):
            keys.append(data.draw(st.sampled_from(list(node) if isinstance(node, dict) else list(range(len(node))))))
            parent, node = node, node[keys[-1]]
        if not keys:
            continue
        action = data.draw(st.sampled_from(["delete", "replace", "rename"]))
        if action == "delete":
            del parent[keys[-1]]
        elif action == "replace":
            parent[keys[-1]] = data.draw(junk)
        elif isinstance(parent, dict):
            parent[data.draw(st.text("abc._", max_size=4))] = parent.pop(keys[-1])
    loads_or_tells(folder, tomli_w.dumps(tree).encode())


@fuzz
@given(st.text("abfus.012=[]{}\"' \n", max_size=20))
@example("audio_in.options.path=\0")
def test_no_override_gives_a_traceback(folder, override):
    (folder / "p.toml").write_text(FULL)
    for line in told(folder / "p.toml", override):
        assert LINE.fullmatch(line), line


@pytest.mark.parametrize("depth", [50, 300, 5000, 200000])
def test_deep_nesting(folder, depth):
    head = b'schema = 1\n[audio_in]\nuse = "terminal"\noptions.prompt = '
    loads_or_tells(folder, head + b"[" * depth + b"]" * depth)
    loads_or_tells(folder, head + b"{a=" * depth + b"1" + b"}" * depth)


def test_random_bytes_are_no_profile(folder):
    for content in (b"", b"\0" * 100, bytes(range(256)), b"\xef\xbb\xbfschema = 1", b"[" * 1000, b"a." * 5000):
        loads_or_tells(folder, content)
