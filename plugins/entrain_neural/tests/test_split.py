"""Splits: nobody is heard in two parts, whatever the corpus, and every conversation is in one."""

from __future__ import annotations

import pytest
from antiphon.errors import InputError
from antiphon_entrain_neural.split import components, split_conversations
from hypothesis import given
from hypothesis import strategies as st

corpora = st.dictionaries(
    st.text("cdefgh0123456789", min_size=1, max_size=3),
    st.frozensets(st.integers(0, 30).map(str), min_size=1, max_size=3),
    min_size=1,
    max_size=25,
)


@given(corpora, st.integers(0, 5))
def test_nobody_is_heard_in_two_parts(speakers, seed) -> None:
    try:
        split = split_conversations(speakers, seed=seed)
    except InputError:
        assert len(components(speakers)) < 3
        return
    parts = (split.train, split.validation, split.test)
    assert sorted(name for part in parts for name in part) == sorted(speakers)
    heard = [{speaker for name in part for speaker in speakers[name]} for part in parts]
    assert all(parts)
    assert not heard[0] & heard[1]
    assert not heard[0] & heard[2]
    assert not heard[1] & heard[2]
    assert split == split_conversations(speakers, seed=seed)


def test_the_shares_are_kept() -> None:
    speakers = {f"c{number:03d}": frozenset((f"{number}a", f"{number}b")) for number in range(200)}
    one, other = (split_conversations(speakers, (0.7, 0.2, 0.1), seed=seed) for seed in (0, 1))
    assert [len(part) for part in (one.train, one.validation, one.test)] == [140, 40, 20]
    assert set(one.test) != set(other.test)


def test_speakers_join_conversations_through_others() -> None:
    speakers = {"one": frozenset("AB"), "two": frozenset("BC"), "three": frozenset("CD"), "four": frozenset("E")}
    assert components(speakers) == [["four"], ["one", "three", "two"]]


def test_by_conversation_speakers_may_recur() -> None:
    speakers = {f"c{number}": frozenset("AB") for number in range(10)}
    split = split_conversations(speakers, method="conversations")
    assert [len(part) for part in (split.train, split.validation, split.test)] == [8, 1, 1]
    with pytest.raises(InputError, match="2 conversations cannot be divided into 3 parts"):
        split_conversations({"one": frozenset("A"), "two": frozenset("B")})
