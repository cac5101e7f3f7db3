"""Options of the built-in endpointer."""

from __future__ import annotations

from attrs import Attribute, frozen, validators

from antiphon.options import option


def _below_onset(options: EnergyOptions, attribute: Attribute[float], value: float) -> None:
    if not 0 < value <= options.onset_db:
        raise ValueError(
            f"{attribute.name} is {value}; it must lie between 0 and onset_db, which is {options.onset_db}"
        )


def _below_silence(options: EnergyOptions, attribute: Attribute[float], value: float) -> None:
    if not 0 < value <= options.silence_s:
        raise ValueError(
            f"{attribute.name} is {value}; it must lie between 0 and silence_s, which is {options.silence_s}"
        )


@frozen
class EnergyOptions:
    """Options of endpoint ``energy``."""

    silence_s: float = option(0.5, help="Silence that ends a turn.", unit="s", validator=validators.gt(0))
    pause_s: float = option(
        0.12,
        help="Silence after which the turn may be over, and work on it begins.",
        unit="s",
        validator=_below_silence,
    )
    min_speech_s: float = option(
        0.04,
        help="Sound that must be heard before it counts as speech; shorter sounds are passed over.",
        unit="s",
        validator=validators.and_(validators.gt(0), validators.le(1.0)),
    )
    max_turn_s: float = option(
        30.0,
        help="Length at which a turn is cut; what follows is the next turn.",
        unit="s",
        validator=validators.ge(1.0),
    )
    onset_db: float = option(
        8.0, help="Level above the background noise at which speech begins.", unit="dB", validator=validators.gt(0)
    )
    offset_db: float = option(
        3.0, help="Level above the background noise below which speech has ended.", unit="dB", validator=_below_onset
    )
    min_level_db: float = option(
        -60.0, help="Level below which nothing is speech.", unit="dB re full scale", validator=validators.le(0)
    )
