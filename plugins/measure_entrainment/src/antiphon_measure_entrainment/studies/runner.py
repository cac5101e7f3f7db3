"""Measures conversations feature by feature and measure by measure, so that it can be watched and resumed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen

from antiphon_measure_entrainment.measures.everything import calls, measure
from antiphon_measure_entrainment.statistics.effect import benjamini_hochberg
from antiphon_measure_entrainment.statistics.inference import Null, nulls_of
from antiphon_measure_entrainment.studies.inputs import Group
from antiphon_measure_entrainment.studies.journal import Journal
from antiphon_measure_entrainment.studies.parallel import results

BINS = 30
"""Of the histogram that is kept of each null."""


@frozen
class Task:
    """One measure of one group: of one feature, or of those that it takes together."""

    group: str
    measure: str
    features: tuple[str, ...]

    @property
    def key(self) -> str:
        return "|".join((self.group, self.measure, *self.features))


@frozen(eq=False)
class Results:
    """What was measured.

    Attributes:
        effects: the tidy table (`effect.tidy`), q over all of it; with a first column ``group`` if there are several.
        nulls: a row for each effect with a null: ``group``, ``measure``, ``feature``, ``observed`` and the histogram of
            the null, ``low``, ``high`` (its edges) and ``counts`` (a list).
    """

    effects: pd.DataFrame
    nulls: pd.DataFrame


def tasks(groups: Iterable[Group], measures: Sequence[str]) -> list[Task]:
    """Everything that is to be done, in the order in which it is reported."""
    return [
        Task(group.name, name, features)
        for group in groups
        for name in measures
        for features in calls(name, group.features)
    ]


def run(
    groups: Sequence[Group],
    measures: Sequence[str],
    *,
    permutations: int = 1000,
    seed: int = 0,
    jobs: int = 1,
    journal: Journal | None = None,
    finished: Callable[[Task], None] = lambda task: None,
) -> Results:
    """Do all `tasks` that are not in the journal, and put everything together.

    Args:
        finished: is told of each task when its result is there.

    Raises:
        ValueError: for a measure that does not exist.
    """
    journal = journal or Journal(None, {})
    planned = tasks(groups, measures)
    for task in planned:
        if task.key in journal.found:
            finished(task)
    left = [task for task in planned if task.key not in journal.found]
    tables = {group.name: group.turns for group in groups}
    for task, result in results(_measured, left, min(jobs, max(len(left), 1)), _prepare, tables, permutations, seed):
        journal.add(task.key, result)
        finished(task)
    return _together(planned, journal, several=len(groups) > 1)


def identity(groups: Iterable[Group], permutations: int, seed: int) -> dict[str, Any]:
    """What results depend on besides group, measure and feature: the turns, the seed, the draws."""
    digest = hashlib.sha256()
    for group in groups:
        digest.update(group.name.encode())
        digest.update(",".join(group.turns.columns).encode())
        digest.update(pd.util.hash_pandas_object(group.turns, index=False).to_numpy().tobytes())
    return {"turns": digest.hexdigest(), "permutations": permutations, "seed": seed}


def _together(planned: Sequence[Task], journal: Journal, *, several: bool) -> Results:
    rows = [(task, row) for task in planned for row in journal.found[task.key]["effects"]]
    nulls = [{"group": task.group, **row} for task in planned for row in journal.found[task.key]["nulls"]]
    effects = pd.DataFrame([row for _, row in rows])
    numbers = ["estimate", "low", "high", "effect_size", "p"]
    effects[numbers] = effects[numbers].astype(float)
    p = [None if np.isnan(value) else value for value in effects["p"]]
    effects.insert(effects.columns.get_loc("p") + 1, "q", np.array(benjamini_hochberg(p), dtype=float))
    if several:
        effects.insert(0, "group", [task.group for task, _ in rows])
    columns = ["group", "measure", "feature", "observed", "low", "high", "counts"]
    return Results(effects, pd.DataFrame(nulls, columns=columns))


_tables: dict[str, pd.DataFrame] = {}
_drawing: dict[str, Any] = {}


def _prepare(tables: dict[str, pd.DataFrame], permutations: int, seed: int) -> None:
    """Gives a process what all its tasks share."""
    _tables.clear()
    _tables.update(tables)
    _drawing.update(permutations=permutations, seed=seed)


def _measured(task: Task) -> dict[str, Any]:
    """The rows of one task, without q, and the histograms of their nulls; as JSON takes them."""
    with nulls_of() as nulls:
        table = measure(_tables[task.group], task.features, measures=[task.measure], **_drawing)
    rows = table.drop(columns="q").to_dict("records")
    histograms = []
    for row in rows:
        drawn = next((null for null in nulls if null.p == row["p"]), None)
        if drawn is not None:
            nulls = nulls[nulls.index(drawn) + 1 :]
            histograms.append({"measure": row["measure"], "feature": row["feature"], **_histogram(drawn)})
    return {"effects": rows, "nulls": histograms}


def _histogram(null: Null) -> dict[str, Any]:
    draws = null.draws[np.isfinite(null.draws)]
    centre = float(draws.mean()) if draws.size else 0.0
    narrow = draws.size == 0 or np.ptp(draws) <= 1e-9 * max(abs(centre), 1e-9)
    margin = max(abs(centre), 1e-3)
    counts, edges = np.histogram(draws, BINS, range=(centre - margin, centre + margin) if narrow else None)
    return {
        "observed": null.observed,
        "low": float(edges[0]),
        "high": float(edges[-1]),
        "counts": counts.tolist(),
    }
