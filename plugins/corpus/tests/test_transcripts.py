"""Reading transcripts of every format."""

import contextlib
import json
from pathlib import Path

import hypothesis.strategies as st
import pytest
from antiphon.errors import InputError
from antiphon_corpus.pattern import Pattern
from antiphon_corpus.transcripts.markup import MARKUP
from antiphon_corpus.transcripts.reader import Format, TranscriptFile, format_of, read_transcript
from hypothesis import HealthCheck, example, given, settings
from praatio import textgrid

WORDS = [("A", 0.5, 0.75, "so"), ("A", 0.75, 1.5, "where"), ("B", 1.25, 2.0, "hier")]
MIXED = "naïve 你好 שלום"

Read = list[tuple[str | None, float, float, str]]


def read(
    folder: Path,
    name: str,
    content: str | bytes,
    format_: Format | None = None,
    speaker: str | None = None,
    tiers: str = "{speaker}",
) -> Read:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    file = TranscriptFile(path, format_ or format_of(path), "c1", speaker, Pattern(tiers))
    return [(s.speaker, s.start_s, s.end_s, s.text) for s in read_transcript(file)]


def grid(folder: Path, tiers: dict[str, list[tuple[float, float, str]]], style: str = "short_textgrid") -> bytes:
    made = textgrid.Textgrid()
    for name, entries in tiers.items():
        made.addTier(textgrid.IntervalTier(name, entries, 0, 3.0))
    made.save(str(folder / "made.TextGrid"), style, includeBlankSpaces=True)
    return (folder / "made.TextGrid").read_bytes()


TIERS: dict[str, list[tuple[float, float, str]]] = {"ann": [(0.5, 1.5, "so where")], "bob": [(1.25, 2.0, MIXED)]}


