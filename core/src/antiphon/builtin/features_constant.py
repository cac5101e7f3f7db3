"""Features that are not measured but given, to try out what comes behind the extractors.

Payloads are imported for type checking only because this module holds options.
"""

from __future__ import annotations

import difflib
import math
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import Attribute, frozen, validators

from antiphon import features
from antiphon.features import FeatureSpec, Measurement, Measurements
from antiphon.options import option

if TYPE_CHECKING:
    from antiphon.payloads import Utterance

_KNOWN: Mapping[str, FeatureSpec] = {
    spec.name: spec for spec in vars(features).values() if isinstance(spec, FeatureSpec)
}


def _are_features(_: Any, __: Attribute[Any], values: Mapping[str, float]) -> None:
    for name, value in values.items():
        if name not in _KNOWN:
            close = difflib.get_close_matches(name, _KNOWN, n=1)
            hint = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(_KNOWN)}"
            raise ValueError(f'there is no feature "{name}"; {hint}')
        if not math.isfinite(value):
            raise ValueError(f"{name} is {value}; give a finite number")


@frozen
class ConstantOptions:
    """Options of features ``constant``."""

    values: Mapping[str, float] = option(
        help="Values by feature name, in the feature's unit.",
        validator=validators.and_(validators.min_len(1), _are_features),
    )
    fuzz: float = option(
        0.0,
        help="Share of the value by which each measurement may differ from it, either way.",
        validator=validators.and_(validators.ge(0), validators.lt(1)),
    )

    def writes(self) -> tuple[FeatureSpec, ...]:
        """The features that have a value."""
        return tuple(_KNOWN[name] for name in self.values)


class ConstantFeatures:
    """features ``constant``: the same whatever is said, apart from the fuzz."""

    def __init__(self, options: ConstantOptions, setup: Any) -> None:
        self._options = options

    def session(self, seed: int) -> ConstantSession:
        return ConstantSession(self._options, random.Random(seed))


class ConstantSession:
    """Draws the fuzz of one conversation."""

    def __init__(self, options: ConstantOptions, chance: random.Random) -> None:
        self._options = options
        self._chance = chance

    def extract(self, utterance: Utterance, known: Measurements) -> Measurements:
        fuzz = self._options.fuzz
        return {
            name: Measurement(value * (1 + self._chance.uniform(-fuzz, fuzz)))
            for name, value in self._options.values.items()
        }
