"""Options are structured strictly, and everything that is wrong is told with the path of its key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
from antiphon.options import Selection, option
from antiphon.profile.structure import make_converter
from antiphon.profile.values import Wrong
from attrs import frozen, validators
from hypothesis import given
from hypothesis import strategies as st


@frozen(kw_only=True)
class Inner:
    gain: float = option(1.0, help="Gain.", validator=validators.gt(0))
    label: str = option(help="Label.")


@frozen
class Options:
    count: int = option(1, help="Count.", validator=validators.ge(0))
    level: float = option(0.5, help="Level.")
    on: bool = option(False, help="On.")
    name: str = option("x", help="Name.")
    mode: Literal["slow", "fast", "steady"] = option("slow", help="Mode.")
    size: int | None = option(None, help="Size.")
    noise: float | None = option(-60.0, help="Noise.")
    device: int | str | None = option(None, help="Device.")
    files: tuple[Path, ...] = option((), help="Files.", exists=True)
    prior: Path = option(Path("builtin:default"), help="Prior.", exists=True)
    table: Mapping[str, float] = option(factory=dict, help="Table.")
    pair: tuple[int, str] = option((1, "a"), help="Pair.")
    inner: Inner | None = option(None, help="Inner.")
    inners: tuple[Inner, ...] = option((), help="Inners.")
    voice: Selection | None = option(None, help="Voice.", stage="synthesizer")
    voices: tuple[Selection, ...] = option((), help="Voices.", stage="synthesizer")


def select(stage: str, table: Any) -> Any:
    if stage != "synthesizer" or not isinstance(table, Mapping) or "use" not in table:
        raise Wrong((("use",), "missing"))
    return ("chosen", table["use"])


def structure(table: Any, folder: Path = Path("/nowhere")) -> Options:
    return make_converter(folder, select).structure(table, Options)


def wrong(table: Any, folder: Path = Path("/nowhere")) -> dict[tuple[Any, ...], str]:
    with pytest.raises(Wrong) as caught:
        structure(table, folder)
    return dict(caught.value.problems)


def test_right_values_arrive():
    options = structure(
        {
            "count": 3,
            "level": 2,
            "on": True,
            "mode": "fast",
            "size": 4,
            "device": "hw:1",
            "table": {"a": 1},
            "pair": [2, "b"],
            "inner": {"label": "l"},
            "inners": [{"label": "m", "gain": 2.0}],
            "voice": {"use": "espeak"},
            "voices": [{"use": "a"}, {"use": "b"}],
        }
    )
    assert options == Options(
        count=3,
        level=2.0,
        on=True,
        mode="fast",
        size=4,
        device="hw:1",
        table={"a": 1.0},
        pair=(2, "b"),
        inner=Inner(label="l"),
        inners=(Inner(label="m", gain=2.0),),
        voice=("chosen", "espeak"),
        voices=(("chosen", "a"), ("chosen", "b")),
    )
    assert type(options.level) is float


def test_none_is_written_as_a_word():
    assert structure({"noise": "none", "size": "none"}) == Options(noise=None)
    assert structure({"device": "none"}).device == "none"  # where a text may stand, it is one


@pytest.mark.parametrize(
    ("table", "path", "message"),
    [
        ({"count": "5"}, ("count",), 'must be an integer, not "5"'),
        ({"count": True}, ("count",), "must be an integer, not true"),
        ({"count": 5.0}, ("count",), "must be an integer, not 5.0"),
        ({"count": -1}, ("count",), "must be >= 0, not -1"),
        ({"level": "5"}, ("level",), 'must be a number, not "5"'),
        ({"level": False}, ("level",), "must be a number, not false"),
        ({"level": 10**400}, ("level",), "too large"),
        ({"on": 1}, ("on",), "must be true or false, not 1"),
        ({"name": 1}, ("name",), "must be a text, not 1"),
        ({"mode": "fsat"}, ("mode",), 'did you mean "fast"?'),
        ({"mode": 1}, ("mode",), '"slow" or "fast" or "steady", not 1'),
        ({"size": "big"}, ("size",), 'an integer or "none"'),
        ({"device": 1.5}, ("device",), "an integer or a text"),
        ({"device": []}, ("device",), "not an array"),
        ({"table": []}, ("table",), "must be a table, not an array"),
        ({"table": {"a": "x"}}, ("table", "a"), "must be a number"),
        ({"pair": [1]}, ("pair",), "must have 2 elements, not 1"),
        ({"pair": [1, 2]}, ("pair", 1), "must be a text"),
        ({"pair": "ab"}, ("pair",), "must be an array"),
        ({"inner": {"gain": 1.0}}, ("inner", "label"), "missing"),
        ({"inner": {"label": "a", "gian": 1.0}}, ("inner", "gian"), 'did you mean "gain"?'),
        ({"inners": [{"label": "a"}, {"label": 1}]}, ("inners", 1, "label"), "must be a text"),
        ({"inners": [{"label": "a", "gain": 0}]}, ("inners", 0, "gain"), "must be > 0"),
        ({"voice": {}}, ("voice", "use"), "missing"),
        ({"voices": [{"use": "a"}, 3]}, ("voices", 1, "use"), "missing"),
        ({"files": ["a.wav"]}, ("files",), "there is no /nowhere/a.wav"),
        ({"files": [""]}, ("files", 0), "must be a path"),
        ({"cuont": 1}, ("cuont",), 'did you mean "count"?'),
        ([], (), "must be a table, not an array"),
        ("x", (), 'must be a table, not "x"'),
    ],
)
def test_wrong_values_are_refused_where_they_stand(table, path, message):
    assert message in wrong(table)[path]


def test_everything_is_told_at_once():
    table = {"count": "5", "mode": "none", "inner": {"gain": "x"}, "nmae": 1, "table": {"a": "x", "b": 1, "c": True}}
    assert set(wrong(table)) == {
        ("count",),
        ("mode",),
        ("inner", "gain"),
        ("inner", "label"),
        ("nmae",),
        ("table", "a"),
        ("table", "c"),
    }


def test_all_validators_speak():
    @frozen
    class Two:
        a: int = option(1, help="A.", validator=validators.ge(0))
        b: int = option(1, help="B.", validator=validators.le(0))

    with pytest.raises(Wrong) as caught:
        make_converter(Path(), select).structure({"a": -1, "b": 1}, Two)
    assert [path for path, _ in caught.value.problems] == [("a",), ("b",)]


def test_a_class_may_refuse_as_a_whole():
    @frozen
    class Both:
        a: int = option(1, help="A.")

        def __attrs_post_init__(self) -> None:
            raise ValueError("a and b exclude each other")

    with pytest.raises(Wrong) as caught:
        make_converter(Path(), select).structure({"a": 1}, Both)
    assert caught.value.problems == (((), "a and b exclude each other"),)


def test_paths_start_from_the_folder(tmp_path):
    (tmp_path / "a.wav").touch()
    options = structure({"files": ["a.wav", str(tmp_path / "a.wav")]}, tmp_path)
    assert options.files == (tmp_path / "a.wav", tmp_path / "a.wav")
    assert options.prior == Path("builtin:default")
    assert structure({"prior": "builtin:other"}).prior == Path("builtin:other")


def test_home_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.wav").touch()
    assert structure({"files": ["~/a.wav"]}).files == (tmp_path / "a.wav",)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("none/a\0", max_size=5) | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["use", "label", "gain", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*(a.name for a in attrs.fields(Options)), "else"]), anything))
def test_whatever_is_given_is_taken_as_it_is_or_refused(table):
    try:
        options = structure(table)
    except Wrong:
        return
    for name in ("count", "on", "name", "mode"):
        assert getattr(options, name) == table.get(name, getattr(Options(), name))
        assert type(getattr(options, name)) is type(table.get(name, getattr(Options(), name)))
