"""A profile on one screen."""

from __future__ import annotations

from collections.abc import Iterator

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
    yield f"{'measured':12}  {', '.join(f'{s.name} [{s.unit}]' for s in profile.flow.extracted.values()) or 'nothing'}"
    yield f"{'observed':12}  {', '.join(f'{s.name} ({s.scale})' for s in profile.flow.normalised.values()) or 'nothing'}"
    yield f"{'set':12}  {', '.join(profile.strategy.features) or 'nothing: the voice does not react'}"
    describe_voice = getattr(profile.synthesizer.selection.options, "voice", None)
    controls = [c.feature.name for c in describe_voice().controls] if describe_voice else []
    untold = [name for name in controls if name not in profile.flow.target]
    if untold:
        yield f"{'left alone':12}  {', '.join(untold)}"
