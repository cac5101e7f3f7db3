"""Words with times, as CSV or TSV tables and as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from antiphon.errors import InputError

from antiphon_corpus.transcripts.segment import Segment, read_text, segment

NAMES: Mapping[str, tuple[str, ...]] = {
    "start": ("start_s", "start"),
    "end": ("end_s", "end"),
    "text": ("word", "text"),
    "speaker": ("speaker", "channel"),
}
"""What the columns of a table and the keys of JSON may be called."""


def read_word_table(path: Path) -> list[Segment]:
    """The rows of a table with a header: start, end, word or text, and speaker unless the file is one speaker's.

    Raises:
        InputError: a column is missing, or a row has times that cannot be.
    """
    rows = csv.DictReader(io.StringIO(read_text(path)), delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    header = rows.fieldnames or []
    columns = {what: next((name for name in names if name in header), None) for what, names in NAMES.items()}
    for what in ("start", "end", "text"):
        if columns[what] is None:
            raise InputError(
                f"{path}: there is no column {' or '.join(NAMES[what])}; its header is: {', '.join(header) or 'empty'}"
            )
    try:
        return [
            _segment(path, f"row {rows.line_num}", {w: row.get(c) for w, c in columns.items() if c}) for row in rows
        ]
    except csv.Error as error:
        raise InputError(f"{path}: row {rows.line_num}: {error}") from error


def read_word_json(path: Path) -> list[Segment]:
    """Objects with start, end, word or text, and speaker: a list of them, or one under ``words`` or ``segments``.

    Segments that hold words, as speech recognisers write them, are read word by word; words without a speaker have
    their segment's.

    Raises:
        InputError: the file is not such JSON.
    """
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: it is no JSON: {error}") from error
    if isinstance(content, dict):
        content = content.get("words", content.get("segments"))
    if not isinstance(content, list):
        raise InputError(f'{path}: give a list of {{"speaker", "start", "end", "word"}}, or one under "words"')
    return list(_objects(path, content, "", None))


def _objects(path: Path, content: list[Any], outer: str, speaker: str | None) -> Iterator[Segment]:
    for number, item in enumerate(content, 1):
        line = f"{outer}word {number}" if outer else f"item {number}"
        if not isinstance(item, dict):
            raise InputError(f"{path}: {line}: it is {str(item)[:40]!r}, not an object with start, end and word")
        values = {what: next((item[n] for n in names if n in item), None) for what, names in NAMES.items()}
        values["speaker"] = speaker if values["speaker"] is None else values["speaker"]
        if item.get("words") and isinstance(item["words"], list) and not outer:
            own = values["speaker"]
            yield from _objects(path, item["words"], f"{line}, ", None if own is None else str(own))
        else:
            yield _segment(path, line, values)


def _segment(path: Path, line: str, values: Mapping[str, Any]) -> Segment:
    speaker, text = values.get("speaker"), values.get("text")
    if text is None:
        raise InputError(f"{path}: {line}: there is no word or text")
    return segment(path, line, None if speaker in (None, "") else str(speaker), values["start"], values["end"], text)
