"""A profile that has been read and checked: what the engine runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from attrs import field, frozen

from antiphon.features import FeatureSpec
from antiphon.options import Selection

Duplex = Literal["half", "barge-in"]


@frozen
class Policy:
    """What happens when a stage fails: ``fail`` ends the session, ``skip`` does without the stage for this turn."""

    action: Literal["fail", "skip", "fallback"]
    fallback: Selection | None = None


@frozen
class StageConfig:
    """One chosen implementation, its deadline for one call, and its policies."""

    selection: Selection
    timeout_s: float
    on_error: Policy
    on_timeout: Policy


@frozen
class StrategyConfig(StageConfig):
    """A strategy and the limits that hold for every strategy.

    Attributes:
        features: what it may set; resolved, so never empty unless nothing can be set.
        clip: largest magnitude of a target, on the scale of the strategy; None for no limit.
        slew: largest change of a target from one turn to the next; None for no limit.
    """

    features: tuple[str, ...] = ()
    clip: float | None = 2.5
    slew: float | None = 1.5


@frozen
class TransformConfig(StageConfig):
    """A transform and the side on which it works."""

    on: Literal["user", "target"] = "target"


@frozen
class SessionConfig:
    """How long, how, and with which randomness. ``turns`` None: until the user's side ends."""

    seed: int = 0
    turns: int | None = None
    duplex: Duplex = "half"


@frozen
class FeatureFlow:
    """The features on their way, by name, as the profile check followed them.

    Attributes:
        extracted: what the extractors write.
        transformed: behind the user-side transforms; what the normaliser reads.
        normalised: what strategies observe, and the scale of their targets.
        target: behind the target-side transforms; what the voice is told.
        before_transform: what reaches each entry of ``[[transform]]``, in the profile's order.
    """

    extracted: Mapping[str, FeatureSpec] = field(factory=dict)
    transformed: Mapping[str, FeatureSpec] = field(factory=dict)
    normalised: Mapping[str, FeatureSpec] = field(factory=dict)
    target: Mapping[str, FeatureSpec] = field(factory=dict)
    before_transform: tuple[Mapping[str, FeatureSpec], ...] = ()


@frozen
class Profile:
    """A checked profile.

    Attributes:
        path: the file; relative paths in options are relative to its folder.
        resolved: the whole profile as plain tables, every default written out, secrets as ``env:NAME``.
        sources: files named in ``use = "./file.py:Class"``; their text is copied into recordings.
    """

    name: str
    path: Path
    session: SessionConfig
    audio_in: StageConfig
    audio_out: StageConfig
    endpoint: StageConfig
    recognizer: StageConfig
    normalizer: StageConfig
    responder: StageConfig
    strategy: StrategyConfig
    synthesizer: StageConfig
    features: tuple[StageConfig, ...] = ()
    transform: tuple[TransformConfig, ...] = ()
    vocoder: StageConfig | None = None
    flow: FeatureFlow = FeatureFlow()
    resolved: Mapping[str, Any] = field(factory=dict)
    sources: tuple[Path, ...] = ()
