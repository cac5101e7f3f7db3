"""Descriptions of corpora, and the commands."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from antiphon.cli.main import main
from antiphon.features import RATE
from antiphon_corpus.adjacency import AdjacentCorrelation, adjacent_correlations
from antiphon_corpus.describe import describe
from antiphon_corpus.simulate import Dynamics, simulate
from antiphon_corpus.turn_table import TurnTable, read_turn_table, write_turn_table
from click.testing import CliRunner, Result


def dialogue(a: list[float], b: list[float], name: str = "c") -> pd.DataFrame:
    rates = np.stack([a, b], axis=1).ravel()
    turn = np.arange(len(rates))
    speakers = ["a", "b"] * len(a)
    columns = {"conversation": name, "turn": turn, "speaker": speakers, "start_s": turn, "end_s": turn + 1, "text": ""}
    return pd.DataFrame({**columns, "rate": rates})


def correlation(frame: pd.DataFrame) -> AdjacentCorrelation:
    (result,) = adjacent_correlations(TurnTable.of(frame), permutations=199)
    return result


def test_r_is_that_of_standardised_log_values_of_adjacent_turns() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.lognormal(size=(2, 12))
    found = correlation(dialogue(a, b))
    za, zb = ((np.log(v) - np.log(v).mean()) / np.log(v).std() for v in (a, b))
    left, right = np.append(za, za[1:]), np.append(zb, zb[:-1])  # a then b, and b then the next a
    expected = (left @ right) / np.sqrt((left @ left) * (right @ right))
    assert found.pairs == 23
    assert found.pooled == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(found.by_conversation, [expected])


def test_neither_voice_nor_scale_of_a_speaker_matters() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.uniform(1, 3, size=(2, 20))
    plain, scaled = correlation(dialogue(a, b)), correlation(dialogue(a, 7 * b**3))
    assert scaled.pooled == pytest.approx(plain.pooled, abs=1e-9)
    assert scaled.p == plain.p


def test_the_null_is_made_of_circular_shifts() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.lognormal(size=(2, 6))
    shifted = {round(float(correlation(dialogue(a, np.roll(b, -s))).by_conversation[0]), 9) for s in range(6)}
    assert {round(float(r), 9) for r in correlation(dialogue(a, b)).null} == shifted


@pytest.mark.parametrize("values", [[3.0] * 8, [np.nan] * 8])
def test_features_that_are_constant_or_missing_are_not_computable(values: list[float]) -> None:
    found = correlation(dialogue(values, list(np.arange(1.0, 9.0))))
    assert (found.pooled, found.p, found.pairs, len(found.by_conversation)) == (None, None, 0, 0)


def test_short_conversations_and_more_than_two_speakers_are_left_out() -> None:
    more = dialogue([1, 2, 3, 4, 5], [2, 1, 3, 5, 4], "more")
    more.loc[3, "speaker"] = "third"
    frame = pd.concat([dialogue([1, 2], [2, 1], "short"), more])
    description = describe(TurnTable.of(frame), permutations=19)
    assert (description.conversations, description.dyads, description.turns) == (2, 1, 14)
    assert description.adjacent[0].pairs == 0


def test_coupling_is_found_and_its_absence_is_not_taken_for_it() -> None:
    coupled = adjacent_correlations(simulate(60, Dynamics(coupling=0.4, features=(RATE,)), seed=0).table)
    assert coupled[0].p is not None
    assert coupled[0].p < 0.01
    uncoupled = [
        adjacent_correlations(
            simulate(8, Dynamics(coupling=0.0, mean_exchanges=20), seed=seed).table, permutations=99, seed=seed
        )
        for seed in range(15)
    ]
    p = np.array([a.p for corpus in uncoupled for a in corpus], dtype=float)
    assert len(p) == 105
    assert (p <= 0.05).sum() <= 13, "of a binomial of 105 and 0.05, less than 0.1 % are more than 13"


def test_statistics_are_in_raw_units_and_count_what_is_missing() -> None:
    frame = dialogue([1.0, 2.0, np.nan, 4.0], [5.0, 6.0, 7.0, np.nan])
    (s,) = describe(TurnTable.of(frame), permutations=19).statistics
    measured = [1, 2, 4, 5, 6, 7]
    assert (s.measured, s.missing, s.mean, s.median) == (6, 0.25, np.mean(measured), 4.5)
    assert s.sd == pytest.approx(np.std(measured, ddof=1))


def test_how_turns_follow_one_another_is_described() -> None:
    turns = [
        ("c", "a", 0.0, 2.0, "so where"),
        ("c", "b", 2.5, 3.0, "here"),
        ("c", "b", 4.0, 5.0, ""),
        ("c", "a", 4.5, 6.0, ""),
    ]
    turns += [("d", "a", 7.0, 8.0, ""), ("d", "b", 8.25, 9.0, "")]
    frame = pd.DataFrame(turns, columns=["conversation", "speaker", "start_s", "end_s", "text"])
    described = describe(TurnTable.of(frame.assign(turn=range(6))), permutations=19)
    assert described.floor.offsets_s.tolist() == [0.5, -0.5, 0.25]
    assert (described.floor.median_s, described.floor.overlapping) == (0.25, pytest.approx(1 / 3))
    assert (described.median_turn_s, described.median_words) == (1.0, 0.0)


def antiphon(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["corpus", *map(str, arguments)])


def test_the_commands_simulate_and_describe(tmp_path: Path) -> None:
    table = tmp_path / "sim.csv"
    size = ("--conversations", 12, "--exchanges", 8)
    made = antiphon("simulate", table, "--coupling", "rate=0.4", *size, "--missing", 0.1, "--seed", 5)
    assert made.exit_code == 0, made.output
    truth = json.loads((tmp_path / "sim.truth.json").read_text())
    assert truth["coupling"]["rate"] == 0.4
    assert truth["coupling"]["pitch_mean"] == 0.0
    assert truth["best_smooth_l1"]["free_running"] < truth["best_smooth_l1"]["free_running_without_partner"]
    assert len(read_turn_table(table).features) == 7
    shown = antiphon("describe", table, "--permutations", 99)
    assert shown.exit_code == 0, shown.output
    assert "12 conversations (12 of two speakers), 24 speakers" in shown.output
    assert "the other speaker starts" in shown.output
    assert "…" not in shown.output, "80 columns are enough"
    again = antiphon("simulate", table)
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_the_command_draws(tmp_path: Path) -> None:
    write_turn_table(simulate(3, Dynamics(features=(RATE,))).table, tmp_path / "table.csv")
    shown = antiphon("describe", tmp_path / "table.csv", "--permutations", 19, "--plot", tmp_path / "plot.png")
    assert shown.exit_code == 0, shown.output
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("turns", [1, 2])
def test_almost_nothing_can_be_described(tmp_path: Path, turns: int) -> None:
    rows = "".join(f"c,{n},{'ab'[n]},{n},{n + 1},,\n" for n in range(turns))
    (tmp_path / "table.csv").write_text(f"conversation,turn,speaker,start_s,end_s,text,rate\n{rows}")
    shown = antiphon("describe", tmp_path / "table.csv", "--monologues", "keep", "--plot", tmp_path / "plot.png")
    assert shown.exit_code == 0, shown.output
    assert "100.0%" in shown.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["describe", "none.csv"], "there is no such file"),
        (["describe", "none.csv", "--rename", "x"], "not of the form NAME=VALUE"),
        (["simulate", "x.csv", "--coupling", "much"], "give a number, or FEATURE=NUMBER"),
        (["simulate", "x.csv", "--coupling", "pitch=0.2"], "no feature is called pitch"),
        (["simulate", "x.xlsx"], ".csv or .parquet"),
    ],
)
def test_mistakes_on_the_command_line_are_explained(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = antiphon(*arguments)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert "Traceback" not in result.output