@pytest.mark.parametrize("style", ["short_textgrid", "long_textgrid"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_textgrids_have_a_tier_a_speaker(tmp_path: Path, style: str, encoding: str) -> None:
    content = grid(tmp_path, TIERS, style).decode().encode(encoding)
    found = [s for s in read(tmp_path, "a.TextGrid", content) if s[3]]
    assert found == [("ann", 0.5, 1.5, "so where"), ("bob", 1.25, 2.0, MIXED)]


def test_tiers_are_chosen_by_their_names(tmp_path: Path) -> None:
    content = grid(tmp_path, {"ann - words": TIERS["ann"], "ann - phones": TIERS["bob"]})
    found = [s for s in read(tmp_path, "a.TextGrid", content, tiers="{speaker} - words") if s[3]]
    assert found == [("ann", 0.5, 1.5, "so where")]
    with pytest.raises(InputError, match=r'no interval tier is called "x"; there are: ann - words, ann - phones'):
        read(tmp_path, "a.TextGrid", content, tiers="x")
    with pytest.raises(InputError, match=r"by its name it is bob's alone, but in it are .*; choose one by --tiers"):
        read(tmp_path, "a.TextGrid", content, speaker="bob")
    assert read(tmp_path, "a.TextGrid", content, speaker="bob", tiers="ann - words")[1][0] == "bob"


def test_words_come_as_tables_and_json(tmp_path: Path) -> None:
    table = "speaker,start,end,word\n" + "".join(f"{s},{a},{b},{w}\n" for s, a, b, w in WORDS)
    assert read(tmp_path, "a.csv", table) == WORDS
    assert read(tmp_path, "a.csv", "\ufeff" + table) == WORDS
    assert read(tmp_path, "a.tsv", table.replace(",", "\t").replace("start", "start_s")) == WORDS
    objects = [{"speaker": s, "start": a, "end": b, "word": w} for s, a, b, w in WORDS]
    assert read(tmp_path, "a.json", json.dumps(objects)) == WORDS
    assert read(tmp_path, "a.json", json.dumps({"words": objects})) == WORDS
    one = read(tmp_path, "a.csv", "start_s,end_s,text\n0.5,1,so where\n", speaker="ann")
    assert one == [("ann", 0.5, 1.0, "so where")]


def test_recognisers_nest_words_in_segments(tmp_path: Path) -> None:
    words = [{"word": " so", "start": 0.5, "end": 0.75}, {"word": " where", "start": 0.75, "end": 1.5, "speaker": "B"}]
    segments = [{"start": 0.5, "end": 1.5, "text": "so where", "speaker": "A", "words": words}]
    segments.append({"start": 2, "end": 3, "text": "we were", "speaker": "B", "words": []})
    found = read(tmp_path, "a.json", json.dumps({"text": "so where we were", "segments": segments}))
    assert found == [("A", 0.5, 0.75, "so"), ("B", 0.75, 1.5, "where"), ("B", 2.0, 3.0, "we were")]


def test_ctm_has_durations_and_may_hold_several_conversations(tmp_path: Path) -> None:
    content = ";; a comment\nc1 A 0.5 0.25 so 0.98\nc1 A 0.75 0.75 where\nc2 A 0 1 other\nc1 B 1.25 0.75 hier 1.0\n"
    assert read(tmp_path, "a.ctm", content) == WORDS
    assert len(read(tmp_path, "a.ctm", content.replace("c1", "c3"))) == 4, "a file may call itself otherwise"


def test_subtitles_name_their_speakers(tmp_path: Path) -> None:
    content = (
        "1\n00:00:00,500 --> 00:00:01,500\nAnn Lee: <i>so</i>\nwhere: there\n\n"
        f"2\n01:00:01,250 --> 01:00:02,000\n[bob]: {MIXED}\n"
    )
    expected = [("Ann Lee", 0.5, 1.5, "so where: there"), ("bob", 3601.25, 3602.0, MIXED)]
    assert read(tmp_path, "a.srt", content) == expected
    alone = read(tmp_path, "a.srt", content.replace("Ann Lee: ", ""), speaker="ann")
    assert alone[0] == ("ann", 0.5, 1.5, "so where: there")
    with pytest.raises(InputError, match=r"a\.srt: subtitle 1 names no speaker"):
        read(tmp_path, "a.srt", content.replace("Ann Lee: <i>so</i>\nwhere: there", "so there"))


FISHER = """# fe_03_00001.sph
# Transcribed at the LDC

3.76 5.54 A: and i generally prefer [laughter]

5.82 6.48 A: eating at home

12.39 14.07 B: (( oh yeah ))
"""


def test_fisher_as_it_is_published(tmp_path: Path) -> None:
    assert read(tmp_path, "fe_03_00001.txt", FISHER, "fisher") == [
        ("A", 3.76, 5.54, "and i generally prefer [laughter]"),
        ("A", 5.82, 6.48, "eating at home"),
        ("B", 12.39, 14.07, "(( oh yeah ))"),
    ]


def test_switchboard_as_it_is_published(tmp_path: Path) -> None:
    words = (
        "sw2001A-ms98-a-0001 0.000000 0.977625 [silence]\n"
        "sw2001A-ms98-a-0002 0.977625 1.166250 hi\n"
        "sw2001A-ms98-a-0002 1.166250 1.400000 um\n"
    )
    found = read(tmp_path, "w", words, "switchboard", speaker="A")
    assert found == [("A", 0.0, 0.977625, "[silence]"), ("A", 0.977625, 1.16625, "hi"), ("A", 1.16625, 1.4, "um")]
    utterance = "sw2001A-ms98-a-0002 0.977625 11.561375 hi um yeah i'd like to talk\n"
    assert read(tmp_path, "t", utterance, "switchboard", speaker="A") == [
        ("A", 0.977625, 11.561375, "hi um yeah i'd like to talk")
    ]


def test_games_as_they_are_published(tmp_path: Path) -> None:
    found = read(tmp_path, "s01.objects.1.A.words", "0.000000 0.410000 #\n0.410000 0.680000 okay\n", "games", "A")
    assert found == [("A", 0.0, 0.41, "#"), ("A", 0.41, 0.68, "okay")]


@pytest.mark.parametrize(
    ("markup", "text", "words"),
    [
        ("fisher", "and [laughter] (( oh yeah )) an- [mn]", "and oh yeah an-"),
        ("fisher", "(( ))", ""),
        ("switchboard", "[laughter-yeah] about_1 {alrighty} [splace/space]", "yeah about alrighty space"),
        ("switchboard", "th[ey]- -[an]d <b_aside> no <e_aside> [vocalized-noise]", "th- -d no"),
        ("switchboard", "[silence]", ""),
        ("brackets", "okay [laugh] <noise> (the lion)", "okay the lion"),
        ("plain", "[so] (it) <is>", "[so] (it) <is>"),
    ],
)
def test_markup_is_taken_out(markup: str, text: str, words: str) -> None:
    assert MARKUP[markup](text) == words


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "speaker,start,end,word\nA,0,1,x\nA,-1,1,so\n", r"a\.csv: row 3: it starts at -1 s"),
        ("a.csv", "speaker,start,end,word\nA,2,1,so\n", r"row 2: it ends at 1 s before it starts at 2 s; correct"),
        ("a.csv", "speaker,start,end,word\nA,nan,1,so\n", r"row 2: the start is 'nan', not a time in seconds"),
        ("a.csv", 'speaker,start,end,word\nA,0,"1,5",so\n', r"row 2: the end is '1,5', .* with a decimal point"),
        ("a.csv", "speaker,start,end,word\nA,0\n", r"row 2: there is no word or text"),
        ("a.csv", "speaker,start,end,word\n,0,1,so\n", r"row 2: it names no speaker; add one, or give each speaker a"),
        ("a.csv", "speaker,begin,end,word\n", r"no column start_s or start; its header is: speaker, begin, end, word"),
        ("a.csv", "", "no column start_s or start; its header is: empty"),
        ("a.csv", b"start,end,word\n0,1,\xe9\n", "not UTF-8 text .*; save it as UTF-8"),
        ("a.json", "{", "it is no JSON"),
        ("a.json", "[" * 100_000, "it is no JSON"),
        ("a.json", '{"text": "x"}', 'or one under "words"'),
        ("a.json", '[{"speaker": "A", "start": true, "end": 1, "word": "x"}]', "item 1: the start is True"),
        ("a.json", '[{"speaker": "A", "end": 1, "word": "x"}]', "item 1: the start is None"),
        ("a.json", '["so"]', "item 1: it is 'so', not an object"),
        ("a.ctm", "c1 A 0.5 0.2\n", r"line 1: it has 4 columns; write: file channel start duration word"),
        ("a.ctm", "c1 A 0.5 -0.2 so\n", r"line 1: it ends at 0\.3 s before it starts"),
        ("a.ctm", "\nc1 A 0.5 x so\n", r"line 2: the duration is 'x'"),
        ("a.srt", "so where were we", "there is no subtitle in it"),
        ("a.srt", "1\n00:00:02,000 --> 00:00:01,000\nA: x\n", "subtitle 1: it ends at 1 s before it starts at 2 s"),
        ("a.TextGrid", "no grid", r"a\.TextGrid: it is no TextGrid, or a damaged one .*; save it again from Praat"),
        ("a.TextGrid", b"\xff\xfe\x00", "neither UTF-8 nor UTF-16"),
        ("a.docx", "x", r"a transcript is one of \.textgrid, .*, not \.docx"),
    ],
)
def test_errors_name_the_file_the_place_and_a_remedy(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, name, content)
    assert str(tmp_path / name) in str(error.value)


