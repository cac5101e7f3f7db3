"""What every transcript is read as."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from antiphon.errors import InputError
from attrs import frozen


@frozen
class Segment:
    """A word or a stretch of words of one speaker.

    Attributes:
        speaker: the speaker's label in the transcript; None where the whole file is one speaker's.
        start_s, end_s: seconds from the start of the audio.
        text: may be empty.
        line: what a user calls the place in the file: a line, a row, an interval.
    """

    speaker: str | None
    start_s: float
    end_s: float
    text: str
    line: str


def segment(path: Path, line: str, speaker: str | None, start: object, end: object, text: object) -> Segment:
    """A segment from what stands in a file.

    Raises:
        InputError: times are no finite numbers, negative or backwards; names file and line.
    """
    start_s, end_s = (seconds(path, line, name, value) for name, value in (("start", start), ("end", end)))
    if start_s < 0:
        raise InputError(f"{path}: {line}: it starts at {start_s:g} s; times count from the start of the audio")
    if end_s < start_s:
        raise InputError(f"{path}: {line}: it ends at {end_s:g} s before it starts at {start_s:g} s; correct its times")
    return Segment(speaker, start_s, end_s, " ".join(str(text).split()), line)


def seconds(path: Path, line: str, name: str, value: object) -> float:
    """A time from what stands in a file.

    Raises:
        InputError: it is no finite number.
    """
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise InputError(f"{path}: {line}: the {name} is {value!r}, not a time in seconds with a decimal point")
    return number


def read_text(path: Path) -> str:
    """A whole text file.

    Raises:
        InputError: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: it is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"{path}: it cannot be read: {error.strerror or error}") from error


def numbered_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines that are not blank, each with its name.

    Raises:
        InputError: as `read_text`.
    """
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            yield f"line {number}", line.strip()
