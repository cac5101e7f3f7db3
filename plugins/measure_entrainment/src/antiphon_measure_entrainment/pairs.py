"""Exchanges of one feature as arrays, and the ways to pair them anew under the null.

A *group* is what one speaker replied in one conversation. Pairing anew keeps each group's order, so that the
autocorrelation of each speaker survives and only the relation between the speakers is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import pandas as pd
from attrs import frozen

from antiphon_measure_entrainment.inference import Floats, Ints

Null = Literal["shift", "sham"]
"""``shift``: replies are shifted circularly within their group. ``sham``: the replies come from another
conversation, from a random place on, repeated if it is shorter."""


@frozen(eq=False)
class Pairs:
    """Exchanges whose both values are there, sorted by conversation, then group, then position.

    Attributes:
        x, y: [E] values of the first and of the second turn.
        position: [E] place of the exchange in its conversation.
        conversation_start: [C] index of each conversation's first exchange.
        group_start, group_size, group_conversation: [G].
    """

    x: Floats
    y: Floats
    position: Floats
    conversation_start: Ints
    group_start: Ints
    group_size: Ints
    group_conversation: Ints

    @classmethod
    def of(cls, exchanges: pd.DataFrame, feature: str, least: int) -> Pairs | None:
        """The pairs of conversations with at least `least` of them, or None if there are none."""
        names = [f"{feature}.first", f"{feature}.second"]
        rows = exchanges[exchanges[names].notna().all(axis=1)]
        rows = rows[rows.groupby("conversation")["position"].transform("size") >= least]
        if rows.empty:
            return None
        conversation = pd.factorize(rows["conversation"])[0]
        speaker = pd.factorize(rows["second"])[0]
        position = rows["position"].to_numpy(float)
        order = np.lexsort((position, speaker, conversation))
        x, y = (rows[name].to_numpy(float)[order] for name in names)
        return cls.of_sorted(x, y, position[order], conversation[order], speaker[order])

    @classmethod
    def of_sorted(cls, x: Floats, y: Floats, position: Floats, conversation: Ints, speaker: Ints) -> Pairs:
        """From arrays [E] that are sorted already; conversation and speaker are codes."""
        new = np.append(True, np.diff(conversation) != 0)
        group_start = np.flatnonzero(new | np.append(True, np.diff(speaker) != 0))
        return cls(
            x=x,
            y=y,
            position=position,
            conversation_start=np.flatnonzero(new),
            group_start=group_start,
            group_size=np.diff(np.append(group_start, conversation.size)),
            group_conversation=conversation[group_start],
        )

    @property
    def sizes(self) -> Floats:
        """[C] exchanges in each conversation."""
        return np.diff(np.append(self.conversation_start, self.x.size)).astype(float)

    def sums(self, values: Floats) -> Floats:
        """[C] sum of `values` [E] in each conversation."""
        return np.asarray(np.add.reduceat(values, self.conversation_start))

    def within(self) -> Ints:
        """[E] place of each exchange in its group."""
        return np.asarray(np.arange(self.x.size) - np.repeat(self.group_start, self.group_size))

    def rearrangements(self, count: int, null: Null, seed: int) -> Iterator[Ints]:
        """`count` times an index [E] into `y`, drawn from the null.

        With a single conversation ``sham`` has nowhere to take replies from and is ``shift``.
        """
        rng = np.random.default_rng(seed)
        place, groups = self.within(), self.group_start.size
        sham = null == "sham" and self.conversation_start.size > 1
        for _ in range(count):
            source = _elsewhere(self.group_conversation, rng) if sham else np.arange(groups)
            size, start = self.group_size[source], self.group_start[source]
            offset = rng.integers(0, size)
            shifted = (place + np.repeat(offset, self.group_size)) % np.repeat(size, self.group_size)
            yield np.repeat(start, self.group_size) + shifted

    def null(self, statistic: Callable[[Pairs, Floats], float], count: int, null: Null, seed: int) -> Floats:
        """[count] values of ``statistic(pairs, y)`` with `y` rearranged."""
        return np.array([statistic(self, self.y[index]) for index in self.rearrangements(count, null, seed)])


def _elsewhere(conversation: Ints, rng: np.random.Generator) -> Ints:
    """[G] for each group a random group of another conversation."""
    source = rng.integers(0, conversation.size, conversation.size)
    same = np.flatnonzero(conversation[source] == conversation)
    while same.size:
        source[same] = rng.integers(0, conversation.size, same.size)
        same = same[conversation[source[same]] == conversation[same]]
    return np.asarray(source)
