"""Exchanges of one feature as arrays, and the ways to pair two speakers anew under the null.

Under the null one of the two speakers, the *moved* one, keeps the own order of values but gets another place beside the
*kept* one, in both directions of the dialogue at once: where the moved one replies, and where the moved one is replied
to. Moving each direction by itself would let the null vary too little, because the two directions share their speakers
and speakers resemble their own last turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from attrs import frozen

from antiphon_measure_entrainment.statistics.inference import Floats, Ints

Null = Literal["shift", "sham"]
"""``shift``: the moved speaker's values are shifted circularly. ``sham``: the moved speakers are
permuted among the conversations (with few of them now and then a speaker stays: without that, the test would reject too
often), from a random place on, repeated if they are too few."""

Terms = Callable[[Floats, Floats, Floats], Sequence[Floats]]
"""K terms [K][E] of x, y and position, each exchange by itself, which a statistic sums in each conversation."""

DRAWN_AT_ONCE = 2_000_000
"""Numbers that a batch of draws holds."""


@frozen(eq=False)
class Pairs:
    """Exchanges of two speakers whose both values are there, sorted by conversation, then group, then position.

    A *group* is what one speaker replied in one conversation.

    Attributes:
        x, y: [E] values of the first and of the second turn.
        position: [E] place of the exchange in its conversation.
        conversation_start: [C] index of each conversation's first exchange.
        group_start, group_size, group_conversation: [G].
        group_replies: [G] whether it is the moved speaker who replies.
    """

    x: Floats
    y: Floats
    position: Floats
    conversation_start: Ints
    group_start: Ints
    group_size: Ints
    group_conversation: Ints
    group_replies: Ints

    @classmethod
    def of(cls, exchanges: pd.DataFrame, feature: str, least: int) -> Pairs | None:
        """The pairs of conversations of two speakers with at least `least` of them, or None if there are none."""
        names = [f"{feature}.first", f"{feature}.second"]
        rows = exchanges[exchanges[names].notna().all(axis=1) & (exchanges["speakers"] == 2)]
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
            group_conversation=(np.cumsum(new) - 1)[group_start],
            group_replies=np.asarray(new[group_start], dtype=np.intp),
        )

    @property
    def sizes(self) -> Floats:
        """[C] exchanges in each conversation."""
        return np.diff(np.append(self.conversation_start, self.x.size)).astype(float)

    def sums(self, values: Floats) -> Floats:
        """[..., C] sum of `values` [..., E] in each conversation."""
        return np.asarray(np.add.reduceat(values, self.conversation_start, axis=-1))

    def within(self) -> Ints:
        """[E] place of each exchange in its group."""
        return np.asarray(np.arange(self.x.size) - np.repeat(self.group_start, self.group_size))

    def moved(self, index: Ints) -> tuple[Floats, Floats]:
        """x and y with the moved speaker's values taken from the exchanges at `index`."""
        replies = np.repeat(self.group_replies, self.group_size).astype(bool)
        return np.where(replies, self.x, self.x[index]), np.where(replies, self.y[index], self.y)

    def moves(self, count: int, null: Null, seed: int) -> Iterator[Ints]:
        """`count` times an index [E]: the exchange from which the moved speaker's value comes (`moved`)."""
        for source, offset in self._draws(count, null, seed):
            yield self._index(self._groups[source[self.group_conversation], self.group_replies], offset)

    def replies(self, count: int, null: Null, seed: int) -> Iterator[Ints]:
        """`count` times an index [E]: the exchange from which the speaker's *partner* comes.

        The same pairings as those of `moves`, for statistics that need no positions: where the moved speaker is the
        one with the partner, the kept speaker is moved the other way.
        """
        towards = self.group_replies.astype(bool)
        for source, offset in self._draws(count, null, seed):
            back = np.argsort(source)
            lender = np.where(towards, source[self.group_conversation], back[self.group_conversation])
            other_way = -offset[back[self.group_conversation]]
            yield self._index(
                self._groups[lender, self.group_replies], np.where(towards, offset[self.group_conversation], other_way)
            )

    def null(self, terms: Terms, pool: Callable[[Floats], Floats], count: int, null: Null, seed: int) -> Floats:
        """[count] values of a statistic with one speaker moved.

        Args:
            terms: what the statistic sums in each conversation.
            pool: [..., K, C] sums of the K terms in each conversation to [...] values of the statistic.
        """
        # All shifts of a group at once cost the square of its size, so that few draws of long groups are made singly.
        shift = null == "shift" or self.conversation_start.size == 1
        if shift and float(np.square(self.group_size, dtype=float).sum()) <= float(count) * self.x.size:
            return self.null_of_tables(self._shift_tables(terms), pool, count, seed)
        draws = self.moves(count, null, seed)
        return np.array([float(pool(self.term_sums(terms, *self.moved(index)))) for index in draws])

    def term_sums(self, terms: Terms, x: Floats, y: Floats) -> Floats:
        """[K, C] sums of the terms in each conversation."""
        return self.sums(np.stack(terms(x, y, self.position)))

    @property
    def _groups(self) -> Ints:
        """[C, 2] the group in which the moved speaker is replied to, and the one in which the moved one replies.

        Where there is but one of them, that one.
        """
        groups = np.full((self.conversation_start.size, 2), -1)
        groups[self.group_conversation, self.group_replies] = np.arange(self.group_start.size)
        return np.where(groups < 0, groups[:, ::-1], groups)

    def _draws(self, count: int, null: Null, seed: int) -> Iterator[tuple[Ints, Ints]]:
        """[C] conversations to take the moved speaker from, and [C] offsets within.

        With a single conversation ``sham`` has nowhere to take speakers from and is ``shift``.
        """
        rng = np.random.default_rng(seed)
        everybody = np.arange(self.conversation_start.size)
        for _ in range(count):
            source = rng.permutation(everybody.size) if null == "sham" and everybody.size > 1 else everybody
            yield source, rng.integers(0, self._longest[source])

    @property
    def _longest(self) -> Ints:
        return np.asarray(np.maximum.reduceat(self.group_size, self._first_group))

    @property
    def _first_group(self) -> Ints:
        return np.flatnonzero(np.append(True, np.diff(self.group_conversation) != 0))

    def _index(self, source: Ints, offset: Ints) -> Ints:
        """[E] exchanges of the groups `source` [G] from `offset` ([G], or [C]) on."""
        if offset.size != self.group_start.size:
            offset = offset[self.group_conversation]
        size = self.group_size[source]
        shifted = (self.within() + np.repeat(offset, self.group_size)) % np.repeat(size, self.group_size)
        return np.asarray(np.repeat(self.group_start[source], self.group_size) + shifted)

    def null_of_tables(self, tables: Floats, pool: Callable[[Floats], Floats], count: int, seed: int) -> Floats:
        """`null` with shifts, from [K, E] each group's sums with the moved speaker shifted by 0, 1, ... size − 1."""
        rng = np.random.default_rng(seed)
        first_group = self._first_group
        result = np.empty(count)
        batch = max(1, DRAWN_AT_ONCE // (len(tables) * self.group_size.size))
        for begin in range(0, count, batch):
            size = min(batch, count - begin)
            offset = rng.integers(0, self._longest, (size, self.conversation_start.size))
            place = self.group_start + offset[:, self.group_conversation] % self.group_size
            sums = np.add.reduceat(tables[:, place], first_group, axis=2)
            result[begin : begin + size] = pool(np.moveaxis(sums, 0, 1))
        return result

    def _shift_tables(self, terms: Terms) -> Floats:
        """[K, E] sums of the terms in each group with the moved speaker shifted by 0, 1, ... size − 1."""
        place, size = self.within(), np.repeat(self.group_size, self.group_size)
        start = np.repeat(self.group_start, self.group_size)
        replies = np.repeat(self.group_replies, self.group_size).astype(bool)
        # Groups from the longest: those that a shift still applies to stand in front.
        order = np.lexsort((place, start, -size))
        place, size, start, replies = (values[order] for values in (place, size, start, replies))
        kept, moved = (
            np.where(replies, self.x[order], self.y[order]),
            np.where(np.repeat(self.group_replies, self.group_size), self.y, self.x),
        )
        position = self.position[order]
        groups, sizes = start[place == 0], size[place == 0]
        rows = []
        for shift in range(int(sizes[0])):
            count = int(np.searchsorted(-sizes, -shift, side="left"))
            these = slice(0, int(sizes[:count].sum()))
            other = moved[start[these] + (place[these] + shift) % size[these]]
            x, y = np.where(replies[these], kept[these], other), np.where(replies[these], other, kept[these])
            each = np.stack(terms(x, y, position[these]))
            rows.append(
                (groups[:count] + shift, np.add.reduceat(each, np.cumsum(sizes[:count]) - sizes[:count], axis=1))
            )
        tables = np.empty((len(rows[0][1]), self.x.size))
        for where, sums in rows:
            tables[:, where] = sums
        return tables
