"""Inter-pausal units to turns, with every rule an option.

An inter-pausal unit (IPU) is a stretch of one speaker's speech without a pause. Corpora differ in how they are joined
to turns, and results depend on it (Kruyt et al. 2023): here every rule is explicit, and every turn names the units it
is made of, so that whatever is stored by unit stays beside its turn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from antiphon.errors import InputError
from attrs import field, frozen, validators

Left = Literal["empty", "backchannel", "contained"]


@frozen
class Ipu:
    """An inter-pausal unit; times in seconds."""

    speaker: str
    start_s: float
    end_s: float
    text: str

    def __attrs_post_init__(self) -> None:
        if not (math.isfinite(self.start_s) and math.isfinite(self.end_s) and self.start_s <= self.end_s):
            raise InputError(
                f"a unit of {self.speaker} goes from {self.start_s} s to {self.end_s} s; correct its times"
            )


@frozen
class TurnRules:
    """How units become turns.

    Attributes:
        max_pause_s: a longer pause ends a turn although nobody else speaks; None: only another speaker ends it.
        max_backchannel_s: another speaker's unit of at most this duration, between two units of one turn, is a
            backchannel: it splits no turn and is none. None: there are no backchannels, every unit counts.
        max_backchannel_words: how many words a backchannel has at most; None: its duration alone decides.
        contained: a unit that begins and ends while a unit of another speaker lasts (overlapped speech) is a
            ``"turn"`` as any other, which splits the other speaker's turn, or is left out (``"drop"``).
        keep_empty: keep units without text. They are left out before turns are built, so that the units on both sides
            of them become one turn.
    """

    max_pause_s: float | None = field(default=None, validator=validators.optional(validators.ge(0.0)))
    max_backchannel_s: float | None = field(default=None, validator=validators.optional(validators.ge(0.0)))
    max_backchannel_words: int | None = field(default=None, validator=validators.optional(validators.ge(0)))
    contained: Literal["turn", "drop"] = field(default="turn", validator=validators.in_(("turn", "drop")))
    keep_empty: bool = False


@frozen
class Turn:
    """Units of one speaker.

    Attributes:
        start_s: the earliest start of its units.
        end_s: the latest end of its units, which is not always that of the last one.
        text: the texts of its units, in order, with spaces between.
        ipus: their positions in the sequence of units that was given.
    """

    speaker: str
    start_s: float
    end_s: float
    text: str
    ipus: tuple[int, ...]


@frozen
class Turns:
    """The turns of a conversation, by start, and the units that are in none, by their positions, with the reason.

    Every unit is in exactly one turn or in ``left_out``.
    """

    turns: tuple[Turn, ...]
    left_out: dict[int, Left]


def ipus_to_turns(ipus: Sequence[Ipu], rules: TurnRules | None = None) -> Turns:
    """Join the units of one conversation to turns.

    Units are taken by start, then by end. In this order: empty ones are left out, then contained ones, then
    backchannels; consecutive units of one speaker become a turn, unless the pause between them is too long.
    """
    rules = rules or TurnRules()
    order = sorted(range(len(ipus)), key=lambda i: (ipus[i].start_s, ipus[i].end_s))
    left: dict[int, Left] = {}
    if not rules.keep_empty:
        left.update((i, "empty") for i in order if not ipus[i].text.strip())
    if rules.contained == "drop":
        heard = [i for i in order if i not in left]
        left.update((i, "contained") for i in heard if _is_contained(i, heard, ipus))
    rest = [i for i in order if i not in left]
    if rules.max_backchannel_s is not None:
        left.update((i, "backchannel") for i in _backchannels(rest, ipus, rules))
    return Turns(tuple(_join(group, ipus) for group in _groups([i for i in rest if i not in left], ipus, rules)), left)


def _is_contained(unit: int, heard: Sequence[int], ipus: Sequence[Ipu]) -> bool:
    this = ipus[unit]
    for i in heard:
        other = ipus[i]
        if other.start_s > this.start_s:
            return False
        longer = other.end_s - other.start_s > this.end_s - this.start_s
        if other.speaker != this.speaker and longer and this.end_s <= other.end_s:
            return True
    return False


def _backchannels(units: Sequence[int], ipus: Sequence[Ipu], rules: TurnRules) -> list[int]:
    """Short units, or rows of them, between two units of another speaker that make one turn without them."""
    found: list[int] = []
    holder: int | None = None  # the last unit of whoever holds the floor
    between: list[int] = []  # short units of others since then
    for i in units:
        if holder is None or ipus[i].speaker == ipus[holder].speaker:
            if holder is not None and not _pauses(ipus[holder].end_s, ipus[i], rules):
                found.extend(between)
            holder, between = i, []
        elif _is_short(ipus[i], rules):
            between.append(i)
        else:
            holder, between = i, []
    return found


def _is_short(unit: Ipu, rules: TurnRules) -> bool:
    assert rules.max_backchannel_s is not None
    words = rules.max_backchannel_words
    few = words is None or len(unit.text.split()) <= words
    return few and unit.end_s - unit.start_s <= rules.max_backchannel_s


def _groups(units: Sequence[int], ipus: Sequence[Ipu], rules: TurnRules) -> list[list[int]]:
    groups: list[list[int]] = []
    for i in units:
        group = groups[-1] if groups else []
        end_s = max((ipus[j].end_s for j in group), default=-math.inf)
        if group and ipus[group[0]].speaker == ipus[i].speaker and not _pauses(end_s, ipus[i], rules):
            group.append(i)
        else:
            groups.append([i])
    return groups


def _pauses(end_s: float, following: Ipu, rules: TurnRules) -> bool:
    return rules.max_pause_s is not None and following.start_s - end_s > rules.max_pause_s


def _join(group: Sequence[int], ipus: Sequence[Ipu]) -> Turn:
    units = [ipus[i] for i in group]
    text = " ".join(unit.text.strip() for unit in units if unit.text.strip())
    return Turn(units[0].speaker, units[0].start_s, max(unit.end_s for unit in units), text, tuple(group))
