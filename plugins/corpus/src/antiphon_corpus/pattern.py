"""Names with places to fill: ``{conversation}_{speaker}.wav``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from antiphon.errors import InputError
from attrs import field, frozen

PLACES = ("conversation", "speaker")


@frozen(slots=False)
class Pattern:
    """Matches names; upper and lower case are the same, ``*`` stands for anything.

    ``{conversation}`` and ``{speaker}`` stand for anything that is not empty, the first as long as can be.

    Raises:
        InputError: another name stands in braces.
    """

    text: str = field()

    def __attrs_post_init__(self) -> None:
        unknown = [name for name in re.findall(r"\{([^{}]*)\}", self.text) if name not in PLACES]
        if unknown:
            raise InputError(f'"{self.text}": {{{unknown[0]}}} is unknown; known are {{conversation}} and {{speaker}}')

    def __str__(self) -> str:
        return self.text

    @property
    def folders(self) -> int:
        """How many folders stand before the name of the file."""
        return self.text.count("/")

    def has(self, place: str) -> bool:
        """Whether a place is in it."""
        return f"{{{place}}}" in self.text

    def match(self, name: str) -> Mapping[str, str] | None:
        """What stands in the places; None where the name is another."""
        found = self._expression.fullmatch(name)
        return None if found is None else found.groupdict()

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        parts: list[str] = []
        for part in re.split(r"(\{\w+\}|\*)", self.text):
            place = part[1:-1]
            if part == "*":
                parts.append("[^/]*")
            elif part.startswith("{") and place in PLACES:
                again = f"(?P<{place}>" in "".join(parts)
                parts.append(f"(?P={place})" if again else f"(?P<{place}>[^/]+)")
            else:
                parts.append(re.escape(part))
        return re.compile("".join(parts), re.IGNORECASE)
