"""Configurations: every named one builds a model, and whatever is wrong with a file is told with its line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import attrs
import pytest
from antiphon.errors import InputError, ProfileError
from antiphon.profile.toml import write_value
from antiphon_entrain_neural.config import (
    Config,
    TeacherForcing,
    config_from_tables,
    config_tables,
    load_config,
    named_configs,
)
from antiphon_entrain_neural.model.step import StepModel
from antiphon_entrain_neural.training.schedules import learning_rate_share, truth_probability
from hypothesis import given
from hypothesis import strategies as st


def parameters(config: Config) -> int:
    dims = config.text.dims if config.text.reads else 0
    return sum(p.numel() for p in StepModel(7, dims, config.model, config.text).parameters())


@pytest.mark.parametrize("name", named_configs())
def test_named_configurations_build_models(name) -> None:
    config = load_config(name)
    assert parameters(config) > 0
    assert config_from_tables(config_tables(config)) == config


def test_their_sizes_are_those_of_the_literature() -> None:
    assert parameters(load_config("default")) < 300_000
    assert parameters(load_config("first-version-words-next")) == pytest.approx(3_502_855, rel=0.002)
    assert load_config("first-version-both").training.feed_back == "both"
    assert {load_config(f"successor-{a}").model.attention for a in ("none", "single", "dual")} == {
        "none",
        "single",
        "dual",
    }


def test_every_problem_is_told_with_its_line(tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[model]\nencodr = 3\ncell = "rnn"\n\n[training]\nteacher_forcing = { start = 1.5 }\n')
    with pytest.raises(ProfileError) as told:
        load_config(str(path), ("data.seed=-1",))
    text = str(told.value)
    assert f'{path}:2: model.encodr: unknown key; did you mean "encoder"?' in text
    assert f'{path}:3: model.cell: must be "gru" or "lstm", not "rnn"' in text
    assert f"{path}:6: training.teacher_forcing.start: " in text
    assert "--set data.seed=-1: data.seed: must be >= 0" in text


def test_a_configuration_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match=r'no configuration "defualt".*did you mean "default"'):
        load_config("defualt")


@given(
    st.sampled_from(["linear", "exponential", "inverse-sigmoid"]),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 5),
    st.integers(1, 20),
)
def test_teacher_forcing_goes_from_start_to_end(schedule, start, end, after, epochs) -> None:
    forcing = TeacherForcing(schedule, start, end, after, epochs)
    values = [truth_probability(forcing, epoch) for epoch in range(after + epochs + 5)]
    assert values[: after + 1] == [start] * (after + 1)
    assert values[after + epochs :] == [end] * 5
    steps = [b - a for a, b in pairwise(values)]
    assert all(step * (end - start) >= 0 for step in steps)


def test_teacher_forcing_falls_as_its_schedule_says() -> None:
    halfway = {s: truth_probability(TeacherForcing(s, 1.0, 0.0, 0, 10), 5) for s in ("linear", "exponential")}
    assert halfway == {"linear": 0.5, "exponential": pytest.approx(0.1)}
    assert truth_probability(TeacherForcing("inverse-sigmoid", 1.0, 0.0, 0, 10), 5) == pytest.approx(0.5)
    assert truth_probability(TeacherForcing("constant", 0.5, 0.0), 1000) == 0.5


def test_the_learning_rate_rises_and_falls() -> None:
    config = load_config("default", ("training.warmup=10",)).training
    shares = [learning_rate_share(config, step, 110) for step in range(111)]
    assert shares[:10] == pytest.approx([step / 10 for step in range(1, 11)])
    assert shares[60] == pytest.approx(0.5)
    assert shares[110] == pytest.approx(0)
    constant = load_config("first-version").training
    assert {learning_rate_share(constant, step, 100) for step in range(100)} == {1.0}


def keys_of(cls: type, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every key with its default."""
    for attribute in attrs.fields(cls):
        default = getattr(attribute.default, "factory", lambda value=attribute.default: value)()
        if attrs.has(type(default)):
            yield from keys_of(type(default), f"{prefix}{attribute.name}.")
        else:
            yield prefix + attribute.name, default


def test_every_key_is_documented_with_its_default() -> None:
    page = Path(__file__).parents[3] / "docs" / "neural-entrainment.md"
    if not page.exists():
        pytest.skip("not in the repository")
    text = page.read_text("utf-8")
    for key, default in keys_of(Config):
        assert f"| `{key}` | `{write_value(default)}` |" in text, key
    for name in named_configs():
        assert f"`{name}`" in text or f"`-{name.rpartition('-')[2]}`" in text, name
