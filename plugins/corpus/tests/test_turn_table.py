"""Reading, checking and writing turn tables."""

import csv
import json
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from antiphon.errors import InputError
from antiphon.features import FeatureSpec
from antiphon_corpus import turn_table
from antiphon_corpus.turn_table import TurnTable, read_turn_table, write_turn_table
from hypothesis import given, settings

HEADER = "conversation,turn,speaker,start_s,end_s,text,pitch_mean\n"
TWO = "c1,0,ann,0.5,1.5,hello,210.5\nc1,1,bob,1.75,2,,\n"


def table(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_table_has_types_units_and_missing_values(tmp_path: Path) -> None:
    read = read_turn_table(table(tmp_path, HEADER + TWO))
    assert [(s.name, s.unit, s.scale) for s in read.features] == [("pitch_mean", "Hz", "raw")]
    assert read.frame["speaker"].tolist() == ["ann", "bob"]
    assert read.frame["text"].tolist() == ["hello", ""]
    assert read.frame["turn"].dtype == np.int64
    assert read.frame["pitch_mean"].dtype == np.float64
    np.testing.assert_array_equal(read.frame["pitch_mean"], [210.5, np.nan])
    assert read.notices == ()


def test_ids_and_texts_are_kept_as_they_are_written(tmp_path: Path) -> None:
    text = '"NA, ""null"",\nמה שלומך 你好 þú 🙂"'
    read = read_turn_table(table(tmp_path, HEADER + f"007,0,NA,0,1,{text},\n007,1,1e3,1,2,NA,NA\n"))
    assert read.frame["conversation"].tolist() == ["007", "007"]
    assert read.frame["speaker"].tolist() == ["NA", "1e3"]
    assert read.frame["text"].tolist() == ['NA, "null",\nמה שלומך 你好 þú 🙂', "NA"]


@pytest.mark.parametrize("cell", ["", " ", "NA", "nan", "NaN", "--undefined--"])
def test_what_other_programs_write_for_missing_is_missing(tmp_path: Path, cell: str) -> None:
    read = read_turn_table(table(tmp_path, HEADER + f"c,0,a,0,1,x,{cell}\nc,1,b,1,2,y,3\n"))
    assert np.isnan(read.frame["pitch_mean"][0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it is empty; its first row names the columns"),
        (HEADER, "there is no turn in it"),
        ("conversation_id,turn_index,speaker,start_s,end_s,text\n", r'"conversation" \(is it "conversation_id"\?'),
        ("conversation;turn;speaker\n", "separated by semicolons"),
        ("conversation,turn,speaker,start_s,end_s,text,text\n", 'two columns "text"'),
        (
            HEADER.replace("pitch_mean", "pitch_mean_hz") + TWO,
            'columns pitch_mean_hz; if pitch_mean_hz is "pitch_mean"',
        ),
        (HEADER + "c,0,a,0,1,x,1\nc,0,b,1,2,y,1\n", "row 3: turn 0 of conversation c is in row 2 already"),
        (HEADER + TWO + "c1,2,ann,5,4.5,x,\n", "row 4: the turn ends before it starts"),
        (HEADER + TWO + "c1,2,ann,5,6,x,high\n", "row 4: pitch_mean is 'high', not a number"),
        (HEADER + TWO + 'c1,2,ann,5,6,x,"2,5"\n', "row 4: pitch_mean is '2,5', not a number; write decimals with"),
        (HEADER + TWO + "c1,2,ann,5,6,x,-inf\n", "row 4: pitch_mean is infinite"),
        (HEADER + TWO + "c1,2,ann,5,6,x,-0.3\n", "row 4: pitch_mean is negative; turn tables hold raw values in Hz"),
        (HEADER + TWO + "c1,2,ann,,6,x,1\n", "row 4: start_s is empty"),
        (HEADER + TWO + "c1,2.5,ann,5,6,x,1\n", "row 4: turn is not a whole number"),
        (HEADER + TWO + "c1,2,,5,6,x,1\n", "row 4: speaker is empty"),
        (HEADER + TWO + "c2,0,ann,5,6,x,1\n", "row 4: conversation c2 has turns of ann alone"),
        (HEADER + TWO + "c1,2,ann\n", "cannot be read.*3"),
        (HEADER.encode() + "c,0,é,0,1,x,1\n".encode("latin-1"), "save it as UTF-8"),
        (HEADER.encode() + 9999 * TWO.encode() + b"c,0,\xe9,0,1,x,1\n", "cannot be read.*invalid UTF8"),
        ("conversación".encode("utf-16"), "save it as UTF-8"),
    ],
)
def test_errors_name_the_file_the_row_and_a_remedy(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = table(tmp_path, content)
    with pytest.raises(InputError, match=message) as caught:
        read_turn_table(path)
    assert str(caught.value).startswith(str(path))


def test_a_file_that_is_not_there_or_of_another_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_turn_table(tmp_path / "none.csv")
    with pytest.raises(InputError, match=r"\.csv or \.parquet files, not \.xlsx"):
        read_turn_table(tmp_path / "table.xlsx")
    with pytest.raises(InputError, match="cannot be read"):
        read_turn_table(table(tmp_path, b"no parquet at all", "table.parquet"))


def test_rows_are_counted_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_table, "BLOCK_BYTES", 1 << 10)
    rows = [f"c,{i},{'ab'[i % 2]},{i},{i + 1},word,100\n" for i in range(2000)]
    path = table(tmp_path, HEADER + "".join(rows))
    assert read_turn_table(path).frame["turn"].tolist() == list(range(2000))
    rows[1700] = rows[1700].replace("100\n", "x\n")
    path.write_text(HEADER + "".join(rows))
    with pytest.raises(InputError, match="row 1702: pitch_mean is 'x'"):
        read_turn_table(path)


def test_foreign_columns_are_renamed_and_dropped_when_asked(tmp_path: Path) -> None:
    foreign = "id,n,speaker,start_s,end_s,text,hz,mood\nc,0,A,0,1,x,100,good\nc,1,B,1,2,y,200,bad\n"
    path = table(tmp_path, foreign)
    rename = {"id": "conversation", "n": "turn", "hz": "pitch_mean"}
    with pytest.raises(InputError, match="unknown columns mood"):
        read_turn_table(path, rename=rename)
    read = read_turn_table(path, rename=rename, drop_unknown=True, local_speakers=True)
    assert read.frame["speaker"].tolist() == ["c:A", "c:B"]
    assert list(read.frame.columns)[-1] == "pitch_mean"
    with pytest.raises(InputError, match='no column "hertz" to rename; it has id, n'):
        read_turn_table(path, rename={"hertz": "pitch_mean"})


def test_a_column_may_be_declared_by_the_caller(tmp_path: Path) -> None:
    creak = FeatureSpec("creak", "ratio", "share of creaky frames")
    path = table(tmp_path, HEADER.replace("pitch_mean", "creak,mood") + TWO.replace("\n", ",1\n"))
    read = read_turn_table(path, declared=[creak], drop_unknown=True)
    assert read.features == (creak,)
    assert read.frame["creak"][0] == 210.5


def test_turns_are_sorted_by_start_with_a_notice(tmp_path: Path) -> None:
    rows = "c2,0,a,0,1,,1\nc1,1,b,3,4,,2\nc1,0,a,1,2,,3\nc2,1,b,1,2,,4\n"
    read = read_turn_table(table(tmp_path, HEADER + rows))
    assert read.frame["pitch_mean"].tolist() == [1, 4, 3, 2]
    assert read.notices == ("sorted the turns of 1 conversations by their start",)
    apart = "c2,0,a,0,1,,1\nc1,1,b,3,4,,2\nc2,1,b,1,2,,4\nc1,2,a,5,6,,3\n"
    read = read_turn_table(table(tmp_path, HEADER + apart))
    assert read.frame["pitch_mean"].tolist() == [1, 4, 2, 3]
    assert read.notices == ("brought the turns of each conversation together",)


def test_conversations_of_one_speaker_are_dropped_or_kept_when_asked(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER + "m,0,eve,0,1,x,1\nm,1,eve,1,2,x,1\n" + TWO)
    read = read_turn_table(path, monologues="drop")
    assert read.frame["conversation"].unique().tolist() == ["c1"]
    assert read.frame["speaker"].cat.categories.tolist() == ["ann", "bob"]
    assert read.notices == ("dropped 1 conversations of one speaker (2 turns)",)
    assert len(read_turn_table(path, monologues="keep").frame) == 4
    alone = table(tmp_path, HEADER + "m,0,eve,0,1,x,1\n")
    with pytest.raises(InputError, match="no conversation has turns of two speakers"):
        read_turn_table(alone, monologues="drop")


def test_zeros_that_may_stand_for_missing_are_told(tmp_path: Path) -> None:
    read = read_turn_table(table(tmp_path, HEADER + "c,0,a,0,1,x,0\nc,1,b,1,2,y,100\n"))
    assert read.notices == ("pitch_mean is 0 in 1 turns; if that means missing, leave those cells empty",)


def test_features_of_your_own_are_declared_beside_the_table(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER.replace("pitch_mean", "creak") + "c,0,a,0,1,x,0.25\nc,1,b,1,2,y,\n")
    creak = {"unit": "ratio", "definition": "share of creaky frames", "floor": 0.01}
    table(tmp_path, json.dumps({"schema": 1, "features": {"creak": creak}}), "table.features.json")
    read = read_turn_table(path)
    assert read.features == (FeatureSpec("creak", "ratio", "share of creaky frames", floor=0.01),)
    write_turn_table(read, tmp_path / "copy.parquet")
    assert read_turn_table(tmp_path / "copy.parquet").features == read.features


@pytest.mark.parametrize(
    ("sidecar", "message"),
    [
        ("{", "declare features as"),
        ('{"schema": 2, "features": {}}', "its schema is 2, not 1"),
        ('{"schema": 1, "features": {"x": {"unit": "s"}}}', "'definition' is missing"),
        ('{"schema": 1, "features": {"rate": {"unit": "words/s", "definition": "x"}}}', "another feature another name"),
        ('{"schema": 1, "features": {"x": {"unit": "s", "definition": "x", "floor": -1}}}', "not a positive number"),
    ],
)
def test_a_damaged_declaration_is_named(tmp_path: Path, sidecar: str, message: str) -> None:
    path = table(tmp_path, HEADER + TWO)
    beside = table(tmp_path, sidecar, "table.features.json")
    with pytest.raises(InputError, match=message) as caught:
        read_turn_table(path)
    assert str(beside) in str(caught.value)


turns = st.lists(
    st.tuples(
        st.floats(0, 1e5),
        st.floats(0, 100),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")),
        st.none() | st.floats(0, exclude_min=True, allow_nan=False, allow_infinity=False),
    ),
    min_size=2,
    max_size=8,
)


@settings(max_examples=30)
@given(turns=turns, suffix=st.sampled_from([".csv", ".parquet"]))
def test_what_is_written_is_read_again_exactly(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[float, float, str, float | None]], suffix: str
) -> None:
    start, length, text, pitch = zip(*turns, strict=True)
    frame = pd.DataFrame(
        {
            "conversation": "c,\n",
            "turn": range(len(turns)),
            "speaker": ["a b" if i % 2 else 'é"' for i in range(len(turns))],
            "start_s": start,
            "end_s": np.add(start, length),
            "text": text,
            "pitch_mean": np.array(pitch, dtype=float),
        }
    )
    made = TurnTable.of(frame)
    path = tmp_path_factory.mktemp("tables") / f"table{suffix}"
    write_turn_table(made, path)
    read = read_turn_table(path)
    assert read.features == made.features
    pd.testing.assert_frame_equal(read.frame, made.frame, check_exact=True)


def test_real_corpora_are_read(conversations: Path) -> None:
    names = {"conversation_id": "conversation", "turn_index": "turn", "rate_syll_per_s": "rate"}
    for folder in sorted(conversations.iterdir()):
        path = folder / "turns.csv"
        read = read_turn_table(path, rename=names, drop_unknown=True, local_speakers=True, monologues="keep")
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(read.frame) == len(rows)
        expected = {(r["conversation_id"], int(r["turn_index"])): (r["text"], r["rate_syll_per_s"]) for r in rows}
        for row in read.frame.sample(50, random_state=0).itertuples():
            text, rate = expected[row.conversation, row.turn]
            assert row.text == text
            assert np.isnan(row.rate) if rate == "" else row.rate == float(rate)
