"""Options of the strategy ``neural``; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from antiphon.errors import ModelError, PipelineError
from antiphon.features import FeatureSpec
from antiphon.options import option
from attrs import frozen

if TYPE_CHECKING:
    from antiphon_entrain_neural.checkpoint import Checkpoint


@frozen
class NeuralOptions:
    """Of ``neural``."""

    checkpoint: Path = option(
        Path("builtin:default"), help='The model: the folder of a checkpoint, or "builtin:default".'
    )
    own_turns: Literal["realised", "predicted"] = option(
        "realised",
        help="What the model is told of the agent's turns: what was heard of them, or always what it predicted.",
    )
    hears: tuple[str, ...] = option(
        (), help="Features of the model that it hears; all of them if empty. The others count as not measured."
    )

    def reads(self) -> Sequence[FeatureSpec]:
        """What the model hears, raw: it makes z-scores of it by itself.

        Raises:
            PipelineError: the checkpoint cannot be used.
        """
        from antiphon_entrain_neural.serving.check import live_checkpoint

        try:
            return self.heard(live_checkpoint(self.checkpoint))
        except ModelError as error:
            raise PipelineError(f"strategy neural: {error}") from error

    def heard(self, checkpoint: Checkpoint) -> Sequence[FeatureSpec]:
        """The features of a checkpoint that are heard, raw.

        Raises:
            ModelError: it does not have one that is named.
        """
        for name in self.hears:
            if name not in checkpoint.feature_names:
                known = ", ".join(checkpoint.feature_names)
                raise ModelError(f'hears: "{checkpoint.card.name}" has no {name}; it has {known}')
        return [spec.on("raw") for spec in checkpoint.card.features if not self.hears or spec.name in self.hears]
