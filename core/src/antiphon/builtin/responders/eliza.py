"""The interpreter of an ELIZA script: J. Weizenbaum, Communications of the ACM 9(1), 1966.

The keywords of a clause are tried by rank. A rule of a keyword takes the clause apart by its pattern and puts a reply
together from the parts, with "my" turned into "your". What the user said with "my" is kept, to be taken up later when
nothing fits.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

from attrs import frozen

from antiphon.options import NoOptions
from antiphon.payloads import Exchange, Reply
from antiphon.profile.toml import parse
from antiphon.stages import Component, Setup

_CLAUSE_END = re.compile(r"[.,;:!?()\n]|\bbut\b")
_WORD = re.compile(r"\w+(?:['-]\w+)*")
_PART = re.compile(r"\{(\d+)\}")

_LONGEST_PART = 12
"""Words of the user that a reply may repeat; nobody wants to hear a whole story again."""

_LONGEST_CLAUSE = 100
"""Words of a clause that are looked at."""


@frozen
class Rule:
    """A pattern that takes a clause apart, and the replies that can be made of the parts."""

    pattern: re.Pattern[str]
    replies: tuple[str, ...]


@frozen
class Keyword:
    """What to try when one of these words turns up."""

    words: frozenset[str]
    rank: int
    rules: tuple[Rule, ...]


@frozen
class Script:
    """An ELIZA script, compiled."""

    silence: tuple[str, ...]
    fallback: tuple[str, ...]
    memory: Rule
    keywords: tuple[Keyword, ...]
    substitute: Callable[[str], str]
    reflect: Callable[[str], str]

    def clauses(self, text: str) -> list[str]:
        """The clauses of a text: words in lower case, a blank behind each."""
        plain = self.substitute(text.lower().replace("’", "'"))
        found = [_WORD.findall(clause)[:_LONGEST_CLAUSE] for clause in _CLAUSE_END.split(plain)]
        return ["".join(f"{word} " for word in words) for words in found if words]


def compile_script(tables: Mapping[str, Any]) -> Script:
    """A script from the tables that doctor.toml describes."""
    groups = {f"@{name}": words for name, words in tables["groups"].items()}
    keywords = [
        Keyword(
            frozenset(one for word in keyword["words"] for one in groups.get(word, [word])),
            keyword["rank"],
            tuple(Rule(_pattern(rule["match"], groups), tuple(rule["say"])) for rule in keyword["rules"]),
        )
        for keyword in tables["keyword"]
    ]
    memory = tables["memory"]
    endings = {ending: f" {word}" for ending, word in tables["endings"].items()}
    whole, ending = _replacer(tables["substitute"], r"\b(?:{})\b"), _replacer(endings, r"(?<=\w)(?:{})\b")
    return Script(
        tuple(tables["silence"]),
        tuple(tables["fallback"]),
        Rule(_pattern(memory["pattern"], groups), tuple(memory["replies"])),
        tuple(sorted(keywords, key=lambda keyword: -keyword.rank)),
        substitute=lambda text: ending(whole(text)),
        reflect=_replacer(tables["reflect"], r"\b(?:{})\b"),
    )


def _pattern(pattern: str, groups: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    """``"* i feel +"`` as a regular expression for a clause."""
    parts = {name: f"({'|'.join(map(re.escape, words))}) " for name, words in groups.items()}
    parts |= {"*": r"((?:\S+ )*?)", "+": r"((?:\S+ )+?)"}
    return re.compile("".join(parts.get(word, f"{re.escape(word)} ") for word in pattern.split()))


def _replacer(table: Mapping[str, str], around: str) -> Callable[[str], str]:
    """Replaces the keys of a table by their values, all at once, the longest key first."""
    keys = "|".join(map(re.escape, sorted(table, key=len, reverse=True)))
    pattern = re.compile(around.format(keys))
    return lambda text: pattern.sub(lambda match: table[match[0]], text)


class Eliza(Component[NoOptions]):
    """responder ``eliza``: the psychotherapist."""

    def __init__(self, options: NoOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        script = resources.files("antiphon.builtin.responders").joinpath("doctor.toml")
        self._script = compile_script(parse(script.read_text("utf-8")))

    def session(self, seed: int) -> ElizaSession:
        return ElizaSession(self._script, seed)


class ElizaSession:
    """Knows what the user has spoken of, and which replies it has used."""

    def __init__(self, script: Script, seed: int) -> None:
        self._script = script
        self._chance = random.Random(seed)
        self._next: dict[tuple[str, ...], int] = {}
        self._latest = ""
        self._memory: deque[tuple[str, ...]] = deque(maxlen=5)

    def respond(self, exchange: Exchange) -> Reply:
        clauses = self._script.clauses(exchange.text)
        said = next(filter(None, (self._say(*option) for option in self._options(clauses))))
        self._memory.extend(match.groups() for match in map(self._script.memory.pattern.fullmatch, clauses) if match)
        return Reply(said)

    def _options(self, clauses: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Replies that fit, with the parts that they are made of, the best ones first."""
        if not clauses:
            yield self._script.silence, ()
        for keyword in self._script.keywords:
            for clause in clauses:
                if keyword.words.isdisjoint(clause.split()):
                    continue
                for rule in keyword.rules:
                    if match := rule.pattern.fullmatch(clause):
                        yield rule.replies, match.groups()
        if clauses and self._memory:
            yield self._script.memory.replies, self._memory.popleft()
        yield self._script.fallback, ()

    def _say(self, replies: tuple[str, ...], parts: tuple[str, ...]) -> str | None:
        """The next reply in turn that can be made of the parts and is not the one used last."""
        first = self._next.setdefault(replies, self._chance.randrange(len(replies)))
        for position in range(first, first + len(replies)):
            reply = replies[position % len(replies)]
            used = {number: parts[number - 1].split() for number in map(int, _PART.findall(reply))}
            if reply != self._latest and all(1 <= len(words) <= _LONGEST_PART for words in used.values()):
                self._next[replies] = position + 1
                self._latest = reply
                said = _PART.sub(lambda part: self._reflected(parts[int(part[1]) - 1]), reply)
                return said[0].upper() + said[1:]
        return None

    def _reflected(self, part: str) -> str:
        return re.sub(r"\bI$", "me", self._script.reflect(part.strip()))
