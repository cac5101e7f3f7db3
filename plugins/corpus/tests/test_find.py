"""Finding conversations by the names of their files, and in lists."""

from pathlib import Path

import hypothesis.strategies as st
import pytest
from antiphon.errors import InputError
from antiphon_corpus.importing import corpora
from antiphon_corpus.importing.find import Layout, find_sources
from antiphon_corpus.importing.listed import read_list
from antiphon_corpus.importing.source import Source, Track
from antiphon_corpus.pattern import Pattern
from hypothesis import given

ANY = Pattern("{speaker}")


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def found(folder: Path, transcripts: str, *audio: str) -> dict[str, Source]:
    return {source.name: source for source in find_sources([folder], Layout((transcripts,), audio))}


@pytest.mark.parametrize(
    ("pattern", "name", "places"),
    [
        ("{conversation}.wav", "talk 1.WAV", {"conversation": "talk 1"}),
        ("{conversation}_{speaker}.wav", "s1_cards_A.wav", {"conversation": "s1_cards", "speaker": "A"}),
        ("{conversation}/{speaker}.wav", "s1/ann.wav", {"conversation": "s1", "speaker": "ann"}),
        ("{conversation}/{conversation}-*.wav", "s1/s1-x.wav", {"conversation": "s1"}),
        ("{conversation}/{conversation}.wav", "s1/s2.wav", None),
        ("{conversation}.wav", ".wav", None),
        ("{conversation}.wav", "a/b.wav", None),
        ("{conversation}+(x).wav", "a+(x).wav", {"conversation": "a"}),
    ],
)
def test_patterns(pattern: str, name: str, places: dict[str, str] | None) -> None:
    assert Pattern(pattern).match(name) == places


@given(st.text(st.characters(exclude_characters="/{}*\n", exclude_categories=["Cs"]), min_size=1))
def test_a_pattern_takes_back_what_was_filled_in(name: str) -> None:
    assert Pattern("x{conversation}.wav").match(f"x{name}.wav") == {"conversation": name}


def test_unknown_places_are_refused() -> None:
    with pytest.raises(InputError, match=r"\{talker\} is unknown; known are \{conversation\} and \{speaker\}"):
        Pattern("{talker}.wav")
    with pytest.raises(InputError, match=r'"audio\.wav" has no \{conversation\}'):
        Layout(("{conversation}.csv",), ("audio.wav",))


def test_a_recording_for_all_or_one_for_each(tmp_path: Path) -> None:
    touch(tmp_path, "deep/c1.wav", "c1.TextGrid", "c2.TextGrid")
    sources = found(tmp_path, "{conversation}.TextGrid", "{conversation}.wav")
    assert list(sources) == ["c1", "c2"]
    assert sources["c1"].shared == tmp_path / "deep/c1.wav"
    assert sources["c2"].shared is None, "which is told when it is imported, and stops no other"
    touch(tmp_path, "c3_ann.flac", "c3_bob.flac", "c3_ann.csv", "c3_bob.csv")
    source = found(tmp_path, "{conversation}_{speaker}.csv", "{conversation}_{speaker}.flac")["c3"]
    assert source.tracks == {name: Track(tmp_path / f"c3_{name}.flac") for name in ("ann", "bob")}
    assert [(file.speaker, file.format) for file in source.transcripts] == [("ann", "words-csv"), ("bob", "words-csv")]


def test_speakers_are_others_in_every_conversation_unless_told(tmp_path: Path) -> None:
    touch(tmp_path, "c1.ctm")
    layout = Layout(("{conversation}.ctm",), ())
    (source,) = find_sources([tmp_path], layout, {"c1": {"A": "ann"}})
    assert (source.person("A"), source.person("B")) == ("ann", "c1:B")
    (source,) = find_sources([tmp_path], layout, local_speakers=False)
    assert source.person("B") == "B"


def test_what_cannot_be_found_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'no file is called "\{conversation\}\.csv"'):
        found(tmp_path, "{conversation}.csv")
    with pytest.raises(InputError, match="there is no such folder"):
        found(tmp_path / "none", "{conversation}.csv")
    touch(tmp_path, "a/c1.csv", "b/c1.csv")
    with pytest.raises(InputError, match=r"b/c1\.csv and .*a/c1\.csv are both c1; rename one"):
        found(tmp_path, "{conversation}.csv")


FISHER_TABLE = (
    "CALL_ID,DATE_TIME,TOPICID,SIG_GRADE,CNV_GRADE,APIN,ASX.DL,APHNUM,APHSET,APHTYP,BPIN,BSX.DL,BPHNUM,BPHSET,BPHTYP\n"
    "00001,20021212_14:52:58,ENG01,4,3,2602,m.a,no_APHNUM,,,1790,f.a,no_BPHNUM,,\n"
)


