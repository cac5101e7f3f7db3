"""What agents were asked for and what was heard of them, beside the user's turn that they answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from antiphon.features import Measurement
from antiphon.recording.reader import read_recording
from antiphon.recording.records import TurnRecord
from antiphon_corpus.declarations import KNOWN

from antiphon_measure_entrainment.agents.conditions import condition

COLUMNS = ("conversation", "turn", "strategy", "feature", "requested", "realised", "user")


def realised_turns(folders: Iterable[Path]) -> pd.DataFrame:
    """One row per agent's turn and feature that its strategy set, as `manipulation_check` takes it.

    All three on the scale that the strategy worked on: z-scores, the user's by the session's normaliser, the agent's by
    its own voice; of raw features their logarithms (dB stay), so that a share of the way to the user is a slope. Turns
    in which the user barged in are left out: what was heard of them is a part of what was asked for.

    Raises:
        RecordingError: a folder is no session or damaged.
    """
    rows = [row for folder in folders for row in _rows(folder)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    turns = read_recording(folder).turns
    told = condition(folder)
    users = {turn.turn: turn for turn in turns if turn.speaker == "user"}
    for turn in turns:
        if turn.speaker == "user" or turn.interrupted:
            continue
        for feature, requested in turn.target.items():
            yield {
                "conversation": folder.resolve().name,
                "turn": turn.turn,
                "strategy": told.name,
                "feature": feature,
                "requested": _logarithmic(feature, requested) if told.raw else requested,
                "realised": _value(turn, feature, told.raw),
                "user": _value(users.get(turn.turn), feature, told.raw),
            }


def _value(turn: TurnRecord | None, feature: str, raw: bool) -> float | None:
    if turn is None:
        return None
    value = turn.normalised.get(feature, Measurement(None, "not measured")).value
    return _logarithmic(feature, value) if raw and value is not None else value


def _logarithmic(feature: str, value: float) -> float:
    return KNOWN[feature].to_log(value) if feature in KNOWN else value
