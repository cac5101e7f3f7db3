"""How large a study must be: the share of simulated studies in which a measure finds an effect of a known size.

The studies are conversations of `antiphon_corpus.simulate`, in which one speaker follows the other. The effect is the
stationary correlation of a speaker's turn with the partner's turn that it answers; the partner follows nobody, so a
measure that looks at the answers of both sees half of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from antiphon.errors import InputError
from antiphon_corpus.declarations import KNOWN
from antiphon_corpus.simulate import TYPICAL, Dynamics, simulate
from attrs import evolve, frozen
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from antiphon_measure_entrainment.measures.everything import measure
from antiphon_measure_entrainment.studies.journal import Journal
from antiphon_measure_entrainment.studies.parallel import results

BLOCK = 20
"""Simulated studies that are done, and kept, at a time."""
COLUMNS = ("measure", "effect", "exchanges", "dyads", "power", "low", "high", "significant", "simulations", "note")


@frozen
class Study:
    """A size of study: the correlation that there is, dyads, and exchanges (two turns each) of a dyad."""

    effect: float
    exchanges: int
    dyads: int


@frozen
class Method:
    """What is done with each study: the measures of a feature, with `permutations` draws, tested at `alpha`."""

    measures: tuple[str, ...] = ("local_synchrony",)
    feature: str = "pitch_mean"
    permutations: int = 199
    alpha: float = 0.05
    seed: int = 0


@frozen
class Block:
    """Some of the simulations of a study."""

    study: Study
    first: int
    count: int

    @property
    def key(self) -> str:
        return f"{self.study.effect:g}|{self.study.exchanges}|{self.study.dyads}|{self.first}|{self.count}"


def coupling_of(effect: float, dynamics: Dynamics) -> float:
    """b of the process (`antiphon_corpus.simulate`) for which x_k and p_k correlate by `effect`.

    With Cov(x, p) = b / (1 − ar) and Var(x) = b² (1 + ar) / ((1 − a²)(1 − ar)) + (g² + s²) / (1 − a²).

    Raises:
        InputError: the correlation cannot be reached with this inertia.
    """
    a, r = dynamics.inertia, dynamics.partner_inertia
    follows = 1 / (1 - a * r) ** 2 - effect**2 * (1 + a * r) / ((1 - a**2) * (1 - a * r))
    if abs(effect) >= 1 or follows <= 0:
        raise InputError(
            f"an effect of {effect:g} cannot be reached with inertia {a:g} and {r:g}; choose a smaller one"
        )
    own = (dynamics.text_effect**2 + dynamics.noise**2) / (1 - a**2)
    return float(effect * np.sqrt(own / follows))


def blocks(studies: Iterable[Study], simulations: int) -> list[Block]:
    """All that is to be done for `simulations` of each study."""
    return [
        Block(study, first, min(BLOCK, simulations - first))
        for study in studies
        for first in range(0, simulations, BLOCK)
    ]


def power(
    studies: Sequence[Study],
    method: Method | None = None,
    *,
    simulations: int = 200,
    jobs: int = 1,
    journal: Journal | None = None,
    finished: Callable[[Block], None] = lambda block: None,
) -> pd.DataFrame:
    """The power of each study, with its 95 % interval (Wilson 1927).

    Returns:
        One row for each measure (of those that yield several, each) and study: ``measure``, ``effect``, ``exchanges``,
        ``dyads``, ``power``, ``low``, ``high``, ``significant`` (how many), ``simulations`` (in which it was
        computable), ``note`` (why it was not in others).

    Raises:
        InputError: for an effect that cannot be simulated or a feature that cannot.
        ValueError: for a measure that does not exist.
    """
    method, journal = method or Method(), journal or Journal(None, {})
    if method.feature not in TYPICAL:
        raise InputError(f"no feature {method.feature} is simulated; there are {', '.join(TYPICAL)}")
    for study in studies:
        coupling_of(study.effect, Dynamics())
    planned = blocks(studies, simulations)
    for block in planned:
        if block.key in journal.found:
            finished(block)
    left = [block for block in planned if block.key not in journal.found]
    for block, found in results(_block, left, min(jobs, max(len(left), 1)), _prepare, method):
        journal.add(block.key, found)
        finished(block)
    return _powers(planned, journal, method.alpha)


def smallest(powers: pd.DataFrame, target: float) -> pd.DataFrame:
    """The smallest study that reaches `target`, for each measure, effect and number of exchanges.

    Returns:
        ``measure``, ``effect``, ``exchanges``, ``dyads`` (the fewest simulated ones whose power is at least `target`;
        missing if none), ``power``, ``low``, ``high`` of that study, and ``interpolated``: the dyads at which the curve
        Φ(c + d √dyads), fitted to all sizes by maximum likelihood, reaches the target; missing outside what was
        simulated.
    """
    rows = []
    for (name, effect, exchanges), curve in powers.groupby(["measure", "effect", "exchanges"], sort=False):
        reached = curve[curve["power"] >= target].sort_values("dyads").head(1)
        best = reached.iloc[0] if len(reached) else {}
        found = {key: best.get(key) for key in ("dyads", "power", "low", "high")}
        interpolated = _interpolated(curve, target)
        rows.append({"measure": name, "effect": effect, "exchanges": exchanges, **found, "interpolated": interpolated})
    return pd.DataFrame(rows)


def _interpolated(curve: pd.DataFrame, target: float) -> float | None:
    kept = curve[curve["simulations"] > 0]
    if len(kept) < 2 or not kept["power"].min() < target < kept["power"].max():
        return None
    counts = np.column_stack([kept["significant"], kept["simulations"] - kept["significant"]])
    size = np.sqrt(kept["dyads"].to_numpy(float))
    family = sm.families.Binomial(link=sm.families.links.Probit())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a curve that jumps from none to all is found to be no curve, below
        constant, slope = sm.GLM(counts, sm.add_constant(size), family=family).fit().params
    root = (stats.norm.ppf(target) - constant) / slope if slope > 0 else np.nan
    return float(np.ceil(root**2)) if size.min() <= root <= size.max() else None


def _powers(planned: Sequence[Block], journal: Journal, alpha: float) -> pd.DataFrame:
    found: dict[tuple[Study, str], list[dict[str, Any]]] = {}
    for block in planned:
        for row in journal.found[block.key]:
            found.setdefault((block.study, row["measure"]), []).append(row)
    rows = []
    for (study, name), outcomes in found.items():
        p = np.array([row["p"] for row in outcomes if row["p"] is not None])
        significant = int((p <= alpha).sum())
        low, high = proportion_confint(significant, p.size, method="wilson") if p.size else (np.nan, np.nan)
        share = significant / p.size if p.size else np.nan
        note = next((row["note"] for row in outcomes if row["p"] is None), "")
        rows.append((name, study.effect, study.exchanges, study.dyads, share, low, high, significant, p.size, note))
    return pd.DataFrame(rows, columns=list(COLUMNS))


_method = Method()


def _prepare(method: Method) -> None:
    global _method
    _method = method


def _block(block: Block) -> list[dict[str, Any]]:
    """Of each simulation and effect of the measures: ``measure``, ``p`` (None if not computable), ``note``."""
    rows: list[dict[str, Any]] = []
    for number in range(block.first, block.first + block.count):
        table = measure(
            _conversations(block.study, number),
            [_method.feature],
            measures=_method.measures,
            permutations=_method.permutations,
            seed=number,
        )
        for row in table.to_dict("records"):
            p = None if pd.isna(row["p"]) else row["p"]
            rows.append({"measure": row["measure"], "p": p, "note": row["note"] if p is None else ""})
    return rows


def _conversations(study: Study, number: int) -> pd.DataFrame:
    dynamics = Dynamics(coupling=0.0, mean_exchanges=study.exchanges, features=(KNOWN[_method.feature],))
    dynamics = evolve(dynamics, coupling={_method.feature: coupling_of(study.effect, dynamics)})
    entropy = [_method.seed, number, study.dyads, study.exchanges, round(1e6 * (1 + study.effect))]
    seed = int(np.random.SeedSequence(entropy).generate_state(1)[0])
    frame = simulate(study.dyads, dynamics, seed=seed).table.frame
    return frame.astype({"conversation": object, "speaker": object, "text": object})
