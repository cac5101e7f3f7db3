"""``antiphon measure``: from tables and sessions to files, also when it is killed in between."""

import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from antiphon.cli.main import main
from antiphon.errors import AntiphonError, InputError
from antiphon_measure_entrainment import MEASURES, measure
from antiphon_measure_entrainment.commands.measure import measure as command
from antiphon_measure_entrainment.studies.journal import beside
from click.testing import CliRunner

QUICK = ("-m", "local_synchrony", "-m", "local_proximity", "--permutations", 19)


def run(*arguments):
    return CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=False)


@pytest.fixture
def table(simulate, tmp_path):
    path = tmp_path / "turns.csv"
    simulate(conversations=3, turns=12, features=2, seed=1).assign(text="hello").to_csv(path, index=False)
    return path


def test_a_table_in_and_a_tidy_table_out(simulate, tmp_path):
    turns = simulate(conversations=3, turns=12, seed=1).assign(text="hello")
    turns.rename(columns={"conversation": "conversation_id"}).to_csv(tmp_path / "turns.csv", index=False)
    turns.to_parquet(tmp_path / "turns.parquet")
    names = ("global_convergence", "local_synchrony", "tama_synchrony", "self_proximity")
    expected = measure(turns, ["f0"], measures=names, permutations=9)
    chosen = [part for name in names for part in ("-m", name)]
    for name, more in (("turns.csv", ["--rename", "conversation_id=conversation"]), ("turns.parquet", [])):
        out = tmp_path / f"out-{name}"
        result = run(tmp_path / name, "-f", "f0", *chosen, "--permutations", 9, "-o", out, *more)
        assert result.exit_code == 0
        written = pd.read_csv(out, keep_default_na=True) if name.endswith("csv") else pd.read_parquet(out)
        assert written["measure"].tolist() == expected["measure"].tolist()
        assert written["p"].to_numpy() == pytest.approx(expected["p"].to_numpy(), nan_ok=True)
        assert written["q"].to_numpy() == pytest.approx(expected["q"].to_numpy(), nan_ok=True)
        assert "local_synchrony" in result.output
        assert "not computable: " in result.output
        assert not beside(out).exists()


def test_the_command_is_antiphons_with_and_without_its_name(table):
    for arguments in (["measure", str(table)], ["measure", "run", str(table)]):
        result = CliRunner().invoke(main, [*arguments, "-f", "f0", *map(str, QUICK)])
        assert result.exit_code == 0, result.output
        assert "local_proximity" in result.output
    assert "power" in CliRunner().invoke(main, ["measure", "--help"]).output
    assert CliRunner().invoke(main, ["measure", "power", "--help"]).exit_code == 0
    assert CliRunner().invoke(main, ["measure"]).exit_code == 2


def test_several_tables_are_groups_with_one_correction(table, tmp_path):
    shutil.copy(table, tmp_path / "again.csv")
    run(table, tmp_path / "again.csv", "-f", "f0", *QUICK, "-o", tmp_path / "out.csv")
    written = pd.read_csv(tmp_path / "out.csv")
    assert written["group"].tolist() == ["turns"] * 2 + ["again"] * 2
    assert written["estimate"][:2].tolist() == written["estimate"][2:].tolist()
    assert (written["q"] >= written["p"]).all()


@pytest.mark.long
def test_several_processes_give_the_same_as_one(table, tmp_path):
    for jobs in (1, 2):
        run(table, "-f", "f0", "-f", "f1", *QUICK, "-j", jobs, "-o", tmp_path / f"{jobs}.csv")
    assert (tmp_path / "1.csv").read_text() == (tmp_path / "2.csv").read_text()


def test_bad_input_is_explained(simulate, tmp_path):
    (tmp_path / "t.txt").write_text("a")
    with pytest.raises(InputError, match=r"turn tables are .csv or .parquet"):
        run(tmp_path / "t.txt")
    turns = simulate(conversations=2, turns=4, seed=1).assign(text="")
    turns.drop(columns="speaker").to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(AntiphonError, match='no column "speaker"'):
        run(tmp_path / "t.csv")
    assert run(tmp_path / "t.csv", "-o", "x.pdf").exit_code == 2
    with pytest.raises(InputError, match="there is no folder"):
        run(tmp_path / "t.csv", "-o", tmp_path / "nowhere" / "x.csv")
    assert run(tmp_path / "t.csv", "--rename", "speaker").exit_code == 2
    assert run(tmp_path / "t.csv", "-m", "love").exit_code == 2


def started(*arguments):
    """The command in a process of its own, in which Ctrl-C is not ignored even if this one runs in the background."""
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from antiphon.cli.main import main"
    return subprocess.Popen(
        [sys.executable, "-c", f"{code}; main()", "measure", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as Unix does")
@pytest.mark.parametrize("how", ["SIGKILL", pytest.param("SIGINT", marks=pytest.mark.long)])
def test_what_was_finished_before_a_kill_is_not_computed_again(simulate, tmp_path, how):
    path, out = tmp_path / "turns.csv", tmp_path / "out.csv"
    simulate(conversations=8, turns=30, features=6, seed=1).assign(text="").to_csv(path, index=False)
    features = [part for i in range(6) for part in ("-f", f"f{i}")]
    work = (path, *features, "-m", "local_synchrony", "-m", "crqa", "-m", "tama_synchrony", "--permutations", 200)
    process = started(*work, "-o", out)
    while len(lines(beside(out))) < 4 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(getattr(signal, how))
    message = process.communicate()[1]
    assert process.returncode == (-signal.SIGKILL if how == "SIGKILL" else 130), message
    assert not out.exists()
    kept = lines(beside(out))
    assert len(kept) >= 4
    if how == "SIGINT":
        assert "the same command goes on" in message
    # The first result is replaced by one that no calculation gives: if it is found in the end, it was not done again.
    marked = kept[1].replace('"estimate": ', '"estimate": 777', 1)
    assert marked != kept[1]
    beside(out).write_text("\n".join([kept[0], marked, *kept[2:]]) + "\n")
    assert run(*work, "-o", out).exit_code == 0
    written = pd.read_csv(out)
    assert abs(written["estimate"][0]) >= 777
    turns = pd.read_csv(path, dtype={"conversation": str})
    expected = measure(turns, ["f5"], measures=["local_synchrony", "crqa", "tama_synchrony"], permutations=200)
    last = written[written["feature"] == "f5"]
    assert last["p"].to_numpy() == pytest.approx(expected["p"].to_numpy())
    assert not beside(out).exists()


def test_another_seed_does_not_take_over_what_was_finished(table, tmp_path):
    out = tmp_path / "out.csv"
    run(table, "-f", "f0", *QUICK, "-o", out)
    first = out.read_text()
    beside(out).write_text('{"permutations": 19, "seed": 5, "turns": "others"}\n["turns|local_synchrony|f0", {}]\n')
    run(table, "-f", "f0", *QUICK, "-o", out)
    assert out.read_text() == first


def test_an_unknown_measure_is_named(dialogue):
    with pytest.raises(ValueError, match=f"no measure love; there are {MEASURES[0]}"):
        measure(dialogue([1.0]), ["f"], measures=["love"])


def test_listing_the_commands_imports_no_pandas():
    code = """
import sys
from antiphon.cli.main import main
try:
    main(["--help"])
finally:
    assert not {"pandas", "plotly"} & sys.modules.keys()
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