@pytest.mark.parametrize(
    ("format_", "content", "message"),
    [
        ("fisher", "3.76 5.54 C: hm\n", 'line 1: .* is not of the form "start end A: text"'),
        ("fisher", "# x\n\nx 5.54 A: hm\n", r"line 3: the start is 'x'"),
        ("switchboard", "sw2001A-ms98-a-0001 0.0\n", 'line 1: .* is not of the form "utterance start end text"'),
        ("games", "0.0\n", 'line 1: .* is not of the form "start end word"'),
        ("games", "1 0.5 #\n", r"line 1: it ends at 0\.5 s before it starts"),
    ],
)
def test_errors_of_published_layouts(tmp_path: Path, format_: Format, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, "file", content, format_, speaker=None if format_ == "fisher" else "A")


@pytest.mark.parametrize("style", ["short_textgrid", "long_textgrid"])
def test_a_textgrid_that_breaks_off_is_refused_or_whole(tmp_path: Path, style: str) -> None:
    content = grid(tmp_path, {**TIERS, "eve": [(2.0, 3.0, "route 66")]}, style)
    whole = read(tmp_path, "a.TextGrid", content)
    for length in range(0, len(content), 3):
        with contextlib.suppress(InputError):
            assert read(tmp_path, "a.TextGrid", content[:length]) == whole


segments = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]),
        st.integers(0, 10**7).map(lambda ms: ms / 1000),
        st.integers(0, 10**5).map(lambda ms: ms / 1000),
        st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).filter(lambda t: t[0] not in ";[<#{"),
    ),
    min_size=1,
    max_size=6,
)


@given(segments)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(tmp_path: Path, items: list[tuple[str, float, float, str]]) -> None:
    expected = [(speaker, start, start + length, text) for speaker, start, length, text in items]
    objects = [{"speaker": s, "start": a, "end": b, "text": w} for s, a, b, w in expected]
    assert read(tmp_path, "a.json", json.dumps(objects)) == expected
    ctm = "".join(f"c1 {s} {a!r} {d!r} {w}\n" for s, a, d, w in items)
    assert read(tmp_path, "a.ctm", ctm) == expected
    fisher = "".join(f"{a!r} {b!r} {s}: {w}\n" for s, a, b, w in expected)
    assert read(tmp_path, "f", fisher, "fisher") == expected
    games = "".join(f"{a!r} {b!r} {w}\n" for _, a, b, w in expected)
    assert read(tmp_path, "g", games, "games", "A") == [("A", *rest) for _, *rest in expected]


@given(
    st.sampled_from(["a.csv", "a.json", "a.ctm", "a.srt", "a.TextGrid", "fisher", "switchboard", "games"]),
    st.binary(max_size=120) | st.text(st.sampled_from(' 0123456789.-:,>\n[]{}"#;ABstarendwo\ud7ff'), max_size=120),
)
@example("a.csv", 'speaker,start,end,word\nA,0,1,"x')
@example("a.srt", "00:00:00,000 --> 00:00:01,000\n")
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path: Path, name: str, content: str | bytes) -> None:
    format_: Format | None = name if "." not in name else None  # type: ignore[assignment]
    with contextlib.suppress(InputError):
        found = read(tmp_path, name, content, format_)
        assert all(0 <= start <= end for _, start, end, _ in found)
