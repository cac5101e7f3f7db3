import numpy as np
import pandas as pd
import pytest
from antiphon.cli.main import main
from antiphon.errors import AntiphonError
from antiphon_measure_entrainment import MEASURES, measure
from antiphon_measure_entrainment.commands import measure as command
from click.testing import CliRunner


def run(*arguments):
    return CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=False)


def test_a_table_in_and_a_tidy_table_out(simulate, tmp_path):
    table = simulate(conversations=3, turns=12, seed=1)
    table.rename(columns={"conversation": "conversation_id"}).to_csv(tmp_path / "turns.csv", index=False)
    table.to_parquet(tmp_path / "turns.parquet")
    expected = measure(table, ["f0"], permutations=9)
    for name in ("turns.csv", "turns.parquet"):
        out = tmp_path / f"out-{name}"
        result = run(tmp_path / name, "--permutations", 9, "-o", out)
        assert result.exit_code == 0
        written = pd.read_csv(out, keep_default_na=True) if name.endswith("csv") else pd.read_parquet(out)
        assert written["measure"].tolist() == expected["measure"].tolist()
        assert written["p"].to_numpy() == pytest.approx(expected["p"].to_numpy(), nan_ok=True)
        assert "local_synchrony" in result.output


def test_the_command_is_antiphons(simulate, tmp_path):
    simulate(conversations=2, turns=10, seed=1).to_csv(tmp_path / "t.csv", index=False)
    result = CliRunner().invoke(main, ["measure", str(tmp_path / "t.csv"), "-m", "local_synchrony"])
    assert result.exit_code == 0, result.output


def test_bad_input_is_explained(simulate, tmp_path):
    (tmp_path / "t.txt").write_text("a")
    with pytest.raises(AntiphonError, match="ends neither in"):
        run(tmp_path / "t.txt")
    simulate(conversations=2, turns=4, seed=1).drop(columns="speaker").to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(AntiphonError, match="no column speaker"):
        run(tmp_path / "t.csv")
    assert run(tmp_path / "t.csv", "-o", "x.pdf").exit_code == 2


@pytest.mark.long
def test_every_measure_survives_every_table(dialogue):
    nothing = dialogue([])
    tables = [
        nothing,
        dialogue([1.0]),
        dialogue([1.0, 2.0]),
        dialogue([1.0] * 30, speakers="A"),
        dialogue([float(i % 7) for i in range(30)], speakers="ABC"),
        dialogue([np.nan] * 30),
        pd.concat([dialogue([1.0, 2.0, 3.0], conversation=f"c{i}") for i in range(6)]),
    ]
    for table in tables:
        result = measure(table, ["f"], permutations=5)
        assert set(result["feature"]) == {"f"}
        without = result["estimate"].isna()
        assert (result["note"][without].str.startswith("not computable: ")).all()
        assert result["p"][without].isna().all()


def test_an_unknown_measure_is_named(dialogue):
    with pytest.raises(ValueError, match=f"no measure love; there are {MEASURES[0]}"):
        measure(dialogue([1.0]), ["f"], measures=["love"])
