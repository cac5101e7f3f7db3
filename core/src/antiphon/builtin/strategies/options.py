"""Options of the rule strategies; imports nothing heavy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

from attrs import frozen, validators

from antiphon.options import option

OCTAVE_HELP = (
    "Move the user's pitch by at most an octave towards the voice's own; for raw features, z-scores do not need it."
)
SHARE = [validators.ge(0), validators.le(1)]


@frozen
class MatchingOptions:
    """Of ``matching``."""

    octave_rule: bool = option(False, help=OCTAVE_HELP)


@frozen
class PartialOptions:
    """Of ``partial``."""

    ratio: float = option(
        0.5, help="How much of the way to the user the voice goes: 0 is neutral, 1 is matching.", validator=SHARE
    )
    octave_rule: bool = option(False, help=OCTAVE_HELP)


@frozen
class ScheduleOptions:
    """Of ``convergence-schedule``."""

    shape: Literal["exponential", "linear"] = option("exponential", help="How the ratio grows with the exchanges.")
    maximum: float = option(1.0, help="The ratio that is not exceeded.", validator=SHARE)
    time_constant: float = option(
        5.0,
        help="Exponential: after so many exchanges 63 % of the maximum.",
        unit="exchanges",
        validator=validators.gt(0),
    )
    start: float = option(0.0, help="Linear: the ratio of the first exchange.", validator=SHARE)
    step: float = option(0.1, help="Linear: what every further exchange adds; may be negative.")

    def ratio(self, turn: int) -> float:
        """λ of exchange `turn`, from 0."""
        if self.shape == "exponential":
            return self.maximum * -math.expm1(-turn / self.time_constant)
        return min(max(self.start + self.step * turn, 0.0), self.maximum)


@frozen
class GlobalOptions:
    """Of ``global-convergence``."""

    ratio: float = option(1.0, help="How much of the way to the user's mean the voice goes.", validator=SHARE)


@frozen
class LaggedOptions:
    """Of ``lagged``."""

    weights: tuple[float, ...] = option(
        (0.5, 0.3, 0.2),
        help="Weights of the user's latest turn, the one before, and so on.",
        validator=validators.min_len(1),
    )


@frozen
class WeiseOptions:
    """Of ``weise``."""

    global_weight: float = option(0.0, help="First weight of the user's average (w_G); negative counts as 0.")
    local_weight: float = option(0.5, help="First weight of the user's last turn (w_L); negative counts as 0.")
    global_step: float = option(0.0, help="What every exchange adds to the global weight.")
    local_step: float = option(0.0, help="What every exchange adds to the local weight.")
    first_turns: int = option(
        10, help="How many of the user's first turns the average is of.", unit="turns", validator=validators.ge(1)
    )


@frozen
class LevitanOptions:
    """Of ``levitan2016``."""

    features: tuple[str, ...] = option(("intensity_mean", "pitch_mean", "rate"), help="What is entrained to.")
    bound: float = option(
        2.0, help="How far from the voice's own mean a target may lie.", unit="SD", validator=validators.gt(0)
    )


@frozen
class LuboldOptions:
    """Of ``lubold-pitch-shift``."""

    ratio: float = option(1.0, help="Share of the distance to the user's mean pitch, in semitones.", validator=SHARE)
    octave_rule: bool = option(False, help=OCTAVE_HELP)


@frozen
class SynchronyOptions:
    """Of ``synchrony``."""

    gain: float = option(1.0, help="How much of the user's change the voice makes (β).", validator=validators.ge(0))
    retention: float = option(0.9, help="How much of the last target is kept (ρ): 1 forgets nothing.", validator=SHARE)


@frozen
class DisentrainOptions:
    """Of ``disentrain``."""

    kind: Literal["complementarity", "anti-synchrony"] = option(
        "complementarity", help="Take the opposite of the user's value, or move against the user's changes."
    )
    strength: float = option(0.5, help="How strongly (λ, or β of anti-synchrony).", validator=validators.ge(0))
    retention: float = option(0.9, help="Anti-synchrony: how much of the last target is kept (ρ).", validator=SHARE)


@frozen
class ShamOptions:
    """Of ``sham``."""

    sessions: tuple[Path, ...] = option(
        help="Folders of recorded sessions with other users; the seed draws one.",
        exists=True,
        validator=validators.min_len(1),
    )
    ratio: float = option(
        1.0, help="As of partial: give it the ratio of the condition that this is the control of.", validator=SHARE
    )


@frozen
class RandomOptions:
    """Of ``random``."""

    kind: Literal["gaussian", "permuted"] = option(
        "gaussian", help="Draw from a normal distribution, or from what the user's earlier turns would have asked for."
    )
    sd: float = option(
        1.0, help="Gaussian: standard deviation, in those of the voice.", unit="SD", validator=validators.ge(0)
    )
    ratio: float = option(1.0, help="Permuted: as of partial.", validator=SHARE)
