"""``antiphon entrain export``."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from antiphon_entrain_neural.checkpoint import load_checkpoint
from antiphon_entrain_neural.extras import require
from antiphon_entrain_neural.serving.sidecar import Format


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder of the exported files.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(get_args(Format)),
    default="onnx",
    show_default=True,
    help="ONNX for ONNX Runtime, pt2 for torch.export.load, torchscript for torch.jit.load.",
)
@click.option("--golden-exchanges", type=click.IntRange(1), default=6, show_default=True, help="How many are replayed.")
def export(checkpoint: Path, out: Path | None, format_: Format, golden_exchanges: int) -> None:
    """Write the step functions of the model in the folder CHECKPOINT.

    They keep no state: it goes in and out. steps.json beside them describes their inputs and outputs, and holds golden
    steps, which are replayed before the command ends. Without --out, ONNX step functions are added to the checkpoint
    itself, so that the strategy "neural" can use it; training does that by itself.
    """
    require("export", "onnx", "onnxscript", "torch")
    if out is None and format_ != "onnx":
        raise click.UsageError(f"name a folder for {format_} with --out; the checkpoint itself holds onnx")
    from antiphon_entrain_neural.export.exporting import export as export_to
    from antiphon_entrain_neural.export.exporting import export_onnx

    if out is None:
        export_onnx(checkpoint)
        click.echo(f"{checkpoint}: has its ONNX step functions")
        return
    sidecar = export_to(load_checkpoint(checkpoint), out, format_, exchanges=golden_exchanges)
    click.echo(f"{out}: {format_}, {len(sidecar.golden)} golden steps replayed")
