"""``antiphon entrain``: the group; a command's module is imported when the command is called."""

from __future__ import annotations

import click
from antiphon.cli.lazy import LazyCommand

_CODE = "antiphon_entrain_neural.commands"


@click.group()
def entrain() -> None:
    """Train, evaluate and export models of entrainment."""


entrain.add_command(LazyCommand("train", f"{_CODE}.train:train", "Train a model on a corpus of conversations."))
entrain.add_command(
    LazyCommand(
        "evaluate", f"{_CODE}.evaluate:evaluate", "Judge a model beside all baselines; say whether the partner helped."
    )
)
entrain.add_command(
    LazyCommand("export", f"{_CODE}.export:export", "Write a model as ONNX, .pt2 or TorchScript step functions.")
)
