"""Profiles: the TOML files that choose an implementation for every stage."""

from antiphon.profile.model import (
    FeatureFlow,
    Policy,
    Profile,
    SessionConfig,
    StageConfig,
    StrategyConfig,
    TransformConfig,
)

__all__ = [
    "FeatureFlow",
    "Policy",
    "Profile",
    "SessionConfig",
    "StageConfig",
    "StrategyConfig",
    "TransformConfig",
]
