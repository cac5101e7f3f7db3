"""Where in a TOML text each key stands; the parser itself tells no line numbers.

The text has been parsed before, so this scanner only has to find its way through valid TOML: it skips values and
notes at which line each key, table header and array element begins.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping

from antiphon.profile.toml import parse

KeyPath = tuple[str | int, ...]
"""Keys from the root to a value; elements of arrays by their index."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^"'=\]\n])+""")
_STRING = re.compile(
    r'''"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'''
    r"""|'''(?:[^']|'{1,2}(?!'))*'{3,5}"""
    r'''|"(?:[^"\\\n]|\\.)*"'''
    r"""|'[^'\n]*'""",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


def locate(text: str) -> Mapping[KeyPath, int]:
    """The line, from 1, of every key of a valid TOML text.

    Raises:
        ValueError: values are nested too deeply.
    """
    try:
        return _Scanner(text).document()
    except RecursionError:
        raise ValueError("values are nested too deeply") from None


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.lines: dict[KeyPath, int] = {}
        self.elements: dict[KeyPath, int] = {}  # how many [[headers]] an array of tables has had
        self.line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def document(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        while not self.at_end():
            if self.take("[["):
                table = self.header(array=True)
                self.take("]]")
            elif self.take("["):
                table = self.header(array=False)
                self.take("]")
            else:
                self.pair(table)
        return self.lines

    def header(self, *, array: bool) -> KeyPath:
        start = self.position
        path: KeyPath = ()
        keys = self.keys()
        for number, key in enumerate(keys, start=1):
            path = (*path, key)
            self.note(path, start)
            if array and number == len(keys):
                self.elements[path] = self.elements.get(path, 0) + 1
            if path in self.elements:
                path = (*path, self.elements[path] - 1)
                self.note(path, start)
        if not array:
            self.lines[path] = self.line(start)  # an earlier [a.b] has made a line for [a], too
        return path

    def pair(self, table: KeyPath) -> None:
        start = self.position
        path = table
        for key in self.keys():
            path = (*path, key)
            self.note(path, start)
        self.take("=")
        self.skip_blank()
        self.value(path)

    def value(self, path: KeyPath) -> None:
        if self.take("["):
            index = 0
            while not self.closes("]"):
                self.note((*path, index), self.position)
                self.value((*path, index))
                index += 1
        elif self.take("{"):
            while not self.closes("}"):
                self.pair(path)
        else:
            self.match(_STRING) or self.match(_SCALAR)

    def closes(self, bracket: str) -> bool:
        """Whether the array or inline table ends here; skips the comma before the next element."""
        self.skip_blank()
        self.take(",")
        self.skip_blank()
        return self.take(bracket) or self.position >= len(self.text)

    def keys(self) -> list[str]:
        """The parts of a dotted key; the parser itself unquotes them."""
        table = parse(f"{self.match(_KEY).strip()} = 0")
        keys: list[str] = []
        while isinstance(table, dict):
            (key,) = table
            keys.append(key)
            table = table[key]
        return keys

    def note(self, path: KeyPath, position: int) -> None:
        self.lines.setdefault(path, self.line(position))

    def line(self, position: int) -> int:
        return bisect_right(self.line_starts, position)

    def at_end(self) -> bool:
        self.skip_blank()
        return self.position >= len(self.text)

    def skip_blank(self) -> None:
        self.match(_BLANK)

    def take(self, literal: str) -> bool:
        found = self.text.startswith(literal, self.position)
        self.position += len(literal) * found
        return found

    def match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.position)
        self.position = found.end() if found else self.position
        return found.group() if found else ""
