"""A model trained on one corpus of real conversations, judged on its own test split and on other corpora."""

from __future__ import annotations

from pathlib import Path

import click
import torch
from antiphon_corpus.model import TurnTable
from antiphon_corpus.turn_table import read_turn_table
from antiphon_entrain_neural.config import load_config
from antiphon_entrain_neural.evaluation.evaluate import ask, evaluate
from antiphon_entrain_neural.evaluation.material import of_checkpoint
from antiphon_entrain_neural.evaluation.report import Subject, write_report
from antiphon_entrain_neural.training.callbacks import read_epochs
from antiphon_entrain_neural.training.fit import EPOCHS, STATE
from antiphon_entrain_neural.training.prepare import prepare

from benchmarks.entrainment.training import load_trained, trained

COLUMNS = {"conversation_id": "conversation", "turn_index": "turn", "speech_rate_syll_per_s": "rate"}
LOCAL = {"rhapsodie", "spjallromur"}
"""Corpora whose names of speakers stand for others in every conversation."""


@click.command()
@click.argument("learned")
@click.argument("judged", nargs=-1)
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Folder of the corpora.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the model and the reports.")
def corpora(learned: str, judged: tuple[str, ...], data: Path, out: Path) -> None:
    """Train the default model on the speaking rates of LEARNED; judge it there and on each of JUDGED."""
    torch.set_num_threads(1)
    config = load_config("default", ('data.features=["rate"]',))
    table = read(data, learned)
    folder = out / learned
    trained(lambda: prepare(table, config, name=learned), config, folder)
    model = load_trained(folder)
    for name in (learned, *judged):
        other = None if name == learned else table
        material = of_checkpoint(model.checkpoint, table if other is None else read(data, name), other)
        vectors = model.predictor.words.of if model.checkpoint.card.dims else None
        evaluation = evaluate(ask(material, model.predictor, vectors))
        subject = Subject(f"{learned}, judged on {name}", {"trained on": learned}, read_epochs(folder / STATE / EPOCHS))
        report = write_report(out / f"{learned}-on-{name}", evaluation, subject)["report.md"]
        click.echo(f"{report}: {evaluation.verdict.text}")


def read(data: Path, name: str) -> TurnTable:
    """A corpus; its speaking rate is that of the whole turn, pauses included."""
    return read_turn_table(
        data / name / "turns.csv",
        rename=COLUMNS,
        drop_unknown=True,
        local_speakers=name in LOCAL,
        monologues="drop",
    )
