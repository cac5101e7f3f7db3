"""Turn records as lines of JSON."""

from __future__ import annotations

import functools
import json
from typing import Any

import cattrs
from attrs import fields, has
from cattrs.gen import make_dict_unstructure_fn, override

from antiphon.errors import RecordingError
from antiphon.recording.records import TurnRecord


@functools.cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_unstructure_hook_factory(has, lambda cls: _without_defaults(cls, converter))
    return converter


def _without_defaults(cls: type, converter: cattrs.Converter) -> Any:
    """Leave out what is at its default, except in measurements, where a missing value is said."""
    rules: dict[str, Any] = {f.name: override(omit_if_default=f.name != "value") for f in fields(cls)}
    return make_dict_unstructure_fn(cls, converter, **rules)


def to_json(record: TurnRecord) -> str:
    """One line, without the newline; values that JSON does not know become their text."""
    return json.dumps(_converter().unstructure(record), ensure_ascii=False, default=str, allow_nan=False)


def turn_from_json(line: str) -> TurnRecord:
    """The record in one line.

    Raises:
        RecordingError: the line is not a turn record.
    """
    try:
        return _converter().structure(json.loads(line), TurnRecord)
    except (ValueError, TypeError, KeyError, cattrs.BaseValidationError) as error:
        raise RecordingError(f"not a turn record: {line[:80]!r}: {error}") from error
