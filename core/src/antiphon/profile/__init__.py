"""Profiles: the TOML files that choose an implementation for every stage."""

from antiphon.profile.load import load_profile
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
    "load_profile",
]
