"""The JSON Schema accepts what is right and refuses what is wrong, options of plugins included."""

from __future__ import annotations

import antiphon.testing.plugin
import pytest
from antiphon.discovery import Plugins
from antiphon.profile import load_profile
from antiphon.profile.schema import profile_schema
from antiphon.profile.toml import parse
from antiphon.provider import STAGES
from jsonschema import Draft202012Validator

PLUGINS = Plugins([("fakes", antiphon.testing.plugin)], installed=False)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = profile_schema(PLUGINS)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


RIGHT = """\
schema = 1
[session]
seed = 3
[audio_in]
use = "fake-audio"
options.turns = 2
[recognizer]
use = "antiphon:terminal"
timeout_s = inf
[[features]]
use = "constant"
options.values = { nhr = 0.1 }
[strategy]
use = "partial"
options.ratio = 1
features = ["nhr"]
clip = "none"
on_error = { fallback = "neutral" }
[[transform]]
use = "./mine.py:Mine"
options.anything = 1
on = "user"
[synthesizer]
use = "fake"
on_timeout = "skip"
"""


def test_right_profiles(validator):
    validator.validate(parse(RIGHT))
    validator.validate(parse('schema = 1\n[audio_in]\nuse = "terminal"'))
    validator.validate(parse('extends = "base.toml"\n[strategy]\noptions.x = 1'))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("schema = 1", "schema = 2"),
        ("schema = 1", ""),
        ("schema = 1", "schema = 1\nnmae = 1"),
        ("seed = 3", 'seed = "3"'),
        ("seed = 3", "seed = 3\nduplex = 'full'"),
        ('use = "fake-audio"', ""),
        ('use = "fake-audio"', 'use = "no-such"'),
        ("options.turns = 2", 'options.turns = "2"'),
        ("options.turns = 2", "options.turn = 2"),
        ("options.turns = 2", "options.turns = -1"),
        ("options.turns = 2", "options.level_db = 90.0"),
        ("options.turns = 2", "options.sample_rate = 0"),
        ("timeout_s = inf", 'timeout_s = "long"'),
        ("options.values = { nhr = 0.1 }", ""),
        ("options.values = { nhr = 0.1 }", 'options.values = { nhr = "low" }'),
        ('clip = "none"', 'clip = "all"'),
        ('features = ["nhr"]', "features = [1]"),
        ('fallback = "neutral"', 'fallback = "neutral", options = { x = 1 }'),
        ('fallback = "neutral"', 'fallback = "no-such"'),
        ('on = "user"', 'on = "voice"'),
        ('on_timeout = "skip"', 'on_timeout = "ignore"'),
        ("[[transform]]", "[transform]"),
        ("[synthesizer]", "[[synthesizer]]"),
    ],
)
def test_wrong_profiles(validator, before, after):
    assert before in RIGHT
    assert not validator.is_valid(parse(RIGHT.replace(before, after, 1)))


def test_options_have_their_help_and_default(validator):
    defs = validator.schema["$defs"]
    ratio = defs["options"]["strategy"]["antiphon:partial"]["properties"]["ratio"]
    assert ratio["type"] == "number"
    assert ratio["default"] == 0.5
    assert ratio["description"]
    assert set(STAGES) <= set(defs)


def test_selections_inside_options(validator):
    """A simulated user has a voice of its own."""
    table = {"use": "simulated", "options": {"voice": {"use": "fake"}, "script": [{"text": "hello"}]}}
    assert validator.is_valid({"schema": 1, "audio_in": table})
    table["options"]["voice"] = {"use": "fake", "options": {"sample_rate": "high"}}
    assert not validator.is_valid({"schema": 1, "audio_in": table})


def test_what_is_resolved_fits(tmp_path, validator):
    (tmp_path / "p.toml").write_text('schema = 1\n[audio_in]\nuse = "fake-audio"\n[[features]]\nuse = "fake"\n')
    validator.validate(dict(load_profile(tmp_path / "p.toml", plugins=PLUGINS).resolved))
