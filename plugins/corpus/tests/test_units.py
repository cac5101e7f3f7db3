"""Segments of transcripts to inter-pausal units."""

from itertools import pairwise

import hypothesis.strategies as st
from antiphon.payloads import Word
from antiphon_corpus.importing.units import Rules, units
from antiphon_corpus.ipus import ipus_to_turns
from antiphon_corpus.transcripts.segment import Segment
from hypothesis import given


def word(speaker: str, start_s: float, end_s: float, text: str) -> Segment:
    return Segment(speaker, start_s, end_s, text, "line 1")


def texts(*segments: Segment, **rules: object) -> list[tuple[str, str]]:
    return [(u.ipu.speaker, u.ipu.text) for u in units(segments, Rules(**rules))]  # type: ignore[arg-type]


SO, WHERE, WERE = word("a", 0, 0.5, "so"), word("a", 0.54, 1, "where"), word("a", 1.2, 1.5, "were")


def test_a_pause_parts_units() -> None:
    assert texts(SO, WHERE, WERE) == [("a", "so where"), ("a", "were")]
    assert texts(SO, WHERE, WERE, ipu_pause_s=0.2) == [("a", "so where were")]
    assert texts(SO, WHERE, WERE, ipu_pause_s=0.0) == [("a", "so"), ("a", "where"), ("a", "were")]


def test_speakers_are_apart_and_segments_in_any_order() -> None:
    hm = word("b", 0.5, 0.53, "hm")
    assert texts(WHERE, hm, SO) == [("a", "so where"), ("b", "hm")]


def test_silence_is_no_unit_and_what_is_not_said_is_one_without_text() -> None:
    silences = [word("a", 1.0, 1.2, label) for label in ("#", "SIL", "", "[silence]", "pause")]
    assert texts(SO, WHERE, *silences, WERE, silence=("#", "sil", "[silence]", "Pause")) == texts(SO, WHERE, WERE)
    laughs = [SO, word("a", 0.5, 0.6, "[laughter]"), word("a", 0.6, 1.0, "where")]
    assert texts(*laughs, markup="fisher") == [("a", "so"), ("a", ""), ("a", "where")]
    turns = ipus_to_turns([u.ipu for u in units(laughs, Rules(markup="fisher"))]).turns
    assert [(t.text, t.end_s) for t in turns] == [("so where", 1.0)]


def test_a_unit_ends_with_its_latest_segment() -> None:
    (unit,) = units([word("a", 0, 3, "long"), word("a", 1, 2, "short"), word("a", 3.01, 4, "next")], Rules())
    assert (unit.ipu.start_s, unit.ipu.end_s, unit.ipu.text) == (0, 4, "long short next")


def test_words_keep_their_times_and_phrases_have_none() -> None:
    first, _ = units([SO, WHERE, WERE], Rules())
    assert first.words == (Word("so", 0, 0.5), Word("where", 0.54, 1))
    (phrase,) = units([word("a", 0, 2, "so where")], Rules())
    assert phrase.words == ()


segments = st.lists(
    st.builds(
        lambda speaker, start, length, text: word(speaker, start, start + length, text),
        st.sampled_from("ab"),
        st.integers(0, 20),
        st.integers(0, 4),
        st.sampled_from(["", "mm", "[laughter]", "some words"]),
    ),
    max_size=12,
)


@given(segments, st.integers(0, 3))
def test_every_word_is_in_one_unit_and_units_of_a_speaker_do_not_touch(found: list[Segment], pause: int) -> None:
    made = units(found, Rules(ipu_pause_s=pause, markup="fisher"))
    said = sorted(w for s in found for w in s.text.split() if not w.startswith("["))
    assert sorted(w for u in made for w in u.ipu.text.split()) == said
    for speaker in "ab":
        mine = [u.ipu for u in made if u.ipu.speaker == speaker]
        assert [u.start_s for u in mine] == sorted(u.start_s for u in mine)
        for one, other in pairwise(mine):
            assert not (one.text and other.text) or other.start_s - one.end_s > pause
