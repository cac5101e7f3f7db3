"""A responder that always says the same."""

from __future__ import annotations

from antiphon.builtin.responders.options import ConstantOptions
from antiphon.payloads import Exchange, Reply
from antiphon.stages import Component


class Constant(Component[ConstantOptions]):
    """responder ``constant``."""

    def session(self, seed: int) -> ConstantSession:
        return ConstantSession(self.options.text)


class ConstantSession:
    """Has nothing to remember."""

    def __init__(self, text: str) -> None:
        self._reply = Reply(text)

    def respond(self, exchange: Exchange) -> Reply:
        return self._reply
