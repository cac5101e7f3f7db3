"""Registers what this distribution offers; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import Provider, hookimpl

if TYPE_CHECKING:
    import click
    from antiphon.hookspecs import Register


@hookimpl
def antiphon_register_commands(cli: click.Group) -> None:
    from antiphon.cli.lazy import LazyCommand

    summary = "Train, evaluate and export models of entrainment."
    cli.add_command(LazyCommand("entrain", "antiphon_entrain_neural.commands.group:entrain", summary))


@hookimpl
def antiphon_register_embedding(register: Register) -> None:
    """glove, minilm."""
    code = "antiphon_entrain_neural.embeddings."
    register(Provider("glove", "Word vectors from a text file", f"{code}glove:Glove", f"{code}options:GloveOptions"))
    register(
        Provider(
            "minilm",
            "Contextual vectors of MiniLM, or of any BERT in a sentence-transformers folder",
            f"{code}bert:Bert",
            f"{code}options:BertOptions",
        )
    )
