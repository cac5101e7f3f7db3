"""The turn table: what Antiphon knows of a corpus of conversations.

A row is a turn of one speaker: ``conversation``, ``turn``, ``speaker``, ``start_s``, ``end_s``, ``text``, then features
in raw units, by the names of `antiphon.features`; a missing measurement is an empty cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from antiphon.errors import InputError
from antiphon.features import FeatureSpec
from attrs import frozen

from antiphon_corpus.columns import Chunk, choose_features
from antiphon_corpus.declarations import KNOWN, check_declarations

Monologues = Literal["refuse", "drop", "keep"]
"""What to do with conversations in which only one speaker has turns."""


@frozen(eq=False)
class TurnTable:
    """A valid turn table.

    Attributes:
        frame: one row a turn, index 0, 1, ...; the turns of a conversation follow each other, by their start. Columns:
            ``conversation`` and ``speaker`` (categories), ``turn`` (int64, unique in its conversation),
            ``start_s`` and ``end_s`` (float64, s), ``text`` (string, may be empty), then the features in raw units
            (float64, NaN where missing).
        features: the features, in the order of their columns.
        notices: what was changed or looks odd, for people.
    """

    frame: pd.DataFrame
    features: tuple[FeatureSpec, ...]
    notices: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        declared: Iterable[FeatureSpec] = (),
        *,
        monologues: Monologues = "refuse",
        source: str = "the turn table",
    ) -> TurnTable:
        """Check a data frame with the columns of a turn table.

        Args:
            frame: the turns; its index is ignored.
            declared: features in it that are not in `antiphon.features`.
            monologues: what to do with conversations of one speaker.
            source: what to call the frame in errors; rows count from 1.

        Raises:
            InputError: as `antiphon_corpus.turn_table.read_turn_table`.
        """
        specs = tuple(declared)
        try:
            check_declarations(specs)
            rows = pa.Table.from_pandas(frame, preserve_index=False)
        except (ValueError, pa.ArrowException) as error:
            raise InputError(f"{source}: {error}") from error
        known = {**KNOWN, **{spec.name: spec for spec in specs}}
        features = choose_features(rows.column_names, known, source, drop_unknown=False)
        return assemble(Chunk(rows, 1, source).checked(features), features, monologues, source, first_row=1)


def assemble(
    rows: pa.Table, features: tuple[FeatureSpec, ...], monologues: Monologues, source: str, first_row: int
) -> TurnTable:
    """The turn table of checked rows.

    Raises:
        InputError: there is no row, a turn is there twice, or a conversation has one speaker.
    """
    if rows.num_rows == 0:
        raise InputError(f"{source}: there is no turn in it")
    frame = rows.unify_dictionaries().to_pandas(types_mapper={pa.string(): pd.StringDtype("pyarrow")}.get)
    _refuse_duplicates(frame, source, first_row)
    frame, notices = _without_monologues(frame, monologues, source, first_row)
    frame, unsorted = _in_order(frame)
    for name in ("conversation", "speaker"):
        frame[name] = frame[name].cat.set_categories(
            np.asarray(frame[name].unique())
        )  # those that occur, as they occur
    return TurnTable(frame, features, (*notices, *unsorted, *_zeros(frame, features)))


def _refuse_duplicates(frame: pd.DataFrame, source: str, first_row: int) -> None:
    keys = [frame["conversation"], frame["turn"]]
    again = frame.duplicated(["conversation", "turn"]).to_numpy()
    if again.any():
        position = int(again.argmax())
        conversation, turn = (key.iloc[position] for key in keys)
        earlier = int(((keys[0] == conversation) & (keys[1] == turn)).to_numpy().argmax())
        raise InputError(
            f"{source}: row {first_row + position}: turn {turn} of conversation {conversation} is in row "
            f"{first_row + earlier} already; remove one, or number the turns of each conversation anew"
        )


def _without_monologues(
    frame: pd.DataFrame, monologues: Monologues, source: str, first_row: int
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    codes = frame["conversation"].cat.codes.to_numpy()
    first = np.full(codes.max() + 1, -1)
    speakers = frame["speaker"].cat.codes.to_numpy()
    positions = np.unique(codes, return_index=True)[1]
    first[codes[positions]] = speakers[positions]
    alone = np.ones(len(first), dtype=bool)
    alone[codes[speakers != first[codes]]] = False
    rows = alone[codes]
    if monologues == "keep" or not rows.any():
        return frame, ()
    count = int(alone.sum())
    if monologues == "refuse":
        position = int(rows.argmax())
        conversation, speaker = frame["conversation"].iloc[position], frame["speaker"].iloc[position]
        raise InputError(
            f"{source}: row {first_row + position}: conversation {conversation} has turns of {speaker} alone"
            f"{f', and {count - 1} more have one speaker' if count > 1 else ''}; "
            "add the other speaker's turns, or have conversations of one speaker dropped or kept"
        )
    if rows.all():
        raise InputError(f"{source}: no conversation has turns of two speakers")
    return frame[~rows], (f"dropped {count} conversations of one speaker ({int(rows.sum())} turns)",)


def _in_order(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    codes, start_s = frame["conversation"].cat.codes.to_numpy(), frame["start_s"].to_numpy()
    order = np.lexsort((frame["turn"].to_numpy(), start_s, codes))
    if np.array_equal(order, np.arange(len(order))):
        return frame.reset_index(drop=True), ()
    grouped = np.argsort(codes, kind="stable")
    disordered = np.unique(codes[order[order != grouped]])
    text = f"sorted the turns of {len(disordered)} conversations by their start" if len(disordered) else ""
    return frame.iloc[order].reset_index(drop=True), (text or "brought the turns of each conversation together",)


def _zeros(frame: pd.DataFrame, features: Iterable[FeatureSpec]) -> Iterable[str]:
    for spec in features:
        zeros = int((frame[spec.name] == 0).sum()) if spec.floor is not None else 0
        if zeros:
            yield f"{spec.name} is 0 in {zeros} turns; if that means missing, leave those cells empty"
