"""The user's side as typed turns."""

from __future__ import annotations

from antiphon.builtin.audio.options import TerminalInOptions
from antiphon.payloads import Typed
from antiphon.stages import Component
from antiphon.terminal import ask


class TerminalIn(Component[TerminalInOptions]):
    """audio_in ``terminal``: every line is a turn; the end of the input ends the dialogue."""

    def session(self, seed: int) -> TerminalInSession:
        return TerminalInSession(self.options.prompt)


class TerminalInSession:
    """Reads one line a turn."""

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt

    def read(self) -> Typed | None:
        line = ask(self._prompt)
        return None if line is None else Typed(line)
