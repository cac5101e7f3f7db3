"""Session folders: written while a dialogue runs, read afterwards."""

from antiphon.recording.records import Exporter, SessionInfo, TurnRecord

__all__ = ["Exporter", "SessionInfo", "TurnRecord"]
