"""A profile on one screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from antiphon.profile.model import Profile, StageConfig
from antiphon.provider import STAGES


def summary(profile: Profile) -> str:
    """The implementation of every stage, and the features on their way from the user to the voice."""
    lines = [f'ok  {profile.path}  "{profile.name}"']
    for stage in STAGES:
        configs = getattr(profile, stage)
        chosen = configs if isinstance(configs, tuple) else (configs,) if configs else ()
        if chosen:
            lines.append(f"    {stage:12}  {', '.join(map(_name, chosen))}")
    return "\n".join([*lines, *(f"    {line}" for line in _features(profile))])


def _name(config: StageConfig) -> str:
    side = f" ({on})" if (on := getattr(config, "on", None)) else ""
    return f"{config.selection.name}{side}"


def _features(profile: Profile) -> Iterator[str]:
    flow = profile.flow
    yield _row("measured", (f"{spec.name} [{spec.unit}]" for spec in flow.extracted.values()), "nothing")
    yield _row("observed", (f"{spec.name} ({spec.scale})" for spec in flow.normalised.values()), "nothing")
    yield _row("set", profile.strategy.features, "nothing: the voice does not react")
    describe_voice = getattr(profile.synthesizer.selection.options, "voice", None)
    controls = [control.feature.name for control in describe_voice().controls] if describe_voice else []
    yield _row("left alone", (name for name in controls if name not in flow.target), "nothing")


def _row(title: str, names: Iterable[str], otherwise: str) -> str:
    return f"{title:12}  {', '.join(names) or otherwise}"
