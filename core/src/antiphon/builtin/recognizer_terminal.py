"""A person at the terminal who writes down what was said."""

from __future__ import annotations

from antiphon.options import NoOptions
from antiphon.payloads import Audio, Transcript
from antiphon.stages import Component
from antiphon.terminal import ask


class TerminalRecognizer(Component[NoOptions]):
    """recognizer ``terminal``: asks after each spoken turn; typed turns never reach it."""

    def session(self, seed: int) -> TerminalRecognizerSession:
        return TerminalRecognizerSession()


class TerminalRecognizerSession:
    """Nothing recognised where nothing is typed."""

    def recognize(self, speech: Audio) -> Transcript:
        return Transcript(ask(f"what was said ({speech.duration_s:.1f} s): ") or "")
