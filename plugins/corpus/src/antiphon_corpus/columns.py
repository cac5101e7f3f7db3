"""The columns of turn tables: which there must be, and what a cell may hold.

Columns are checked as Arrow arrays, a chunk at a time, so that a file of any length is read in bounded memory.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from antiphon.errors import InputError
from antiphon.features import FeatureSpec
from attrs import frozen

COLUMNS = ("conversation", "turn", "speaker", "start_s", "end_s", "text")
"""The columns that every turn table has, before its features."""

MISSING = ("", "na", "nan", "--undefined--")
"""Cells of numbers that stand for a missing measurement, in any case: empty, as R and NumPy write, as Praat writes."""

ID = pa.dictionary(pa.int32(), pa.string())


def choose_features(
    names: Sequence[str], known: Mapping[str, FeatureSpec], source: str, *, drop_unknown: bool
) -> tuple[FeatureSpec, ...]:
    """The features among the columns `names`, in their order.

    Raises:
        InputError: a column is missing, there twice, or, unless `drop_unknown`, neither required nor a known feature.
    """
    for position, name in enumerate(names):
        if name in names[:position]:
            raise InputError(f'{source}: there are two columns "{name}"; rename or remove one')
    absent = [name for name in COLUMNS if name not in names]
    if absent:
        spare = [name for name in names if name not in COLUMNS]
        raise InputError(f"{source}: {'; '.join(_absent(name, spare) for name in absent)}; it has {', '.join(names)}")
    unknown = [name for name in names if name not in COLUMNS and name not in known]
    if unknown and not drop_unknown:
        close = difflib.get_close_matches(unknown[0], [n for n in known if n not in names], 1, cutoff=0.4)
        raise InputError(
            f"{source}: unknown columns {', '.join(unknown)}; "
            + (f'if {unknown[0]} is "{close[0]}", rename it; ' if close else "")
            + "declare features of your own in NAME.features.json beside the table, or have unknown columns dropped"
        )
    return tuple(known[name] for name in names if name in known)


def _absent(name: str, spare: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, spare, 1, cutoff=0.5) or [s for s in spare if s.startswith(name)]
    return f'there is no column "{name}"' + (f' (is it "{close[0]}"? then rename it)' if close else "")


@frozen
class Chunk:
    """Some consecutive rows of a table.

    Attributes:
        rows: all columns as they were read.
        first_row: what a user calls the first of the rows.
        source: what a user calls the table.
    """

    rows: pa.RecordBatch | pa.Table
    first_row: int
    source: str

    def checked(self, features: Sequence[FeatureSpec]) -> pa.Table:
        """The rows with the types of a turn table.

        Raises:
            InputError: a cell cannot be what its column says; names the row.
        """
        columns = {
            "conversation": self._ids("conversation"),
            "turn": self._whole_numbers("turn"),
            "speaker": self._ids("speaker"),
            "start_s": self._times("start_s"),
            "end_s": self._times("end_s"),
            "text": pc.fill_null(self._strings("text"), ""),
            **{spec.name: self._measured(spec) for spec in features},
        }
        self._refuse(
            pc.less(columns["end_s"], columns["start_s"]), "the turn ends before it starts; check start_s and end_s"
        )
        return pa.table(columns)

    def _column(self, name: str) -> pa.Array:
        column = self.rows.column(name)
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column

    def _strings(self, name: str) -> pa.Array:
        try:
            return self._column(name).cast(pa.string())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise InputError(f"{self.source}: the column {name} is not text: {error}") from error

    def _ids(self, name: str) -> pa.Array:
        strings = self._strings(name)
        self._refuse(pc.equal(pc.fill_null(strings, ""), ""), f"{name} is empty; every turn has one")
        return strings.cast(ID)

    def _numbers(self, name: str) -> pa.Array:
        column = self._column(name)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            trimmed = pc.utf8_trim_whitespace(column)
            column = pc.if_else(pc.is_in(pc.utf8_lower(trimmed), pa.array(MISSING, trimmed.type)), None, trimmed)
        elif pa.types.is_boolean(column.type):
            raise InputError(f"{self.source}: the column {name} holds true and false, not numbers")
        try:
            numbers = column.cast(pa.float64())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            self._refuse_text(name, column)
            raise InputError(f"{self.source}: the column {name} does not hold numbers: {error}") from error
        self._refuse(pc.is_inf(numbers), f"{name} is infinite; leave the cell empty where there is no measurement")
        return pc.if_else(pc.is_nan(numbers), None, numbers)

    def _refuse_text(self, name: str, column: pa.Array) -> None:
        for row, cell in enumerate(column.to_pylist(), self.first_row):
            try:
                pa.array([cell]).cast(pa.float64())
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                raise InputError(
                    f"{self.source}: row {row}: {name} is {cell!r}, not a number; "
                    "write decimals with a point, and leave the cell empty where there is no measurement"
                ) from None

    def _times(self, name: str) -> pa.Array:
        numbers = self._numbers(name)
        self._refuse(pc.is_null(numbers), f"{name} is empty; every turn has one")
        return numbers

    def _whole_numbers(self, name: str) -> pa.Array:
        numbers = self._times(name)
        self._refuse(pc.not_equal(pc.round(numbers), numbers), f"{name} is not a whole number")
        self._refuse(pc.greater(pc.abs(numbers), 2.0**53), f"{name} is too large")
        return numbers.cast(pa.int64())

    def _measured(self, spec: FeatureSpec) -> pa.Array:
        numbers = self._numbers(spec.name)
        if spec.floor is not None:
            remedy = f"{spec.name} is negative; turn tables hold raw values in {spec.unit}, neither logs nor z-scores"
            self._refuse(pc.less(numbers, 0.0), remedy)
        return numbers

    def _refuse(self, wrong: pa.Array, what: str) -> None:
        position = pc.index(wrong, True).as_py()
        if position >= 0:
            raise InputError(f"{self.source}: row {self.first_row + position}: {what}")
