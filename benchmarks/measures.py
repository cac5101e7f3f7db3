"""How long all measures of entrainment take, and how that grows with turns and shrinks with cores."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence

import pandas as pd
from antiphon.features import PROSODY
from antiphon_corpus.simulate import Dynamics, simulate
from antiphon_measure_entrainment.measures.everything import MEASURES
from antiphon_measure_entrainment.studies.inputs import Group
from antiphon_measure_entrainment.studies.runner import run as measured

from benchmarks.common import Figure, Report, Settings, command, figure, stopwatch

SPREAD = tuple(name for name in MEASURES if name != "neural_distance")
"""Measures that many processes can share."""
WHOLE = 2500
"""Conversations of 76 turns with seven features, as a large corpus has."""
EXCHANGES = 38.0
MEBIBYTE = 2**20 if sys.platform == "darwin" else 2**10
"""Units of ``ru_maxrss`` in one."""


def run(settings: Settings) -> Report:
    """Time all measures of simulated corpora: one core and all, a tenth and more of a large corpus."""
    cores = os.cpu_count() or 1
    small = 40 if settings.quick else WHOLE // 10
    permutations = 100 if settings.quick else 1000
    tables = {count: table(count) for count in (small, 2 * small)}
    share, total = _by_measure(tables[small], permutations)
    once = total - share["neural_distance"]
    twice, shared = (_seconds(tables[2 * small], permutations, jobs, SPREAD) for jobs in (1, cores))
    figures = [
        Figure(f"{len(tables[small]):,} turns, {name}", f"{100 * part / total:.0f} % of the time")
        for name, part in sorted(share.items(), key=lambda item: -item[1])
    ]
    figures += [
        figure(f"{len(tables[small]):,} turns, all measures, one core", total, "s"),
        figure("the same without the neural distance", once, "s"),
        figure("twice the turns, by this", twice / once, "times", at_most=2.5),
        figure(f"twice the turns: one core, by {cores}", twice / shared, "times", at_least=0.7 * min(cores, 8)),
    ]
    if not settings.quick:
        whole = table(WHOLE)
        minutes = _seconds(whole, permutations, cores, MEASURES) / 60
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MEBIBYTE
        figures += [
            figure(f"{len(whole):,} turns, all measures, {cores} cores", minutes, "min", at_most=15),
            figure("memory of the largest worker", peak, "MiB", at_most=2000),
        ]
    return Report(
        "Measures of entrainment",
        figures,
        [
            f"Simulated conversations of 76 turns on average with seven features and text; {len(MEASURES)} measures "
            f"with {permutations} draws of each null. The neural distance trains as long for small corpora as for "
            "large ones, and it is one task, which keeps one core busy; it is left out where cores are compared."
        ],
    )


def table(conversations: int) -> pd.DataFrame:
    """A corpus with some coupling."""
    return simulate(conversations, Dynamics(coupling=0.1, mean_exchanges=EXCHANGES), seed=1).table.frame


def _group(turns: pd.DataFrame) -> Group:
    return Group("corpus", turns, tuple(spec.name for spec in PROSODY if spec.name in turns), PROSODY)


def _seconds(turns: pd.DataFrame, permutations: int, jobs: int, measures: Sequence[str]) -> float:
    seconds: list[float] = []
    with stopwatch(seconds):
        measured([_group(turns)], measures, permutations=permutations, jobs=jobs)
    return seconds[0]


def _by_measure(turns: pd.DataFrame, permutations: int) -> tuple[dict[str, float], float]:
    """Seconds of each measure, and of all."""
    found: dict[str, list[float]] = {name: [] for name in MEASURES}
    for name in MEASURES:
        with stopwatch(found[name]):
            measured([_group(turns)], [name], permutations=permutations, jobs=1)
    seconds = {name: single[0] for name, single in found.items()}
    return seconds, sum(seconds.values())


main = command(run)

if __name__ == "__main__":
    main()
