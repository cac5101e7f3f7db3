import csv
import json

import pytest
from antiphon.cli.main import main
from antiphon_corpus.simulate import Dynamics, simulate
from antiphon_corpus.turn_table import write_turn_table
from antiphon_entrain_neural.checkpoint import TrainingData, save_checkpoint
from antiphon_entrain_neural.config import load_config
from antiphon_entrain_neural.corpus import recorded, speakers_of
from antiphon_entrain_neural.evaluation.ablations import GRID, run_ablations
from antiphon_entrain_neural.evaluation.baselines.all import EVERYTHING, ZERO
from antiphon_entrain_neural.evaluation.resampling import Resampling
from antiphon_entrain_neural.split import split_conversations
from antiphon_entrain_neural.training.prepare import digest
from attrs import evolve
from click.testing import CliRunner

QUICK = ("--bootstrap", "100", "--permutations", "99")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    table = simulate(20, Dynamics(mean_exchanges=6), seed=3).table
    path = tmp_path_factory.mktemp("corpus") / "a<b.csv"
    write_turn_table(table, path)
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["entrain", "evaluate", *map(str, arguments)])


def test_baselines(corpus, tmp_path):
    result = run("--baselines", corpus, "--out", tmp_path, *QUICK)
    assert result.exit_code == 0, result.output
    assert "shown that the partner's prosody helped" in result.output or "prosody helped" in result.output
    found = json.loads((tmp_path / "evaluation.json").read_text("utf-8"))
    assert found["model"] == EVERYTHING
    assert found["conversations"] == 2
    rows = list(csv.DictReader((tmp_path / "scores.csv").open(encoding="utf-8")))
    assert len(rows) == len(found["scores"])
    zero = next(row for row in rows if row["predictor"] == ZERO and row["slice"] == "all" and row["feature"] == "rate")
    assert float(zero["low"]) <= float(zero["value"]) <= float(zero["high"])
    markdown = (tmp_path / "report.md").read_text("utf-8")
    assert all(f"| {score['predictor']} |" in markdown for score in found["scores"])


def test_the_page_needs_nothing_and_escapes(corpus, tmp_path):
    assert run("--baselines", corpus, "--out", tmp_path, *QUICK).exit_code == 0
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "a&lt;b" in page
    assert "a<b" not in page
    assert page.count("<svg") == 2
    assert not any(reference in page for reference in ("<script", "<link", "src=", "@import"))


def test_a_checkpoint(corpus, tmp_path, random_checkpoint):
    from antiphon_corpus.turn_table import read_turn_table

    table = read_turn_table(corpus)
    plain = random_checkpoint(tmp_path / "plain")
    split = split_conversations(speakers_of(recorded(table)))
    card = evolve(plain.card, data=TrainingData("c", "CC0-1.0", digest(table), 16, 200, split.as_table()))
    save_checkpoint(tmp_path / "model", card, plain.prior, plain.vocabulary, plain.weights())
    result = run(tmp_path / "model", corpus, "--out", tmp_path / "report", "--attention", split.test[0], *QUICK)
    assert result.exit_code == 0, result.output
    assert "It is not shown that the partner's prosody helped" in result.output, "nothing was learned"
    assert f"Attention over turns: {split.test[0]}" in (tmp_path / "report" / "report.html").read_text("utf-8")
    wrong = run(tmp_path / "model", corpus, "--attention", split.train[0], *QUICK)
    assert "is not among the conversations that are judged" in str(wrong.exception) + wrong.output


def test_the_first_versions_protocol_is_labelled(corpus):
    result = run("--baselines", corpus, "--protocol", "first-version", *QUICK)
    assert result.exit_code == 0, result.output
    assert "every z-score knows the turns to come" in result.output
    assert "0.3815" in result.output
    assert "0.3144" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("CORPUS",), "a CHECKPOINT and a CORPUS"),
        (("--baselines", "CORPUS", "CORPUS"), "one CORPUS"),
        (("--baselines", "--ablations", "CORPUS"), "choose one"),
        (("--ablations", "CORPUS"), "--out"),
        (("CORPUS", "CORPUS", "--folds", "3"), "--folds goes with --baselines"),
        (("--baselines", "CORPUS", "--rename", "rate"), "NAME=COLUMN"),
        (("--baselines", "CORPUS", "--folds", "30"), "too few for 30 folds"),
    ],
)
def test_wrong_calls(corpus, arguments, message):
    result = run(*(corpus if argument == "CORPUS" else argument for argument in arguments))
    assert result.exit_code != 0
    assert message in result.output + str(result.exception)


def test_the_grid_switches_one_thing_each():
    config = load_config("default")
    for cell in GRID:
        switched = cell.of(config)
        assert switched.model.partner == cell.partner
        assert (switched.text.next != "none") == cell.next
        assert (switched.text.history != "none") == cell.history
        assert evolve(switched, text=config.text, model=config.model) == config
    assert len({cell.name for cell in GRID}) == 8


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_ablations_go_on_where_they_stopped(tmp_path, random_checkpoint):
    """With models that are not trained, for the training has tests of its own."""
    table = simulate(12, Dynamics(mean_exchanges=4), seed=3).table
    split = split_conversations(speakers_of(recorded(table)))
    trained = []

    def train(table, config, folder, name):
        trained.append((config.model.partner, config.text.next != "none", config.text.history != "none"))
        plain = random_checkpoint(folder / "plain", config)
        card = evolve(plain.card, data=TrainingData(name, "", digest(table), 16, 200, split.as_table()))
        return save_checkpoint(folder, card, plain.prior, plain.vocabulary, plain.weights())

    config = load_config("default")
    few = Resampling(bootstrap=100, permutations=99)
    results = run_ablations(table, config, tmp_path, name="c", resampling=few, train=train)
    assert [(r.cell.partner, r.cell.next, r.cell.history) for r in results] == trained
    assert len(set(trained)) == len(GRID) == 8
    for cell in GRID:
        assert (tmp_path / cell.name / "report" / "report.html").exists()
    page = (tmp_path / "ablations.md").read_text("utf-8")
    assert page.count("| yes | yes | yes |") == 1
    assert (tmp_path / "ablations.svg").read_text("utf-8").startswith("<svg")
    kept = tmp_path / GRID[0].name / "report" / "evaluation.json"
    written = kept.stat().st_mtime_ns
    assert run_ablations(table, config, tmp_path, name="c", resampling=few, train=train) == results
    assert kept.stat().st_mtime_ns == written
    with pytest.raises(Exception, match="another corpus or configuration"):
        run_ablations(table, load_config("successor-dual"), tmp_path, name="c", train=train)
