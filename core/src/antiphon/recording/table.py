"""The turns of a recording as flat rows, one a turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from antiphon.recording.records import TurnRecord


def rows(turns: Sequence[TurnRecord]) -> list[dict[str, Any]]:
    """One dictionary a turn, all with the same keys.

    ``NAME`` is what was measured, ``NAME.z`` the same normalised, ``NAME.target`` what the strategy asked for,
    ``NAME.told`` what the voice was told, ``NAME.missing`` why there is no measurement, ``latency_ms.STAGE`` the
    milliseconds of work of a stage. What a turn does not have is None.
    """
    flat = [_row(turn) for turn in turns]
    keys = list(dict.fromkeys(key for row in flat for key in row))
    return [{key: row.get(key) for key in keys} for row in flat]


def _row(turn: TurnRecord) -> dict[str, Any]:
    row: dict[str, Any] = {
        "turn": turn.turn,
        "speaker": turn.speaker,
        "start_s": turn.start_s,
        "end_s": turn.end_s,
        "text": turn.text,
        "interrupted": turn.interrupted,
    }
    for name, measurement in turn.features.items():
        row[name] = measurement.value
        if measurement.value is None:
            row[f"{name}.missing"] = measurement.reason
    row.update({f"{name}.z": measurement.value for name, measurement in turn.normalised.items()})
    row.update({f"{name}.target": value for name, value in turn.target.items()})
    row.update({f"{name}.told": value for name, value in turn.controls.items()})
    row.update({f"latency_ms.{stage}": value for stage, value in turn.latency_ms.items()})
    return row
