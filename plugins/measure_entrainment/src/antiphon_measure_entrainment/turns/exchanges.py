"""From a turn table to exchanges, to speakers' sides, and to values on a speaker's own scale.

A turn table is a data frame with one row per turn: ``conversation``, ``turn`` (order within the conversation),
``speaker``, ``start_s``, ``end_s``, optionally ``text``, and one column per feature. Missing measurements are NaN.
Rows may be turns or inter-pausal units: with units, an exchange is the last unit of one speaker's turn and the
first unit of the other's, as Levitan & Hirschberg (2011) define it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

STRUCTURE = ("conversation", "turn", "speaker", "start_s", "end_s", "text")
"""Columns of a turn table that are no features."""


def checked(turns: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    """The turn table in order, with what the measures need.

    Raises:
        ValueError: if a column is not there.
    """
    lacking = [name for name in (*STRUCTURE[:-1], *features) if name not in turns.columns]
    if lacking:
        raise ValueError(
            f"the turn table has no column {', '.join(lacking)}; it has {', '.join(map(str, turns.columns))}"
        )
    return turns.sort_values(["conversation", "turn"], kind="stable").reset_index(drop=True)


def features_of(turns: pd.DataFrame) -> list[str]:
    """The numeric columns beyond `STRUCTURE`."""
    return [name for name in turns.select_dtypes("number").columns if name not in STRUCTURE]


def speaker_z(turns: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    """Each feature in standard deviations (ddof 1) from the speaker's mean in the conversation.

    Shape as `turns`. It uses the whole conversation, as analyses do and engines must not. Values of a speaker
    who does not vary are NaN.
    """
    result = turns.copy()
    names = list(features)
    by = result.groupby(["conversation", "speaker"], sort=False)[names]
    mean, spread = by.transform("mean"), by.transform("std")
    flat = ~(spread > 1e-9 * mean.abs().clip(lower=1e-300))
    result[names] = ((result[names] - mean) / spread).mask(flat)
    return result


def exchanges(turns: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    """Adjacent turns of different speakers.

    Returns:
        One row per exchange in order: ``conversation``, ``position`` (0, 1, ... within the conversation), ``speakers``
        (how many the conversation has), ``first`` and ``second`` (speakers), ``start_s`` (of the second turn),
        ``gap_s`` (second start − first end; negative is overlap), and for each feature ``<feature>.first`` and
        ``<feature>.second``.
    """
    ordered = checked(turns, features)
    before, after = ordered.iloc[:-1].reset_index(drop=True), ordered.iloc[1:].reset_index(drop=True)
    change = (before["conversation"] == after["conversation"]) & (before["speaker"] != after["speaker"])
    before, after = before[change], after[change]
    result = pd.DataFrame(
        {
            "conversation": after["conversation"],
            "position": after.groupby("conversation", sort=False).cumcount(),
            "speakers": after["conversation"].map(ordered.groupby("conversation")["speaker"].nunique()),
            "first": before["speaker"],
            "second": after["speaker"],
            "start_s": after["start_s"],
            "gap_s": after["start_s"] - before["end_s"],
        }
    )
    for name in features:
        result[f"{name}.first"], result[f"{name}.second"] = before[name], after[name]
    return result.reset_index(drop=True)


def dyads(turns: pd.DataFrame, feature: str, extra: Sequence[str] = ()) -> pd.DataFrame:
    """The two sides of each conversation of exactly two speakers who both have values of `feature`.

    Returns:
        One row per conversation, ordered: ``first`` and ``second`` (speakers, in order of appearance), for each
        column of `extra` ``<column>.first`` and ``<column>.second`` (its first value of that speaker).
    """
    present = turns[turns[feature].notna()]
    sides = present.groupby(["conversation", "speaker"], sort=False)[list(extra)].first().reset_index()
    sides = sides[sides.groupby("conversation")["speaker"].transform("size") == 2]
    everybody = turns.groupby("conversation")["speaker"].nunique()
    sides = sides[sides["conversation"].map(everybody) == 2].rename(columns={"speaker": "name"})
    first, second = sides.iloc[::2].set_index("conversation"), sides.iloc[1::2].set_index("conversation")
    columns = {"first": first["name"], "second": second["name"]}
    for name in extra:
        columns[f"{name}.first"], columns[f"{name}.second"] = first[name], second[name]
    return pd.DataFrame(columns)


def why_no_dyads(turns: pd.DataFrame, feature: str) -> str:
    """The reason why `dyads` found too few conversations."""
    if not turns[feature].notna().any():
        return f"no turn has a value of {feature}"
    speakers = turns.groupby("conversation")["speaker"].nunique()
    if not (speakers == 2).any():
        return f"no conversation has exactly two speakers (found {', '.join(map(str, np.unique(speakers)))})"
    return f"in no conversation of two speakers both have values of {feature}"
