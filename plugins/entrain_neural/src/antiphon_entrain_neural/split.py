"""Divides the conversations of a corpus into those to learn from, to choose with, and to judge by."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Literal

from antiphon.errors import InputError
from attrs import asdict, frozen

Method = Literal["speakers", "conversations"]


@frozen
class Split:
    """Names of conversations, and how they were chosen.

    Attributes:
        train, validation, test: each conversation is in one of them.
        method: ``speakers``: nobody is heard in two of them.
        seed: of the shuffle.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    method: Method
    seed: int

    def as_table(self) -> dict[str, object]:
        """As JSON takes it."""
        return asdict(self)


def split_conversations(
    speakers: Mapping[str, frozenset[str]],
    shares: tuple[float, float, float] = (0.8, 0.1, 0.1),
    *,
    method: Method = "speakers",
    seed: int = 0,
) -> Split:
    """Divide conversations at random.

    Conversations that share a speaker, directly or through others, stay together (they are the connected components
    of the graph in which speakers join conversations), unless `method` is ``conversations``.

    Args:
        speakers: who is heard in each conversation.
        shares: of train, validation and test; they need not add up to 1.

    Raises:
        InputError: the corpus cannot be divided so.
    """
    groups = components(speakers) if method == "speakers" else [[name] for name in sorted(speakers)]
    wanted = [share * len(speakers) / sum(shares) for share in shares]
    needed = sum(share > 0 for share in shares)
    if len(groups) < needed:
        raise InputError(_impossible(len(speakers), groups, needed, method))
    random.Random(seed).shuffle(groups)
    groups.sort(key=len, reverse=True)  # stable: the large ones first, where there is still room for them
    parts: list[list[str]] = [[], [], []]
    for left, group in zip(range(len(groups), 0, -1), groups, strict=True):
        empty = [part for part in range(3) if wanted[part] > 0 and not parts[part]]
        choices = empty if len(empty) >= left else range(3)
        part = max(choices, key=lambda index: (wanted[index] - len(parts[index])) / max(wanted[index], 1e-9))
        parts[part].extend(group)
    train, validation, test = (tuple(sorted(part)) for part in parts)
    return Split(train, validation, test, method, seed)


def components(speakers: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Conversations that share speakers, directly or through others; each list and the lists are sorted."""
    root = {name: name for name in speakers}

    def find(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    first: dict[str, str] = {}
    for name in sorted(speakers):
        for speaker in speakers[name]:
            root[find(name)] = find(first.setdefault(speaker, name))
    groups: dict[str, list[str]] = {}
    for name in sorted(speakers):
        groups.setdefault(find(name), []).append(name)
    return sorted(groups.values())


def _impossible(conversations: int, groups: list[list[str]], needed: int, method: Method) -> str:
    if method == "conversations" or conversations < needed:
        return f"{conversations} conversations cannot be divided into {needed} parts; add conversations"
    return (
        f"the {conversations} conversations form {len(groups)} groups that share no speaker, too few for {needed} "
        'parts without a common speaker; add conversations of other people, or write split = "conversations" and '
        "read the results as those of known speakers"
    )
