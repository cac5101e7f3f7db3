"""Options of the synthesizer ``praat-adapt``, and what it makes of the card of the voice that it wraps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, PITCH_RANGE, RATE, FeatureSpec
from antiphon.options import Selection, option
from attrs import Attribute, evolve, frozen, validators

from antiphon_features_praat.options import above_floor

if TYPE_CHECKING:
    from antiphon.payloads import Control, VoiceCard

ADAPTED: Mapping[str, FeatureSpec] = {spec.name: spec for spec in (PITCH_MEAN, PITCH_RANGE, INTENSITY_MEAN, RATE)}
"""What Praat's manipulation moves."""

AdaptedName = Literal["pitch_mean", "pitch_range", "intensity_mean", "rate"]

MOST_PITCH = 2.0  # an octave either way
MOST_RATE = 2.0
MOST_INTENSITY_DB = 12.0
NARROWEST_RANGE, WIDEST_RANGE = 1.02, 4.0
FLOOR_MARGIN, CEILING_MARGIN = 1.2, 1.4  # room for the pitch range between the mean and what Praat looks for


@frozen
class Natural:
    """The natural speech of a voice, of one feature."""

    mean: float = option(help="Mean, in the feature's unit.")
    sd: float = option(help="Standard deviation: of the natural logarithm, or in dB.", validator=validators.gt(0.0))


def _delivers_audio(_: Any, __: Attribute[Selection], base: Selection) -> None:
    if "mel" in base.provider.capabilities:
        raise ValueError(f'the voice "{base.name}" needs a vocoder; choose one that delivers audio')


def _adapted_means(_: Any, __: Attribute[Mapping[str, Natural]], natural: Mapping[str, Natural]) -> None:
    for name, known in natural.items():
        if name not in ADAPTED:
            raise ValueError(f'"{name}" is not adapted; what is: {", ".join(ADAPTED)}')
        if known.mean <= 0.0:
            raise ValueError(f"the natural {name} is {known.mean:g}; it must be positive")


@frozen
class AdaptOptions:
    """Which voice speaks, and how far its speech is followed."""

    base: Selection = option(help="The voice whose speech is adapted.", stage="synthesizer", validator=_delivers_audio)
    natural: dict[str, Natural] = option(
        factory=dict,
        help="Natural speech of the voice, feature by feature, in place of what the voice says of itself.",
        validator=_adapted_means,
    )
    left_to_base: tuple[AdaptedName, ...] = option((), help="Features that the voice controls by itself.")
    corrections: int = option(
        1, help="How often the result is measured and adapted again.", validator=[validators.ge(0), validators.le(5)]
    )
    pitch_floor: float = option(75.0, help="Lowest F0 of the voice.", unit="Hz", validator=validators.ge(20.0))
    pitch_ceiling: float = option(600.0, help="Highest F0 of the voice.", unit="Hz", validator=above_floor)

    def voice(self) -> VoiceCard:
        """The card of the wrapped voice with the limits of the adaptation.

        A feature is controlled if its natural mean is known: from the option ``natural``, or from the voice's own
        control. The voice's controls of other features, and those left to it, stay as they are.
        """
        card: VoiceCard = self.base.options.voice()
        own = {control.feature.name: control for control in card.controls}
        adapted = {name: self._control(name, own.get(name)) for name in ADAPTED if name not in self.left_to_base}
        controls = own | {name: control for name, control in adapted.items() if control is not None}
        return evolve(card, name=f"{card.name}, adapted", controls=tuple(controls.values()))

    def adapted(self) -> tuple[str, ...]:
        """The features that the wrapper moves."""
        card = self.base.options.voice()
        known = {*self.natural, *(control.feature.name for control in card.controls)}
        return tuple(name for name in ADAPTED if name in known and name not in self.left_to_base)

    def _control(self, name: str, own: Control | None) -> Control | None:
        from antiphon.payloads import Control

        feature = ADAPTED[name]
        if name in self.natural:
            mean, sd = feature.to_log(self.natural[name].mean), self.natural[name].sd
        elif own is not None:
            mean, sd = own.mean, own.sd
        else:
            return None
        low, high = self._limits(name, feature.from_log(mean))
        return Control(feature, mean, sd, low, high)

    def _limits(self, name: str, mean: float) -> tuple[float, float]:
        """How far the adaptation goes without much damage, in the feature's unit; the natural mean is within."""
        if name == PITCH_MEAN.name:
            low = max(mean / MOST_PITCH, FLOOR_MARGIN * self.pitch_floor)
            high = min(mean * MOST_PITCH, self.pitch_ceiling / CEILING_MARGIN)
        elif name == PITCH_RANGE.name:
            low, high = NARROWEST_RANGE, WIDEST_RANGE
        elif name == INTENSITY_MEAN.name:
            low, high = mean - MOST_INTENSITY_DB, mean + MOST_INTENSITY_DB
        else:
            low, high = mean / MOST_RATE, mean * MOST_RATE
        return min(low, mean), max(high, mean)
