"""The engine: holds dialogues with a checked profile."""

from antiphon.engine.engine import Engine, SessionResult
from antiphon.engine.running import run_profile

__all__ = ["Engine", "SessionResult", "run_profile"]
