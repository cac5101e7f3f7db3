"""Reading what is to be measured, and the conditions of sessions."""

from pathlib import Path

import pytest
from antiphon.errors import InputError, RecordingError
from antiphon.features import Measurement
from antiphon.recording.records import TurnRecord
from antiphon.recording.serialize import to_json
from antiphon_measure_entrainment.agents.conditions import condition
from antiphon_measure_entrainment.agents.realised import realised_turns
from antiphon_measure_entrainment.studies.inputs import read_inputs

HEADER = "conversation,turn,speaker,start_s,end_s,text,pitch_mean,creak\n"
ROWS = "".join(
    f"c,{turn},{'ab'[turn % 2]},{turn},{turn + 0.5},hello,{100 + turn % 7},{0.1 * turn:.1f}\n" for turn in range(12)
)


def session(folder: Path, profile: str, *turns: TurnRecord) -> Path:
    folder.mkdir(parents=True)
    (folder / "turns.jsonl").write_text("".join(to_json(turn) + "\n" for turn in turns), "utf-8")
    (folder / "profile.resolved.toml").write_text(profile, "utf-8")
    return folder


def turns(count: int = 6, slope: float = 0.5) -> list[TurnRecord]:
    records = []
    for turn in range(count):
        z = (-1.0) ** turn * turn / count
        told = {"pitch_mean": slope * z}
        heard = {"pitch_mean": Measurement(slope * z)}
        raw = {"pitch_mean": Measurement(200 + 20 * z), "pitch_05": Measurement(150.0), "creak": Measurement(0.1)}
        records.append(
            TurnRecord(
                turn, "user", 3 * turn, 3 * turn + 1, "hi", features=raw, normalised={"pitch_mean": Measurement(z)}
            )
        )
        records.append(
            TurnRecord(turn, "agent", 3 * turn + 1.5, 3 * turn + 2, "ho", features=raw, normalised=heard, target=told)
        )
    return records


PARTIAL = '[strategy]\nuse = "partial"\n[strategy.options]\nratio = 0.5\n[normalizer]\nuse = "causal"\n'


@pytest.mark.parametrize(
    ("strategy", "name", "promised"),
    [
        ('use = "neutral"\noptions = {}', "neutral", 0.0),
        ('use = "antiphon:matching"\noptions = { octave_rule = false }', "matching", 1.0),
        ('use = "partial"\noptions = { ratio = 0.3 }', "partial 0.3", 0.3),
        ('use = "sham"\noptions = { ratio = 0.5, sessions = ["a"] }', "sham 0.5", 0.0),
        ('use = "disentrain"\noptions = { kind = "complementarity", strength = 0.4 }', "disentrain 0.4", -0.4),
        (
            'use = "disentrain"\noptions = { kind = "anti-synchrony", strength = 1.0 }',
            "disentrain anti-synchrony 1",
            None,
        ),
        ('use = "./mine.py:Mine"\noptions = {}', "./mine.py:Mine", None),
    ],
)
def test_a_condition_is_named_by_its_strategy_and_knows_its_promise(
    tmp_path: Path, strategy: str, name: str, promised: float | None
) -> None:
    found = condition(session(tmp_path / "s", f"[strategy]\n{strategy}\n"))
    assert (found.name, found.promised) == (name, promised)


def test_a_condition_without_or_with_a_broken_profile(tmp_path: Path) -> None:
    assert condition(tmp_path).name == "unknown strategy"
    with pytest.raises(RecordingError, match=r"profile.resolved.toml is damaged"):
        condition(session(tmp_path / "s", "strategy = ["))


def test_sessions_are_grouped_by_strategy_also_from_the_folder_that_holds_them(tmp_path: Path) -> None:
    for number, profile in enumerate([PARTIAL, PARTIAL, '[strategy]\nuse = "neutral"\n']):
        session(tmp_path / "all" / f"s{number}", profile, *turns())
    inputs = read_inputs([tmp_path / "all"])
    assert [(group.name, group.turns["conversation"].nunique()) for group in inputs.groups] == [
        ("neutral", 1),
        ("partial 0.5", 2),
    ]
    assert inputs.groups[1].features == ("pitch_mean",)  # pitch_05 is a part of it, creak is not known
    assert len(inputs.sessions) == 3
    assert any("creak" in notice for notice in inputs.notices)


