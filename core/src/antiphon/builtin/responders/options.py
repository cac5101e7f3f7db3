"""Options of the built-in responders."""

from __future__ import annotations

import re
from typing import Literal

from attrs import Attribute, frozen, validators

from antiphon.options import option


@frozen
class ConstantOptions:
    """Options of responder ``constant``."""

    text: str = option("I see.", help="What the agent always says.")


def _is_pattern(_: PatternRule, __: Attribute[str], pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f'"{pattern}" is not a regular expression: {error}') from error


def _fit_pattern(rule: PatternRule, _: Attribute[tuple[str, ...]], replies: tuple[str, ...]) -> None:
    try:
        pattern = re.compile(rule.pattern)
    except re.error:
        return  # told of the pattern already
    for reply in replies:
        try:
            pattern.sub(reply, "")  # looks into the reply even where nothing matches
        except (re.error, IndexError) as error:
            raise ValueError(f'the reply "{reply}" does not fit the pattern "{rule.pattern}": {error}') from error


@frozen
class PatternRule:
    """What to say when the user's words match a pattern."""

    pattern: str = option(
        help="Regular expression that is searched for in the user's words, whatever their case.", validator=_is_pattern
    )
    replies: tuple[str, ...] = option(
        help=r"Replies, used in turn; \1 or \g<name> stands for a group of the pattern.",
        validator=validators.and_(validators.min_len(1), _fit_pattern),
    )


@frozen
class ScriptedOptions:
    """Options of responder ``scripted``."""

    lines: tuple[str, ...] = option(
        help="What the agent says, one after another, where no rule matches.", validator=validators.min_len(1)
    )
    on_end: Literal["loop", "last", "stop"] = option(
        "loop",
        help='Behind the last line: start again ("loop"), repeat it ("last"), or end the dialogue ("stop").',
        validator=validators.in_(("loop", "last", "stop")),
    )
    rules: tuple[PatternRule, ...] = option((), help="Patterns, tried in order before the lines.")
