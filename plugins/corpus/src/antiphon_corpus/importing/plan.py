"""What is done with every conversation of an import."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antiphon.features import FeatureSpec
from antiphon.options import Selection
from antiphon.provider import Provider
from attrs import frozen

from antiphon_corpus.importing.units import Rules

Recipe = tuple[tuple[Provider, ...], bytes]
"""A pickled `Plan`, and what must be loaded before: classes in files can be unpickled only when their file is."""


@frozen
class Extractors:
    """Extractors in their order, checked: what one reads is written by those before it.

    Attributes:
        folder: what was relative to where they were chosen.
        specs: what they write, in order.
        record: the same for people: name, distribution, version and options of each.
    """

    selections: tuple[Selection, ...] = ()
    folder: Path = Path()
    specs: tuple[FeatureSpec, ...] = ()
    record: tuple[Mapping[str, Any], ...] = ()


@frozen
class Plan:
    """What is done with every conversation.

    Attributes:
        slack_s: by how much a turn may end behind the audio.
        seed: of the extractors' sessions.
    """

    rules: Rules
    extractors: Extractors
    slack_s: float = 0.25
    seed: int = 0

    def recipe(self) -> Recipe:
        """To send it to another process."""
        return tuple(selection.provider for selection in self.extractors.selections), pickle.dumps(self)