def test_tables_are_groups_and_a_named_column_needs_no_declaration(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text(HEADER + ROWS)
    (tmp_path / "two.csv").write_text(HEADER + ROWS)
    inputs = read_inputs([tmp_path / "one.csv", tmp_path / "two.csv"], ["creak"])
    assert [(group.name, group.features) for group in inputs.groups] == [("one", ("creak",)), ("two", ("creak",))]
    with pytest.raises(InputError, match="unknown columns creak"):
        read_inputs([tmp_path / "one.csv"])
    assert read_inputs([tmp_path / "one.csv"], drop_unknown=True).groups[0].features == ("pitch_mean",)


def test_bad_input_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="is no session folder and holds none"):
        read_inputs([tmp_path / "empty"])
    with pytest.raises(InputError, match="no such file"):
        read_inputs([tmp_path / "nothing.csv"])
    (tmp_path / "t.csv").write_text(HEADER + ROWS)
    with pytest.raises(InputError, match="there is no feature jitter; it has pitch_mean"):
        read_inputs([tmp_path / "t.csv"], ["jitter"])
    (tmp_path / "bare.csv").write_text("conversation,turn,speaker,start_s,end_s,text\nc,0,a,0,1,x\nc,1,b,1,2,y\n")
    with pytest.raises(InputError, match="no feature to measure"):
        read_inputs([tmp_path / "bare.csv"])
    silent = session(tmp_path / "silent", PARTIAL)
    with pytest.raises(InputError, match="there is no turn"):
        read_inputs([silent])
    alone = session(tmp_path / "alone", PARTIAL, *[turn for turn in turns() if turn.speaker == "user"])
    with pytest.raises(InputError, match="no conversation has turns of two speakers"):
        read_inputs([alone], monologues="drop")
    assert len(read_inputs([alone]).groups[0].turns) == 6


def test_realised_turns_are_on_the_scale_that_the_strategy_worked_on(tmp_path: Path) -> None:
    table = realised_turns([session(tmp_path / "s", PARTIAL, *turns())])
    assert table["strategy"].unique().tolist() == ["partial 0.5"]
    assert table["realised"].tolist() == pytest.approx((0.5 * table["user"]).tolist())
    assert table["requested"].tolist() == pytest.approx(table["realised"].tolist())


def test_raw_features_are_compared_as_logarithms(tmp_path: Path) -> None:
    raw = '[strategy]\nuse = "partial"\noptions = { ratio = 0.5 }\n[normalizer]\nuse = "none"\n'
    user = TurnRecord(0, "user", 0, 1, "a", normalised={"pitch_mean": Measurement(200.0)})
    agent = TurnRecord(
        0, "agent", 1, 2, "b", normalised={"pitch_mean": Measurement(100.0)}, target={"pitch_mean": 100.0}
    )
    row = realised_turns([session(tmp_path / "s", raw, user, agent)]).iloc[0]
    assert row["user"] - row["realised"] == pytest.approx(0.6931472)
    assert row["requested"] == row["realised"]


def test_interrupted_turns_and_turns_without_a_user_are_no_evidence(tmp_path: Path) -> None:
    told = {"pitch_mean": 0.2}
    cut = TurnRecord(0, "agent", 0, 1, "a", target=told, interrupted=True)
    greeting = TurnRecord(1, "agent", 2, 3, "b", target=told, normalised={"pitch_mean": Measurement(None, "whisper")})
    table = realised_turns([session(tmp_path / "s", PARTIAL, cut, greeting)])
    assert len(table) == 1
    assert table[["realised", "user"]].isna().all(axis=None)
