"""Inter-pausal units to turns."""

from itertools import pairwise

import hypothesis.strategies as st
import pytest
from antiphon.errors import InputError
from antiphon_corpus.ipus import Ipu, TurnRules, ipus_to_turns
from hypothesis import given

A1, A2, A3 = Ipu("a", 0, 1, "one"), Ipu("a", 1.2, 2, "two"), Ipu("a", 3, 4, "three")
MHM = Ipu("b", 2.2, 2.5, "mhm")
B = Ipu("b", 5, 7, "now I speak")


def said(*ipus: Ipu, **rules: object) -> list[tuple[str, str]]:
    return [(t.speaker, t.text) for t in ipus_to_turns(ipus, TurnRules(**rules)).turns]  # type: ignore[arg-type]


def test_every_text_is_said_once_and_the_last_turn_is_there() -> None:
    assert said(A1, A2, B) == [("a", "one two"), ("b", "now I speak")]
    assert said(A1) == [("a", "one")]
    assert said() == []


def test_a_turn_ends_with_its_latest_unit_not_with_its_last() -> None:
    long = Ipu("a", 0, 5, "a long one")
    (turn,) = ipus_to_turns([long, Ipu("a", 1, 2, "over itself")]).turns
    assert (turn.start_s, turn.end_s) == (0, 5)


def test_units_may_come_in_any_order() -> None:
    turns = ipus_to_turns([B, A2, A1]).turns
    assert [(t.speaker, t.text, t.ipus) for t in turns] == [("a", "one two", (2, 1)), ("b", "now I speak", (0,))]


def test_what_is_left_out_leaves_neither_split_turns_nor_shifted_units() -> None:
    units = [A1, Ipu("b", 1.05, 1.1, "  "), A2, B]
    result = ipus_to_turns(units)
    assert [t.speaker for t in result.turns] == ["a", "b"]
    assert result.left_out == {1: "empty"}
    stored = [f"embedding of {unit.text}" for unit in units]
    assert [[stored[i] for i in t.ipus] for t in result.turns] == [
        ["embedding of one", "embedding of two"],
        ["embedding of now I speak"],
    ]
    assert said(*units, keep_empty=True) == [("a", "one"), ("b", ""), ("a", "two"), ("b", "now I speak")]


def test_a_backchannel_splits_no_turn() -> None:
    assert said(A2, MHM, A3) == [("a", "two"), ("b", "mhm"), ("a", "three")]
    assert said(A2, MHM, A3, max_backchannel_s=0.5) == [("a", "two three")]
    assert said(A2, MHM, A3, max_backchannel_s=0.2) == said(A2, MHM, A3)
    assert said(A2, MHM, A3, max_backchannel_s=0.5, max_backchannel_words=0) == said(A2, MHM, A3)
    assert ipus_to_turns([A2, MHM, A3], TurnRules(max_backchannel_s=0.5)).left_out == {1: "backchannel"}


def test_a_short_unit_that_is_no_interjection_is_a_turn() -> None:
    assert said(A2, MHM, max_backchannel_s=0.5) == [("a", "two"), ("b", "mhm")]
    assert said(A2, MHM, B, max_backchannel_s=0.5) == [("a", "two"), ("b", "mhm now I speak")]
    assert said(A2, MHM, A3, max_backchannel_s=0.5, max_pause_s=0.9) == [("a", "two"), ("b", "mhm"), ("a", "three")]


def test_a_long_pause_ends_a_turn_when_asked() -> None:
    assert said(A1, A2, A3, max_pause_s=0.5) == [("a", "one two"), ("a", "three")]
    assert said(A1, A2, A3) == [("a", "one two three")]


def test_overlapped_units_are_turns_or_left_out() -> None:
    inside = Ipu("b", 0.2, 0.9, "yes I know that")
    assert said(A1, inside, A2) == [("a", "one"), ("b", "yes I know that"), ("a", "two")]
    assert said(A1, inside, A2, contained="drop") == [("a", "one two")]
    partly = Ipu("b", 0.5, 1.1, "but")
    assert said(A1, partly, A2, contained="drop") == [("a", "one"), ("b", "but"), ("a", "two")]
    same = Ipu("b", 0, 1, "together")
    assert len(said(A1, same, contained="drop")) == 2, "of two units at the same time, neither is inside the other"


def test_times_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match=r"of a goes from 2 s to 1 s"):
        Ipu("a", 2, 1, "x")
    with pytest.raises(InputError, match="correct its times"):
        Ipu("a", float("nan"), 1, "x")


units = st.lists(
    st.builds(
        lambda speaker, start, length, text: Ipu(speaker, start, start + length, text),
        st.sampled_from("abc"),
        st.integers(0, 20),
        st.integers(0, 4),
        st.sampled_from(["", "mm", "some words here"]),
    ),
    max_size=15,
)
rules = st.builds(
    TurnRules,
    max_pause_s=st.none() | st.integers(0, 3),
    max_backchannel_s=st.none() | st.integers(0, 2),
    max_backchannel_words=st.none() | st.integers(0, 2),
    contained=st.sampled_from(["turn", "drop"]),
    keep_empty=st.booleans(),
)


@given(units, rules)
def test_every_unit_is_in_one_turn_or_left_out(ipus: list[Ipu], rules: TurnRules) -> None:
    result = ipus_to_turns(ipus, rules)
    used = [i for turn in result.turns for i in turn.ipus]
    assert sorted([*used, *result.left_out]) == list(range(len(ipus)))
    for turn in result.turns:
        parts = [ipus[i] for i in turn.ipus]
        assert {part.speaker for part in parts} == {turn.speaker}
        assert (turn.start_s, turn.end_s) == (min(p.start_s for p in parts), max(p.end_s for p in parts))
        assert turn.text.split() == [word for part in parts for word in part.text.split()]
    starts = [turn.start_s for turn in result.turns]
    assert starts == sorted(starts)
    if rules.max_pause_s is None:
        speakers = [turn.speaker for turn in result.turns]
        assert all(one != other for one, other in pairwise(speakers)), "turns alternate"
