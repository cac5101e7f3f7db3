"""An import from beginning to end: many conversations, one turn table, and a record of what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
from antiphon.engine.environment import file_hash
from antiphon.errors import InputError
from antiphon.features import FeatureSpec

from antiphon_corpus.declarations import KNOWN
from antiphon_corpus.importing.conversation import Importer
from antiphon_corpus.importing.plan import Plan
from antiphon_corpus.importing.pool import Outcome, spread
from antiphon_corpus.importing.record import Record
from antiphon_corpus.importing.source import Source
from antiphon_corpus.importing.store import Store
from antiphon_corpus.model import Monologues, TurnTable
from antiphon_corpus.turn_table import check_suffix, replace_table

SCHEMA: Mapping[str, Any] = {
    "turn": pa.int64(),
    "speaker": pa.string(),
    "start_s": pa.float64(),
    "end_s": pa.float64(),
    "text": pa.string(),
}

OnDone = Callable[[str, str | None], None]
"""Told of each conversation that is done: its name, and why it failed if it did."""


@attrs.frozen
class Summary:
    """What came of an import.

    Attributes:
        table: None where every conversation failed.
        failures: reasons by conversation.
        resumed: how many conversations an earlier run had finished.
    """

    table: TurnTable | None
    failures: Mapping[str, str]
    resumed: int


def run_import(
    sources: Sequence[Source],
    plan: Plan,
    out: Path,
    *,
    processes: int,
    monologues: Monologues = "drop",
    force: bool = False,
    note: Mapping[str, Any] | None = None,
    on_done: OnDone = lambda name, failure: None,
) -> Summary:
    """Import conversations into a turn table, and write what was done to ``NAME.import.json`` beside it.

    A conversation that fails stops no other. What is finished is kept in ``NAME.parts`` until all is in the table: a
    run that was killed, interrupted or had failures goes on from there when it is repeated with the same settings.

    Args:
        note: what else the record should say.

    Raises:
        InputError: the table is there already and nothing is to be resumed, or it cannot be written.
        AntiphonError: the extractors cannot be opened.
    """
    store = Store(out, plan)
    _check_out(out, store, force)
    left = []
    for source in sources:
        if store.get(source) is None:
            left.append(source)
        else:
            on_done(source.name, None)
    failures: dict[str, str] = {}
    left.sort(key=_size, reverse=True)  # the longest first, so that all cores end together
    for outcome in _spread(plan, left, processes):
        failure = outcome.failure
        if failure is None:
            try:
                inputs = {str(path): file_hash(path) for path in outcome.item.files}
            except OSError as error:
                failure = f"{error.filename}: it cannot be read any more: {error.strerror}"
            else:
                store.put(outcome.item, {**outcome.value, "inputs": inputs})
        if failure is not None:
            failures[outcome.item.name] = failure
        on_done(outcome.item.name, failure)
    record = Record(plan, note or {}, failures)
    turns = list(_turns(sources, store, record, plan.extractors.specs))
    table = None
    if turns:
        table = _table(turns, plan.extractors.specs, monologues)
        record.notices.extend(table.notices)
        replace_table(table, out)
        record.write(out)
    if not failures:
        store.clear()
    return Summary(table, failures, len(sources) - len(left))


def _check_out(out: Path, store: Store, force: bool) -> None:
    """What would be bad to learn after hours of work."""
    check_suffix(out)
    if out.exists() and not (store.exists or force):
        raise InputError(f"{out} is there already; choose another name, or --force to overwrite it")
    if not out.parent.is_dir():
        raise InputError(f"{out}: there is no folder {out.parent}; make it first")


def _spread(plan: Plan, sources: Sequence[Source], processes: int) -> Iterator[Outcome[Source]]:
    return spread(Importer.from_recipe, plan.recipe(), sources, processes)


def _size(source: Source) -> int:
    return sum(path.stat().st_size for path in source.files if path.is_file())


def _turns(sources: Sequence[Source], store: Store, record: Record, specs: Sequence[FeatureSpec]) -> Iterator[pa.Table]:
    """The turns of each conversation that is finished, one conversation in memory at a time as Python objects."""
    for source in sources:
        imported = store.get(source)
        if imported is not None:
            record.add(source.name, imported)
            turns = imported["turns"]
            columns = {name: pa.array([turn[name] for turn in turns], type_) for name, type_ in SCHEMA.items()}
            if not source.silent:
                values = {spec.name: [turn["features"].get(spec.name) for turn in turns] for spec in specs}
                columns |= {name: pa.array(column, pa.float64()) for name, column in values.items()}
            names = pa.array([source.name] * len(turns), pa.string())
            yield pa.table({"conversation": names, **columns})
        elif source.name not in record.failures:
            record.failures[source.name] = "its files were changed while they were imported; repeat the import"


def _table(turns: Sequence[pa.Table], specs: Sequence[FeatureSpec], monologues: Monologues) -> TurnTable:
    rows = pa.concat_tables(turns, promote_options="default")
    declared = [spec for spec in specs if spec.name not in KNOWN and spec.name in rows.column_names]
    return TurnTable.of(rows.to_pandas(), declared, monologues=monologues, source="the imported turns")
