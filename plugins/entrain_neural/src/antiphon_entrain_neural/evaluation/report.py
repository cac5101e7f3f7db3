"""Writes an evaluation: JSON, CSV, Markdown, and a page with pictures that needs nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from antiphon.errors import InputError
from attrs import asdict, fields, frozen
from markupsafe import Markup

from antiphon_entrain_neural.evaluation import figures
from antiphon_entrain_neural.evaluation.attention import AttentionMap
from antiphon_entrain_neural.evaluation.evaluate import RIVALS, Evaluation, Score
from antiphon_entrain_neural.evaluation.tables import Table, tables

TEMPLATES = files("antiphon_entrain_neural.evaluation").joinpath("templates")
SCHEMA = 1


@frozen(eq=False)
class Subject:
    """What was evaluated.

    Attributes:
        title: of the report.
        facts: names and values for people: corpus, split, protocol, ...
        epochs: of the model's training; none for baselines.
        maps: attention in some conversations.
    """

    title: str
    facts: Mapping[str, str]
    epochs: Sequence[Mapping[str, float]] = ()
    maps: Sequence[AttentionMap] = ()


def write_report(folder: Path, evaluation: Evaluation, subject: Subject) -> dict[str, Path]:
    """Write all files of a report; returns them by kind.

    Raises:
        InputError: they cannot be written.
    """
    texts = {
        "evaluation.json": as_json(evaluation, subject),
        "report.md": as_markdown(evaluation, subject),
        "report.html": as_html(evaluation, subject),
    }
    paths = {kind: folder / kind for kind in (*texts, "scores.csv")}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            paths[name].write_text(text, "utf-8")
        with paths["scores.csv"].open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            names = [f.name for f in fields(Score)]
            writer.writerow(names)
            writer.writerows([getattr(score, name) for name in names] for score in evaluation.scores)
    except OSError as error:
        raise InputError(f"{folder}: it cannot be written: {error.strerror or error}") from error
    return paths


def as_json(evaluation: Evaluation, subject: Subject) -> str:
    """Everything, for programs."""
    return json.dumps(
        {"schema": SCHEMA, "title": subject.title, "facts": dict(subject.facts), **asdict(evaluation)},
        indent=1,
        ensure_ascii=False,
        allow_nan=False,
    )


def as_markdown(evaluation: Evaluation, subject: Subject) -> str:
    """Everything but pictures."""
    lines = [f"# {subject.title}", "", f"**{evaluation.verdict.text}**", ""]
    lines += [f"- {name}: {value}" for name, value in subject.facts.items()]
    lines += [f"- **Mind:** {note}" for note in evaluation.notes]
    for table in tables(evaluation):
        lines += ["", f"## {table.title}", "", table.note, "", *markdown_rows(table)]
    return "\n".join([*lines, ""])


def markdown_rows(table: Table) -> list[str]:
    """A table in Markdown."""
    rows = [table.header, ("---", *("---:" for _ in table.header[1:])), *table.rows]
    return ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]


def as_html(evaluation: Evaluation, subject: Subject) -> str:
    """A page; everything that comes from the corpus is escaped."""
    pictures: list[tuple[str, str]] = []
    if subject.epochs:
        pictures.append(("Learning curves", figures.learning_curves(subject.epochs)))
    pictures.append(("Free-running smooth L1", figures.errors_by_feature(evaluation)))
    pictures.append(("By position in the conversation", figures.by_position(evaluation, RIVALS)))
    pictures += [
        (f"Attention over turns: {m.conversation}, predicting {m.us}", figures.attention(m)) for m in subject.maps
    ]
    return _render(
        title=subject.title,
        facts=subject.facts,
        evaluation=evaluation,
        tables=list(tables(evaluation)),
        pictures=[(title, Markup(drawing)) for title, drawing in pictures],
    )


def _render(**values: Any) -> str:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(TEMPLATES.joinpath("report.html.j2").read_text("utf-8")).render(**values)
