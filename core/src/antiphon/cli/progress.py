"""Shows a dialogue while it runs."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from antiphon.recording.records import TurnRecord

STATES = {
    "listening": "listening ...",
    "speech_started": "[bold]user[/] speaks ...",
    "speech_ended": "answering ...",
}


class Progress:
    """A line a finished turn, and beneath them what is going on: who speaks, the words so far, the stage in hand.

    Use as a context manager; `on_event` takes the engine's events. ``session`` is the id, once there is one.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = Status("opening the pipeline ...", console=console)
        self._live = console.is_terminal
        self.session: str | None = None

    def __enter__(self) -> Progress:
        if self._live:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._status.stop()

    def on_event(self, kind: str, details: dict[str, Any]) -> None:
        """Show one event."""
        if kind == "session_started":
            self.session = details["session"]
        elif kind in STATES:
            self._status.update(STATES[kind])
        elif kind == "partial":
            self._status.update(f"[bold]user[/] speaks: {escape(details['text'])}")
        elif kind == "partial_reply":
            self._status.update(f"answering: {escape(details['text'])}")
        elif kind == "speaking":
            self._status.update(f"[bold]agent[/] speaks: {escape(details['text'])}")
        elif kind == "turn":
            self._turn(details["record"])
        elif kind == "stage_failed":
            self._console.print(f"[red]{escape(details['error'])}[/] (policy: {details['policy']})")
        elif kind == "observer_failed":
            self._console.print(f"[yellow]observer {details['plugin']} failed and is left out: {details['error']}[/]")

    def _turn(self, record: TurnRecord) -> None:
        silent = "nothing understood" if record.speaker == "user" else "silent"
        text = escape(record.text) or f"[dim]({silent})[/]"
        cut = " [yellow](interrupted)[/]" if record.interrupted else ""
        self._console.print(f"[bold]{record.speaker:>5}[/] {record.start_s:7.2f} s  {text}{cut}", highlight=False)
