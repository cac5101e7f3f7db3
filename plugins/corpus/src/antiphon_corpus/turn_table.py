"""Reads and writes turn tables as CSV and Parquet files."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from antiphon.errors import InputError
from antiphon.features import FeatureSpec

from antiphon_corpus.columns import COLUMNS, ID, Chunk, choose_features
from antiphon_corpus.declarations import KNOWN, read_declarations, sidecar, write_declarations
from antiphon_corpus.model import Monologues, TurnTable, assemble

__all__ = ["TurnTable", "check_suffix", "read_turn_table", "replace_table", "write_turn_table"]

BLOCK_BYTES = 1 << 23
"""How much of a CSV file is read at once; also the longest row."""

BATCH_ROWS = 1 << 16
"""How many rows of a Parquet file are read at once."""

CSV_FIRST_ROW = 2
"""Rows are counted as spreadsheets count them: the header is row 1."""


def read_turn_table(
    path: Path,
    *,
    rename: Mapping[str, str] | None = None,
    drop_unknown: bool = False,
    local_speakers: bool = False,
    monologues: Monologues = "refuse",
    declared: Iterable[FeatureSpec] = (),
) -> TurnTable:
    """Read a turn table.

    Args:
        path: a CSV file (UTF-8, commas, a header) or a Parquet file; ``NAME.features.json`` beside it may declare
            features that are not in `antiphon.features`.
        rename: columns of the file, by their names there, and what they are called here.
        drop_unknown: leave out columns that are no features, rather than refuse them.
        local_speakers: names such as A and B stand for other people in every conversation; they become
            ``CONVERSATION:NAME``. Otherwise a name stands for the same person wherever it occurs.
        monologues: what to do with conversations of one speaker.
        declared: features in it that are declared neither in `antiphon.features` nor beside it.

    Raises:
        InputError: the file cannot be read or is no valid turn table; says which row, and what to do.
    """
    readers: dict[str, Callable[[Path], tuple[list[str], Iterator[pa.RecordBatch]]]]
    readers = {".csv": _read_csv, ".parquet": _read_parquet}
    check_suffix(path)
    source, first_row = str(path), CSV_FIRST_ROW if path.suffix.lower() == ".csv" else 1
    try:
        found, batches = readers[path.suffix.lower()](path)
        names = _renamed(found, rename or {}, source)
        known = {spec.name: spec for spec in (*declared, *KNOWN.values(), *read_declarations(path))}
        features = choose_features(names, known, source, drop_unknown=drop_unknown)
        parts = []
        for batch in batches:
            chunk = Chunk(batch.rename_columns(names), first_row, source)
            parts.append(_qualified(chunk.checked(features)) if local_speakers else chunk.checked(features))
            first_row += batch.num_rows
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: it is not UTF-8 text; save it as UTF-8") from error
    except (OSError, csv.Error, pa.ArrowException) as error:
        raise InputError(f"{path}: it cannot be read: {error}") from error
    if not parts:
        raise InputError(f"{path}: there is no turn in it")
    start = CSV_FIRST_ROW if path.suffix.lower() == ".csv" else 1
    return assemble(pa.concat_tables(parts), features, monologues, source, start)


def write_turn_table(table: TurnTable, path: Path) -> None:
    """Write a table as CSV or Parquet, by the suffix; declare features of its own in ``NAME.features.json``.

    Reading gives the same table again, every number exact.

    Raises:
        InputError: the suffix is neither, or the file cannot be written.
    """
    check_suffix(path)
    try:
        if path.suffix.lower() == ".csv":
            table.frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
        else:
            table.frame.to_parquet(path, index=False)
        write_declarations(path, table.features)
    except OSError as error:
        raise InputError(f"{path}: it cannot be written: {error.strerror or error}") from error


def replace_table(table: TurnTable, path: Path) -> None:
    """As `write_turn_table`, but the file is the old one or the new one, never a part, whenever the program is killed.

    Raises:
        InputError: the suffix is neither, or the files cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}-") as folder:
            fresh = Path(folder, path.name)
            write_turn_table(table, fresh)
            sidecar(path).unlink(missing_ok=True)
            for file in (sidecar(fresh), fresh):
                if file.exists():
                    file.replace(path.parent / file.name)
    except OSError as error:
        raise InputError(f"{path}: it cannot be written: {error.strerror or error}") from error


def check_suffix(path: Path) -> None:
    """
    Raises:
        InputError: the suffix is not that of a turn table.
    """
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{path}: turn tables are .csv or .parquet files, not {path.suffix or 'without a suffix'}")


def _read_csv(path: Path) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file), [])
    if not names:
        raise InputError(f"{path}: it is empty; its first row names the columns: {', '.join(COLUMNS)}, features")
    for separator, word in (("\t", "tabs"), (";", "semicolons")):
        if len(names) == 1 and separator in names[0]:
            raise InputError(f"{path}: its columns are separated by {word}; save it with commas")
    columns = [f"{position}" for position in range(len(names))]  # a name may occur twice; that is refused later
    return names, iter(
        pyarrow.csv.open_csv(
            path,
            pyarrow.csv.ReadOptions(column_names=columns, skip_rows=1, block_size=BLOCK_BYTES, use_threads=False),
            pyarrow.csv.ParseOptions(newlines_in_values=True),
            pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string())),
        )
    )


def _read_parquet(path: Path) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    file = pyarrow.parquet.ParquetFile(path)
    return file.schema_arrow.names, file.iter_batches(BATCH_ROWS)


def _renamed(names: Sequence[str], rename: Mapping[str, str], source: str) -> list[str]:
    absent = [name for name in rename if name not in names]
    if absent:
        raise InputError(f'{source}: there is no column "{absent[0]}" to rename; it has {", ".join(names)}')
    return [rename.get(name, name) for name in names]


def _qualified(rows: pa.Table) -> pa.Table:
    conversation, speaker = (rows.column(name).cast(pa.string()) for name in ("conversation", "speaker"))
    names = pc.binary_join_element_wise(conversation, speaker, ":")
    return rows.set_column(rows.column_names.index("speaker"), "speaker", names.cast(ID))
