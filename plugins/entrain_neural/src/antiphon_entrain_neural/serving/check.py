"""What must fit before a model can take part in a dialogue, beyond that the features it hears are measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.errors import AntiphonError, ModelError

from antiphon_entrain_neural.checkpoint import Checkpoint, load_checkpoint
from antiphon_entrain_neural.scales import FixedScale

if TYPE_CHECKING:
    from antiphon.features import FeatureSpec
    from antiphon.options import Selection
    from antiphon.profile import Profile


def live_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint whose z-scores can be made while the conversation goes on.

    Raises:
        ModelError: it cannot be read, or was trained on z-scores that a dialogue does not have.
    """
    checkpoint = load_checkpoint(path)
    data = checkpoint.card.config.data
    if data.partner_scale != "causal":
        raise ModelError(
            f"{checkpoint.folder}: it was trained on the partner's z-scores by the whole conversation, of which a "
            'dialogue knows only the turns so far; train with data.partner_scale = "causal"'
        )
    if data.us_scale == "causal":
        raise ModelError(
            f"{checkpoint.folder}: it was trained on our z-scores by our earlier turns, which are not those of a "
            'voice; train with data.us_scale = "fixed"'
        )
    return checkpoint


def not_in_z(features: Iterable[str], specs: Mapping[str, FeatureSpec]) -> str:
    """What is wrong with the scale on which targets are expected, if anything."""
    wrong = [str(specs[name]) for name in features if name in specs and specs[name].scale != "z"]
    if not wrong:
        return ""
    return f'targets are z-scores on the scale of the voice, not {", ".join(wrong)}; choose normalizer "causal"'


def problems_of(selection: Selection, profile: Profile) -> Iterator[str]:
    """What a profile whose strategy is ``neural`` lacks for it."""
    voice = profile.synthesizer.selection
    try:
        card = voice.options.voice()
        checkpoint = live_checkpoint(selection.options.checkpoint)
        scale = FixedScale.of_voice(card, checkpoint.card.features)
    except AntiphonError as error:
        yield str(error)
        return
    if problem := not_in_z(checkpoint.feature_names, profile.flow.normalised):
        yield problem
    if not set(checkpoint.feature_names) & set(profile.strategy.features) & scale.levels.keys():
        told = ", ".join(control.feature.name for control in card.controls) or "nothing"
        yield (
            f'"{checkpoint.card.name}" predicts {", ".join(checkpoint.feature_names)}; of these the strategy may set '
            f'none that synthesizer "{voice.name}" can be told ({told}); choose another voice, or name some in '
            "strategy.features"
        )
