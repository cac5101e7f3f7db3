"""A responder that follows a list of lines and a table of patterns."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from antiphon.builtin.responders.options import ScriptedOptions
from antiphon.payloads import Exchange, Reply
from antiphon.stages import Component


class Scripted(Component[ScriptedOptions]):
    """responder ``scripted``."""

    def session(self, seed: int) -> ScriptedSession:
        return ScriptedSession(self.options)


class ScriptedSession:
    """Keeps its place in the lines and in each rule's replies."""

    def __init__(self, options: ScriptedOptions) -> None:
        self._lines = _in_order(options)
        self._rules = [
            (re.compile(rule.pattern, re.IGNORECASE), itertools.cycle(rule.replies)) for rule in options.rules
        ]

    def respond(self, exchange: Exchange) -> Reply:
        for pattern, replies in self._rules:
            if match := pattern.search(exchange.text):
                return Reply(match.expand(next(replies)))
        return next(self._lines)


def _in_order(options: ScriptedOptions) -> Iterator[Reply]:
    *earlier, last = (Reply(line) for line in options.lines)
    if options.on_end == "loop":
        return itertools.cycle([*earlier, last])
    if options.on_end == "last":
        return itertools.chain(earlier, itertools.repeat(last))
    ends = {"ends_dialogue": True}
    return itertools.chain(earlier, [Reply(last.text, ends)], itertools.repeat(Reply("", ends)))
