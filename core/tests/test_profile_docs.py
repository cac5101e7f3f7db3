"""docs/profiles.md names every key of a profile with its default, and its examples are right."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest
from antiphon.discovery import Plugins
from antiphon.errors import ProfileError
from antiphon.profile import load_profile
from antiphon.profile.tables import (
    DEFAULTS,
    FallbackTable,
    ProfileTable,
    SessionTable,
    StageTable,
    StrategyTable,
    TransformTable,
)
from antiphon.profile.toml import parse, write_value
from antiphon.provider import STAGES

TEXT = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
ROWS = [(key, row.split(" | ")) for key, row in re.findall(r"^\| `(\w+)` \| (.*) \|$", TEXT, re.MULTILINE)]
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def row(key: str, cells: int) -> list[str]:
    """The row of a key in a table of so many further columns: stages have four, keys with a default three."""
    (found,) = (columns for name, columns in ROWS if name == key and len(columns) == cells)
    return found


@pytest.mark.parametrize("table", [ProfileTable, SessionTable, StageTable, StrategyTable, TransformTable])
def test_every_key_has_a_row(table):
    missing = {a.name for a in attrs.fields(table)} - {key for key, _ in ROWS} - {"session"}
    assert not missing


def test_other_keys_are_named():
    assert "## `[session]`" in TEXT
    assert all(f"`{a.name}" in TEXT or f"{a.name} = " in TEXT for a in attrs.fields(FallbackTable))


@pytest.mark.parametrize("stage", STAGES)
def test_defaults_of_stages(stage):
    _, use, timeout, policy = row(stage, 4)
    default = DEFAULTS[stage]
    assert use.strip("`") == (default.use or ("required" if stage == "audio_in" else "none"))
    assert float(timeout) == default.timeout_s
    assert policy == default.policy


@pytest.mark.parametrize("table", [SessionTable, StrategyTable, TransformTable])
def test_defaults_of_keys(table):
    for a in attrs.fields(table):
        if a.name not in {b.name for b in attrs.fields(StageTable)} and a.default is not None:
            assert row(a.name, 3)[1].strip("`") == write_value(a.default), a.name


def test_there_are_examples():
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_right(tmp_path, example):
    plugins = Plugins()
    wanted = parse(example).get("synthesizer", {}).get("use", "none")
    if wanted not in {r.provider.name for r in plugins.registered("synthesizer")}:
        pytest.skip(f"the voice {wanted} is not installed")
    (tmp_path / "p.toml").write_text(example)
    load_profile(tmp_path / "p.toml", plugins=plugins)


def test_the_class_of_ones_own_is_right(tmp_path):
    (code,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    (tmp_path / "my_strategy.py").write_text(code)
    strategy = '[strategy]\nuse = "./my_strategy.py:MyStrategy"\noptions.share = 0.25\n'
    (tmp_path / "p.toml").write_text(f'schema = 1\n[audio_in]\nuse = "terminal"\n{strategy}')
    profile = load_profile(tmp_path / "p.toml")
    assert profile.strategy.selection.options.share == 0.25
    assert profile.sources == (tmp_path / "my_strategy.py",)
    with pytest.raises(ProfileError, match=r"strategy\.options\.share: must be a number"):
        load_profile(tmp_path / "p.toml", ['strategy.options.share="x"'])
