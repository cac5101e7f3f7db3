"""``antiphon entrain evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from antiphon.errors import InputError

from antiphon_entrain_neural.config import Config, load_config, named_configs
from antiphon_entrain_neural.extras import TRAINING, require

if TYPE_CHECKING:
    from antiphon_corpus.model import TurnTable

    from antiphon_entrain_neural.evaluation.evaluate import Answers
    from antiphon_entrain_neural.evaluation.report import Subject
    from antiphon_entrain_neural.evaluation.resampling import Resampling

EARLIER = (
    "0.3815 without words, 0.3144 with the words so far and to be spoken (Fisher corpus; see docs/first-version.md)"
)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="[CHECKPOINT] CORPUS")
@click.option("--baselines", is_flag=True, help="Without a checkpoint: fit and judge the baselines alone.")
@click.option("--ablations", is_flag=True, help="Without a checkpoint: train and judge eight models; needs --out.")
@click.option(
    "--config",
    default="default",
    show_default=True,
    metavar="FILE|NAME",
    help=f"Without a checkpoint: a TOML file, or one of {', '.join(named_configs())}.",
)
@click.option("--set", "overrides", multiple=True, metavar="TABLE.KEY=VALUE", help="Change the configuration.")
@click.option("--folds", type=click.IntRange(2), help="With --baselines: cross-validate; nobody is in two folds.")
@click.option(
    "--protocol",
    type=click.Choice(["causal", "first-version"]),
    default="causal",
    show_default=True,
    help="As in a dialogue, or with z-scores over whole conversations, which know the future.",
)
@click.option("--trained-on", type=click.Path(path_type=Path), help="What the model was trained on, if not CORPUS.")
@click.option("--allow-trained", is_flag=True, help="Judge all of CORPUS, though the model was trained on some of it.")
@click.option("--attention", "looked_at", multiple=True, metavar="CONVERSATION", help="Draw its attention; repeatable.")
@click.option("--rename", multiple=True, metavar="NAME=COLUMN", help="Read column NAME as COLUMN; repeatable.")
@click.option("--drop-unknown", is_flag=True, help="Leave out columns that are no known features.")
@click.option("--local-speakers", is_flag=True, help="Names of speakers stand for others in every conversation.")
@click.option("--bootstrap", type=click.IntRange(100), default=2000, show_default=True, help="Resamples.")
@click.option("--permutations", type=click.IntRange(99), default=10_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all that is drawn.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the report: JSON, CSV, Markdown, HTML.")
def evaluate(paths: tuple[Path, ...], baselines: bool, ablations: bool, out: Path | None, **options: Any) -> None:
    """Judge a trained CHECKPOINT on the turn table CORPUS beside all baselines.

    The headline is free-running: of our own turns the model is told only what it predicted. If CORPUS is what the model
    was trained on, the test split in its card is judged, else all of it.
    """
    require("evaluating", *TRAINING, "jinja2", "matplotlib", "sklearn")
    alone = baselines or ablations
    if baselines and ablations:
        raise click.UsageError("choose one of --baselines and --ablations")
    if len(paths) != (1 if alone else 2):
        what = "one CORPUS" if alone else "a CHECKPOINT and a CORPUS (or --baselines CORPUS, without a model)"
        raise click.UsageError(f"expected {what}, got {len(paths)} paths")
    if options["folds"] and not baselines:
        raise click.UsageError("--folds goes with --baselines")
    from antiphon_entrain_neural.evaluation.resampling import Resampling

    resampling = Resampling(options["bootstrap"], options["permutations"], options["seed"])
    corpus = paths[-1]
    table = _read(corpus, options)
    if ablations:
        _ablations(table, corpus, out, _config(options), resampling)
        return
    answers, subject = (
        _baselines(table, corpus, options) if baselines else _checkpoint(paths[0], table, corpus, options)
    )
    _report(answers, subject, resampling, out)


def _read(path: Path, options: dict[str, Any]) -> TurnTable:
    from antiphon_corpus.turn_table import read_turn_table

    rename = {}
    for text in options["rename"]:
        name, separator, column = text.partition("=")
        if not (separator and name and column):
            raise click.BadParameter(f'"{text}" is not of the form NAME=COLUMN', param_hint="--rename")
        rename[name] = column
    table = read_turn_table(
        path,
        rename=rename,
        drop_unknown=options["drop_unknown"],
        local_speakers=options["local_speakers"],
        monologues="drop",
    )
    for notice in table.notices:
        click.echo(f"note: {notice}", err=True)
    return table


def _config(options: dict[str, Any]) -> Config:
    from attrs import evolve

    from antiphon_entrain_neural.evaluation.material import first_version

    config = load_config(options["config"], options["overrides"])
    return evolve(config, data=first_version(config.data)) if options["protocol"] == "first-version" else config


def _baselines(table: TurnTable, corpus: Path, options: dict[str, Any]) -> tuple[Answers, Subject]:
    from antiphon_entrain_neural.corpus import recorded, speakers_of
    from antiphon_entrain_neural.evaluation.evaluate import Answers, ask
    from antiphon_entrain_neural.evaluation.material import folds, of_split
    from antiphon_entrain_neural.evaluation.report import Subject

    data = _config(options).data
    seed = options["seed"]
    if options["folds"]:
        splits = folds(speakers_of(recorded(table)), options["folds"], method=data.split, seed=data.seed)
        answers = Answers.join([ask(of_split(table, data, split), seed=seed) for split in splits])
        judged = f"all conversations, each in one of {options['folds']} folds"
    else:
        answers = ask(of_split(table, data), seed=seed)
        judged = "test split"
    facts = {"corpus": corpus.name, "judged": judged, "split by": data.split, **_protocol(options)}
    return answers, Subject(f"Baselines on {corpus.stem}", facts)


def _checkpoint(folder: Path, table: TurnTable, corpus: Path, options: dict[str, Any]) -> tuple[Answers, Subject]:
    from antiphon_entrain_neural.checkpoint import load_checkpoint
    from antiphon_entrain_neural.evaluation.attention import attention_of
    from antiphon_entrain_neural.evaluation.evaluate import ask
    from antiphon_entrain_neural.evaluation.material import first_version, of_checkpoint
    from antiphon_entrain_neural.evaluation.report import Subject
    from antiphon_entrain_neural.model.predictor import NeuralPredictor
    from antiphon_entrain_neural.training.callbacks import read_epochs
    from antiphon_entrain_neural.training.fit import EPOCHS, STATE

    checkpoint = load_checkpoint(folder)
    card = checkpoint.card
    trained_on = options["trained_on"]
    material = of_checkpoint(
        checkpoint,
        table,
        None if trained_on is None else _read(trained_on, options),
        data=first_version(card.config.data) if options["protocol"] == "first-version" else None,
        allow_trained=options["allow_trained"],
    )
    model = NeuralPredictor(checkpoint)
    known = {c.name: c for c in material.judged}
    chosen = options["looked_at"] or tuple(known)[:1]
    absent = [name for name in chosen if name not in known]
    if absent:
        raise InputError(
            f"{absent[0]} is not among the conversations that are judged, such as {', '.join([*known][:3])}"
        )
    maps = [found for name in chosen if (found := attention_of(model, known[name])) is not None]
    facts = {
        "model": f"{card.name}, trained on {card.data.corpus} ({card.data.conversations} conversations)",
        "corpus": corpus.name,
        "judged": f"{len(known)} conversations",
        **_protocol(options),
    }
    vectors = model.words.of if card.dims else None
    answers = ask(material, model, vectors, seed=options["seed"])
    return answers, Subject(f"{card.name} on {corpus.stem}", facts, read_epochs(folder / STATE / EPOCHS), maps)


def _protocol(options: dict[str, Any]) -> dict[str, str]:
    if options["protocol"] == "causal":
        return {"protocol": "as in a dialogue: the partner's scale is learned turn by turn"}
    return {
        "protocol": "the first version's: z-scores over whole conversations (the future leaks), second speaker only",
        "the first version's validation smooth L1": EARLIER,
    }


def _ablations(table: TurnTable, corpus: Path, out: Path | None, config: Config, resampling: Resampling) -> None:
    from antiphon_entrain_neural.evaluation.ablations import ablation_table, run_ablations

    if out is None:
        raise click.UsageError("--ablations needs --out, the folder of its models and results")
    results = run_ablations(table, config, out, name=corpus.stem, resampling=resampling, echo=click.echo)
    _print(ablation_table(results))
    click.echo(f"{out / 'ablations.md'}")


def _report(answers: Answers, subject: Subject, resampling: Resampling, out: Path | None) -> None:
    from antiphon_entrain_neural.evaluation.evaluate import evaluate as score
    from antiphon_entrain_neural.evaluation.report import write_report
    from antiphon_entrain_neural.evaluation.tables import summary

    evaluation = score(answers, resampling)
    for name, value in subject.facts.items():
        click.echo(f"{name}: {value}")
    for note in evaluation.notes:
        click.echo(f"mind: {note}")
    _print(summary(evaluation))
    click.echo(evaluation.verdict.text)
    if out is not None:
        for path in write_report(out, evaluation, subject).values():
            click.echo(path)


def _print(table: Any) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column, Table

    printed = Table(
        *(Column(head, justify="right" if column else "left") for column, head in enumerate(table.header)),
        box=SIMPLE_HEAD,
        caption=table.note,
        caption_justify="left",
    )
    for row in table.rows:
        printed.add_row(*row)
    console = Console()
    if not console.is_terminal:
        console.width = 200
    console.print(printed)
