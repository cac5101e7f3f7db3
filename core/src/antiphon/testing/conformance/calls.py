"""A conversation as a list of calls, which can be made on one session or on two by turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from attrs import frozen


@frozen
class Call:
    """One call of a session's method."""

    method: str
    arguments: tuple[Any, ...] = ()

    def on(self, session: Any) -> Any:
        """The result; all pieces, in a list, of a stream."""
        result = getattr(session, self.method)(*self.arguments)
        return list(result) if isinstance(result, Iterator) else result


def call(method: str, *arguments: Any) -> Call:
    """A call of `method` with these arguments."""
    return Call(method, arguments)


def results(session: Any, calls: Iterable[Call]) -> list[Any]:
    """What a session answers."""
    return [one.on(session) for one in calls]


def by_turns(sessions: Sequence[Any], conversations: Sequence[Sequence[Call]]) -> list[list[Any]]:
    """What each session answers when their conversations are interleaved call by call."""
    answers: list[list[Any]] = [[] for _ in sessions]
    for position in range(max(map(len, conversations))):
        for session, calls, answer in zip(sessions, conversations, answers, strict=True):
            if position < len(calls):
                answer.append(calls[position].on(session))
    return answers


def same(a: Any, b: Any) -> bool:
    """Deep equality of payloads, and of arrays that lie in their extras."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    if attrs.has(type(a)):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in attrs.fields(type(a)))
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)
