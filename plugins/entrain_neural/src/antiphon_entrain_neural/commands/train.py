"""``antiphon entrain train``."""

from __future__ import annotations

from pathlib import Path

import click

from antiphon_entrain_neural.config import load_config, named_configs
from antiphon_entrain_neural.extras import require_training


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option(
    "--config",
    default="default",
    show_default=True,
    metavar="FILE|NAME",
    help=f"A TOML file, or one of {', '.join(named_configs())}.",
)
@click.option("--set", "overrides", multiple=True, metavar="TABLE.KEY=VALUE", help="Change the configuration.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the checkpoint.")
@click.option("--name", help="Of the model; the folder's name unless given.")
@click.option("--licence", default="", help="Of the corpus, for the checkpoint's card.")
@click.option("--accelerator", default="auto", show_default=True, help="cpu, gpu, ..., as Lightning names them.")
@click.option("--devices", type=click.IntRange(1), default=1, show_default=True, help="How many of them.")
@click.option("--restart", is_flag=True, help="Train anew rather than go on with what is in the folder.")
@click.option("--drop-unknown", is_flag=True, help="Leave out columns that are no known features.")
@click.option("--local-speakers", is_flag=True, help="Names of speakers stand for others in every conversation.")
def train(
    corpus: Path,
    config: str,
    overrides: tuple[str, ...],
    out: Path,
    name: str | None,
    licence: str,
    accelerator: str,
    devices: int,
    restart: bool,
    drop_unknown: bool,
    local_speakers: bool,
) -> None:
    """Train a model on the turn table CORPUS and write its checkpoint.

    The same command goes on with a training that was interrupted or killed. The first Ctrl-C ends it and keeps the
    best epoch so far.
    """
    require_training("training")
    chosen = load_config(config, overrides)
    from antiphon_corpus.turn_table import read_turn_table

    from antiphon_entrain_neural.training.fit import Hardware, fit
    from antiphon_entrain_neural.training.prepare import prepare

    table = read_turn_table(corpus, drop_unknown=drop_unknown, local_speakers=local_speakers, monologues="drop")
    for notice in table.notices:
        click.echo(f"note: {notice}", err=True)
    prepared = prepare(table, chosen, name=corpus.stem, licence=licence)
    split = prepared.split
    parts = (("training", split.train), ("validation", split.validation), ("test", split.test))
    click.echo(
        f"{', '.join(spec.name for spec in prepared.features)}; conversations: "
        + ", ".join(f"{len(names)} {part}" for part, names in parts)
    )
    checkpoint = fit(
        prepared,
        chosen,
        out,
        name=name or out.name,
        hardware=Hardware(accelerator, devices),
        restart=restart,
        echo=click.echo,
    )
    metrics = checkpoint.card.metrics
    click.echo(
        f"{out}: epoch {metrics['best_epoch']}, validation {metrics['validation_loss']:.4f} free-running, "
        f"{metrics['validation_loss_teacher_forced']:.4f} teacher-forced (smooth L1)"
    )
    from antiphon_entrain_neural.export.exporting import export_onnx

    export_onnx(out)
    click.echo(f'{out}: ready for strategy.use = "neural"')
