"""What a model loses without the partner, without the words to be spoken, and without those spoken so far.

Eight models are trained alike but for that; each is judged on the same test split. Every training and every result is
kept in its folder, so that the same call goes on where it was stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

from antiphon.errors import InputError
from antiphon_corpus.model import TurnTable
from attrs import asdict, evolve, frozen
from matplotlib.figure import Figure

from antiphon_entrain_neural.checkpoint import CARD, Checkpoint, load_checkpoint
from antiphon_entrain_neural.config import Config, WordUse
from antiphon_entrain_neural.evaluation.baselines.all import CONSTANT, EVERYTHING, TEXT_AND_OWN
from antiphon_entrain_neural.evaluation.evaluate import ask, evaluate
from antiphon_entrain_neural.evaluation.figures import MODEL, OTHER, svg
from antiphon_entrain_neural.evaluation.material import of_checkpoint
from antiphon_entrain_neural.evaluation.report import Subject, markdown_rows, write_report
from antiphon_entrain_neural.evaluation.resampling import Resampling
from antiphon_entrain_neural.evaluation.tables import Table, number
from antiphon_entrain_neural.model.predictor import NeuralPredictor
from antiphon_entrain_neural.training.fit import fit
from antiphon_entrain_neural.training.prepare import digest, prepare

READ: WordUse = "averaged"
"""How words are read where a configuration does not read them and the grid does."""


@frozen
class Cell:
    """One of the eight models.

    Attributes:
        partner: it hears the partner's prosody.
        next: it reads the words to be spoken.
        history: it reads the words of the turns so far.
    """

    partner: bool
    next: bool
    history: bool

    @property
    def name(self) -> str:
        """Of its folder."""
        return "-".join(f"{part}-{'on' if on else 'off'}" for part, on in asdict(self).items())

    def of(self, config: Config) -> Config:
        """The configuration, but for what is switched."""
        text = evolve(
            config.text,
            next=_read(config.text.next, self.next),
            history=_read(config.text.history, self.history),
        )
        return evolve(config, text=text, model=evolve(config.model, partner=self.partner))


GRID = tuple(Cell(*switches) for switches in product((True, False), repeat=3))


@frozen
class CellResult:
    """Smooth L1 of a cell, of all features, on the test split.

    Attributes:
        cell: which model.
        smooth_l1, low, high: free-running, with its interval.
        teacher_forced: told what we really did.
        partner_helped: the verdict of its evaluation.
    """

    cell: Cell
    smooth_l1: float
    low: float | None
    high: float | None
    teacher_forced: float
    partner_helped: bool


def run_ablations(
    table: TurnTable,
    config: Config,
    folder: Path,
    *,
    name: str,
    resampling: Resampling | None = None,
    echo: Callable[[str], None] = lambda _: None,
    train: Callable[[TurnTable, Config, Path, str], Checkpoint] | None = None,
) -> list[CellResult]:
    """Train and judge the grid; writes ``ablations.md``, ``ablations.svg``, and a report a cell.

    Args:
        table: the corpus.
        config: of the models.
        folder: of everything.
        name: of the corpus, for the cards.
        resampling: for the intervals.
        echo: is told how it goes.
        train: trains a model of a configuration in a folder under a name; as ``antiphon entrain train`` unless given.

    Raises:
        InputError: the folder holds another grid.
    """
    _claim(folder, table, config)
    results: list[CellResult] = []
    references: dict[str, float] = {}
    for cell in GRID:
        echo(f"{cell.name}:")
        checkpoint = (train or _train)(table, cell.of(config), folder / cell.name, name)
        done = folder / cell.name / "report" / "evaluation.json"
        if not done.exists():
            material = of_checkpoint(checkpoint, table)
            model = NeuralPredictor(checkpoint)
            vectors = model.words.of if checkpoint.card.dims else None
            evaluation = evaluate(ask(material, model, vectors), resampling)
            write_report(done.parent, evaluation, Subject(cell.name, {"corpus": name}))
        result, references = _result(cell, json.loads(done.read_text("utf-8")))
        echo(f"  smooth L1 {result.smooth_l1:.4f} free-running, {result.teacher_forced:.4f} teacher-forced")
        results.append(result)
    (folder / "ablations.md").write_text("\n".join(_lines(results, references)) + "\n", "utf-8")
    (folder / "ablations.svg").write_text(picture(results, references), "utf-8")
    return results


def ablation_table(results: Sequence[CellResult]) -> Table:
    """One row a cell."""
    rows = []
    for r in results:
        switches = tuple("yes" if on else "no" for on in asdict(r.cell).values())
        interval = "" if r.low is None or r.high is None else f" [{r.low:.4f}, {r.high:.4f}]"
        rows.append((*switches, f"{r.smooth_l1:.4f}{interval}", number(r.teacher_forced, 4), _yes(r.partner_helped)))
    return Table(
        "Ablations",
        "Smooth L1 of all features on the test split; free-running is the headline.",
        ("partner's prosody", "words to be spoken", "words so far", "free-running", "teacher-forced", "partner helped"),
        rows,
    )


def picture(results: Sequence[CellResult], references: dict[str, float]) -> str:
    """The grid as dots with intervals, and some baselines as lines."""
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for row, r in enumerate(results):
        colour = MODEL if r.cell.partner else OTHER
        axes.plot([r.low or r.smooth_l1, r.high or r.smooth_l1], [row, row], color=colour, linewidth=2)
        axes.plot(r.smooth_l1, row, "o", color=colour)
    for (label, value), style in zip(references.items(), (":", "--", "-."), strict=False):
        axes.axvline(value, color="#8a949b", linestyle=style, linewidth=1, label=label)
    labels = [", ".join(part for part, on in asdict(r.cell).items() if on) or "neither" for r in results]
    axes.set_yticks(range(len(results)), labels)
    axes.invert_yaxis()
    axes.set_xlabel("free-running smooth L1")
    axes.legend(frameon=False, fontsize=8)
    return svg(figure)


def _train(table: TurnTable, config: Config, folder: Path, name: str) -> Checkpoint:
    finished = folder / "finished"
    if not (finished.exists() and (folder / CARD).exists()):
        fit(prepare(table, config, name=name), config, folder, name=folder.name)
        finished.touch()
    return load_checkpoint(folder)


def _claim(folder: Path, table: TurnTable, config: Config) -> None:
    path = folder / "grid.json"
    text = json.dumps({"corpus": digest(table), "config": repr(config)}, indent=1)
    if path.exists() and path.read_text("utf-8") != text:
        raise InputError(f"{folder}: ablations of another corpus or configuration are there; choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _result(cell: Cell, document: dict[str, object]) -> tuple[CellResult, dict[str, float]]:
    found = {
        (s["predictor"], s["mode"]): s
        for s in document["scores"]  # type: ignore[attr-defined]
        if (s["slice"], s["feature"], s["metric"]) == ("all", "all features", "smooth L1")
    }
    free, told = found[document["model"], "free-running"], found[document["model"], "teacher-forced"]
    helped = bool(document["verdict"]["helped"])  # type: ignore[index]
    references = {b: found[b, "free-running"]["value"] for b in (CONSTANT, TEXT_AND_OWN, EVERYTHING)}
    return CellResult(cell, free["value"], free["low"], free["high"], told["value"], helped), references


def _lines(results: Sequence[CellResult], references: dict[str, float]) -> Iterator[str]:
    table = ablation_table(results)
    yield from (f"# {table.title}", "", table.note, "", *markdown_rows(table), "")
    yield "Baselines: " + ", ".join(f"{name} {value:.4f}" for name, value in references.items()) + "."
    yield ""
    yield "![Ablations](ablations.svg)"


def _read(use: WordUse, on: bool) -> WordUse:
    if not on:
        return "none"
    return READ if use == "none" else use


def _yes(value: bool) -> str:
    return "yes" if value else "no"