def test_fisher(tmp_path: Path) -> None:
    touch(tmp_path, "tran/data/trans/000/fe_03_00001.txt", "tran/bbn_orig/000/fe_03_00001.txt", "fe_03_readme.txt")
    touch(tmp_path, "sph1/audio/000/fe_03_00001.sph", "sph1/audio/000/fe_03_00002.sph")
    (tmp_path / "tran/doc").mkdir()
    (tmp_path / "tran/doc/fe_03_p1_calldata.tbl").write_text(FISHER_TABLE)
    roots = [tmp_path / "tran", tmp_path / "sph1"]
    (source,) = find_sources(roots, corpora.FISHER, corpora.fisher_persons(roots))
    assert source.name == "fe_03_00001"
    assert [file.path.parts[-3] for file in source.transcripts] == ["trans"]
    assert source.shared == tmp_path / "sph1/audio/000/fe_03_00001.sph"
    assert (source.person("A"), source.person("B")) == ("2602", "1790")
    (tmp_path / "tran/doc/fe_03_p1_calldata.tbl").write_text("CALL,APIN\n1,2\n")
    with pytest.raises(InputError, match=r"calldata\.tbl: its header has no CALL_ID, APIN and BPIN; it is: CALL, APIN"):
        corpora.fisher_persons(roots)


def test_switchboard(tmp_path: Path) -> None:
    files = [f"sw2001{side}-ms98-a-{level}.text" for side in "AB" for level in ("word", "trans")]
    touch(tmp_path, *(f"swb_ms98_transcriptions/20/2001/{name}" for name in files), "data/sw02001.sph")
    (tmp_path / "call_con_tab.csv").write_text(
        '2001, "A", 1032, "DF", 5, 361, "", "Y"\n2001, "B", 1045, "X", 5, 361, "", "Y"\n'
    )
    (source,) = find_sources([tmp_path], corpora.switchboard("word"), corpora.switchboard_persons([tmp_path]))
    assert source.name == "sw2001"
    assert [(file.speaker, file.path.name) for file in source.transcripts] == [("A", files[0]), ("B", files[2])]
    assert source.shared == tmp_path / "data/sw02001.sph"
    assert (source.person("A"), source.person("B")) == ("1032", "1045")
    touch(tmp_path, "wavs/sw2001A.wav", "wavs/sw2001B.wav")
    (source,) = find_sources([tmp_path], corpora.switchboard("trans"))
    assert source.tracks == {side: Track(tmp_path / f"wavs/sw2001{side}.wav") for side in "AB"}
    (tmp_path / "call_con_tab.csv").write_text("conversation,side,caller\n")
    with pytest.raises(InputError, match=r'call_con_tab\.csv: row 1: it is not of the form 2001, "A", 1032'):
        corpora.switchboard_persons([tmp_path])


def test_games(tmp_path: Path) -> None:
    names = [f"session_01/s01.{game}.{side}" for game in ("cards.1", "objects.1") for side in "AB"]
    touch(tmp_path, *(f"{name}.{suffix}" for name in names for suffix in ("words", "wav")))
    (tmp_path / "README.sessions-info").write_text("Session  A  sex  B  sex\n\n01  101  m  102  f\n")
    sources = find_sources([tmp_path], corpora.GAMES, corpora.games_persons([tmp_path]))
    assert [source.name for source in sources] == ["s01.cards.1", "s01.objects.1"]
    assert sources[1].tracks["B"] == Track(tmp_path / "session_01/s01.objects.1.B.wav")
    assert (sources[0].person("A"), sources[1].person("B")) == ("101", "102")


LIST = "conversation,speaker,transcript,audio,channel,label\n"


def test_a_list_names_everything(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST + "c1,ann,x.TextGrid,x.wav,0,left\nc1,bob,x.TextGrid,x.wav,1,right\n")
    (source,) = read_list(path, ANY)
    assert source.tracks == {"left": Track(tmp_path / "x.wav", 0), "right": Track(tmp_path / "x.wav", 1)}
    assert [(file.path, file.speaker) for file in source.transcripts] == [(tmp_path / "x.TextGrid", None)]
    assert (source.person("left"), source.only) == ("ann", ("left", "right"))
    path.write_text("conversation,speaker,transcript\nc1,ann,a.csv\nc1,bob,b.csv\n")
    (source,) = read_list(path, ANY)
    assert [(file.path.name, file.speaker) for file in source.transcripts] == [("a.csv", "ann"), ("b.csv", "bob")]
    assert source.silent


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "its columns are conversation, .*; the header is: empty"),
        ("conversation,speaker,text\n", "its columns are"),
        (LIST, "there is no conversation in it"),
        (LIST + "c1,,x.csv,x.wav,0,\n", "row 2: speaker is empty"),
        (LIST + "c1,ann,x.csv,x.wav,left,\n", "row 2: channel is 'left', not a number from 0"),
        (LIST + "c1,ann,x.csv,x.wav,0,\nc1,ann,x.csv,x.wav,0,\n", "row 3: conversation c1 has two rows of ann"),
        (LIST + "c1,ann,x.doc,x.wav,0,\n", r"x\.doc: a transcript is one of"),
    ],
)
def test_a_list_that_is_wrong_says_where(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_list(path, ANY)
