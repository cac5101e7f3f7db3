"""Praat TextGrids: a tier a speaker."""

from __future__ import annotations

import re
from pathlib import Path

from antiphon.errors import InputError
from praatio import textgrid
from praatio.data_classes.interval_tier import IntervalTier

from antiphon_corpus.pattern import Pattern
from antiphon_corpus.transcripts.segment import Segment, segment

ROUNDING_S = 0.01


def read_textgrid(path: Path, tiers: Pattern) -> list[Segment]:
    """The intervals of the tiers whose names match; ``{speaker}`` in the pattern is the speaker's label.

    Raises:
        InputError: the file is damaged, or no tier matches.
    """
    _refuse_broken_off(path)
    try:
        grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
    except UnicodeError as error:
        raise InputError(
            f"{path}: it is neither UTF-8 nor UTF-16; have Praat write UTF-8 (Text writing settings)"
        ) from error
    except Exception as error:  # the parser may fail in any way on a file that is damaged
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path}: it is no TextGrid, or a damaged one ({reason}); save it again from Praat") from error
    if (announced := _announced(path)) not in (None, len(grid.tiers)):
        raise InputError(f"{path}: it has {len(grid.tiers)} of {announced} tiers; save it again from Praat")
    spoken = [tier for tier in grid.tiers if isinstance(tier, IntervalTier)]
    matched = [(tier, match) for tier in spoken if (match := tiers.match(tier.name)) is not None]
    if not matched:
        names = ", ".join(tier.name for tier in spoken) or "none"
        raise InputError(f'{path}: no interval tier is called "{tiers}"; there are: {names}')
    return [
        segment(path, f'tier "{tier.name}", interval {number}', match.get("speaker"), *entry)
        for tier, match in matched
        for number, entry in enumerate(_whole(tier, path), 1)
    ]


def _refuse_broken_off(path: Path) -> None:
    """Praat doubles the quotation marks inside a label, so that their number is even; the parser does not look."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: it cannot be read: {error.strerror or error}") from error
    if content.count(b'"') % 2:
        raise InputError(f"{path}: it breaks off within a label; save it again from Praat")


def _announced(path: Path) -> int | None:
    """How many tiers the file says it has."""
    head = path.read_bytes()[:1000].replace(b"\0", b"")  # of UTF-16, what is ASCII
    match = re.search(rb"<exists>\s*(?:size\s*=\s*)?(\d+)", head)
    return int(match[1]) if match else None


def _whole(tier: IntervalTier, path: Path) -> list[tuple[float, float, str]]:
    """All intervals, which cover the tier unless the file breaks off."""
    end_s = tier.entries[-1].end if tier.entries else tier.minTimestamp
    if end_s < tier.maxTimestamp - ROUNDING_S:
        raise InputError(
            f'{path}: tier "{tier.name}" breaks off at {end_s:g} s of {tier.maxTimestamp:g} s; save it again from Praat'
        )
    return [(entry.start, entry.end, entry.label) for entry in tier.entries]
