"""Registers what this distribution offers; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import Provider, hookimpl

if TYPE_CHECKING:
    import click
    from antiphon.hookspecs import Register
    from antiphon.profile import Profile

NEURAL = "antiphon_entrain_neural.serving.strategy:Neural"


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


@hookimpl
def antiphon_register_strategy(register: Register) -> None:
    """neural."""
    register(
        Provider(
            "neural",
            "What a model that was trained on conversations predicts of our next turn",
            NEURAL,
            "antiphon_entrain_neural.serving.options:NeuralOptions",
        )
    )


@hookimpl
def antiphon_check_profile(profile: Profile) -> list[str]:
    """Whether voice and scale fit the model of the strategy ``neural``."""
    strategy = profile.strategy
    chosen = (strategy.selection, strategy.on_error.fallback, strategy.on_timeout.fallback)
    neural = [one for one in chosen if one is not None and one.provider.factory == NEURAL]
    if not neural:
        return []
    from antiphon_entrain_neural.serving.check import problems_of

    return [f"strategy: {problem}" for one in neural for problem in problems_of(one, profile)]
