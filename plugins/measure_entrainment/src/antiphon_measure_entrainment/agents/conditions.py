"""The experimental condition of a recorded session: its strategy, and what that promises."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antiphon.errors import RecordingError
from antiphon.profile.toml import parse
from antiphon.recording.recorder import PROFILE
from attrs import frozen

UNKNOWN = "unknown strategy"


@frozen
class Condition:
    """What an agent was told to do.

    Attributes:
        name: the strategy, with the ratio or strength where it has one: ``partial 0.5``.
        promised: the slope of the agent's voice on the user's last turn, both as deviations from their own mean; None
            where the strategy promises no constant one.
        raw: whether the strategy worked on raw features rather than on their logarithms or z-scores.
    """

    name: str
    promised: float | None = None
    raw: bool = False


def condition(folder: Path) -> Condition:
    """The condition of the session in `folder`, by its resolved profile.

    Raises:
        RecordingError: the profile is damaged.
    """
    path = folder / PROFILE
    try:
        profile = parse(path.read_text("utf-8"))
    except FileNotFoundError:
        return Condition(UNKNOWN)
    except (OSError, ValueError) as error:
        raise RecordingError(f"{path} is damaged: {error}") from error
    strategy = profile.get("strategy", {})
    use, options = str(strategy.get("use", UNKNOWN)), strategy.get("options", {})
    name = use.rpartition(":")[2] if not use.startswith(".") else use
    logarithmic = any(transform.get("use") == "log" for transform in profile.get("transform", []))
    raw = profile.get("normalizer", {}).get("use") == "none" and not logarithmic
    return Condition(_labelled(name, options), promised_slope(name, options), raw)


def promised_slope(strategy: str, options: Mapping[str, Any]) -> float | None:
    """The slope on the user's last turn that a strategy of docs/strategies.md promises with its resolved options."""
    if strategy in ("neutral", "sham", "random"):
        return 0.0
    if strategy in ("matching", "levitan2016"):
        return 1.0
    if strategy in ("partial", "lubold-pitch-shift"):
        return _number(options.get("ratio"))
    if strategy == "disentrain" and options.get("kind") == "complementarity":
        strength = _number(options.get("strength"))
        return None if strength is None else -strength
    return None


def _labelled(strategy: str, options: Mapping[str, Any]) -> str:
    share = _number(options.get("ratio", options.get("strength")))
    kind = options.get("kind")
    words = [strategy, *([kind] if isinstance(kind, str) and kind != "complementarity" else [])]
    return " ".join([*words, *([f"{share:g}"] if share is not None else [])])


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
