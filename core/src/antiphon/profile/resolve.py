"""Writes a loaded profile as plain tables again, with every default, so that loading them gives the same profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.profile.choose import Chooser
from antiphon.profile.model import Policy, Profile, StageConfig, StrategyConfig, TransformConfig
from antiphon.profile.tables import LISTS
from antiphon.profile.values import NONE
from antiphon.provider import STAGES


def resolve(profile: Profile, requires: Mapping[str, str], chooser: Chooser) -> dict[str, Any]:
    """The whole profile as TOML can hold it; paths are absolute, secrets stay ``env:NAME``."""
    session = {"seed": profile.session.seed, "turns": profile.session.turns, "duplex": profile.session.duplex}
    tables: dict[str, Any] = {
        "schema": 1,
        "name": profile.name,
        "requires": dict(requires),
        "session": {key: value for key, value in session.items() if value is not None},
    }
    for stage in STAGES:
        configs = getattr(profile, stage)
        if stage in LISTS:
            tables[stage] = [_stage(config, chooser) for config in configs]
        elif configs is not None:
            tables[stage] = _stage(configs, chooser)
    return tables


def _stage(config: StageConfig, chooser: Chooser) -> dict[str, Any]:
    table = {
        **chooser.plain(config.selection),
        "timeout_s": config.timeout_s,
        "on_error": _policy(config.on_error, chooser),
        "on_timeout": _policy(config.on_timeout, chooser),
    }
    if isinstance(config, StrategyConfig):
        limits = {"clip": config.clip, "slew": config.slew}
        table |= {"features": list(config.features)}
        table |= {key: NONE if value is None else value for key, value in limits.items()}
    if isinstance(config, TransformConfig):
        table["on"] = config.on
    return table


def _policy(policy: Policy, chooser: Chooser) -> Any:
    if policy.fallback is None:
        return policy.action
    chosen = chooser.plain(policy.fallback)
    return {"fallback": chosen["use"], "options": chosen["options"]}
