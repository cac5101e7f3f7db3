"""The results as tables for people; Markdown and HTML show the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from antiphon_entrain_neural.evaluation.calibration import LEVELS
from antiphon_entrain_neural.evaluation.evaluate import Evaluation, Score
from antiphon_entrain_neural.evaluation.metrics import POOLED
from antiphon_entrain_neural.evaluation.verdict import Difference

NONE = "–"


@frozen
class Table:
    """A title, a sentence below it, and cells; the first column is text, the others numbers."""

    title: str
    note: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def tables(evaluation: Evaluation) -> Iterator[Table]:
    """All tables, the headline first."""
    yield _headline(evaluation)
    yield _differences(evaluation)
    yield _by_feature(evaluation)
    positions = [s for s in evaluation.slices if s.startswith("position")]
    lengths = [s for s in evaluation.slices if "words" in s]
    note = "Free-running smooth L1 of all features together."
    yield _by_slice(evaluation, "By position among our turns of the conversation", note, positions)
    yield _by_slice(
        evaluation, "By length of the turn", f"{note} Turns of at most two words are backchannels.", lengths
    )
    if evaluation.coverage:
        yield _coverage(evaluation)


def summary(evaluation: Evaluation) -> Table:
    """The headline alone, as the command prints it."""
    return _headline(evaluation)


def _headline(evaluation: Evaluation) -> Table:
    columns = ("L1", "RMSE", "R2", "r within", "slope")
    rows = []
    for name in evaluation.predictors:
        scores = [evaluation.find(name, metric) for metric in ("smooth L1", *columns)]
        told = evaluation.find(name, "smooth L1", mode="teacher-forced")
        rows.append((name, with_interval(scores[0]), *(number(s.value, 3) for s in scores[1:]), with_interval(told)))
    return Table(
        f"{evaluation.turns:,} turns of {evaluation.conversations} conversations, all features together",
        "Free-running (told of our turns only what was predicted) but for the last column, which is teacher-forced "
        "(told what we really did) and no forecast of a dialogue. Intervals: 95 %, bootstrap over conversations.",
        ("predictor", "smooth L1", *columns, "teacher-forced smooth L1"),
        rows,
    )


def _differences(evaluation: Evaluation) -> Table:
    rows = [
        (
            f"{'model' if d.model == evaluation.model else d.model} less {d.against}, {d.mode}",
            d.feature,
            difference(d),
            number(d.p, 4),
            NONE if d.feature == POOLED else number(d.q, 4),
        )
        for d in evaluation.differences
    ]
    return Table(
        "Differences in smooth L1",
        f"The model is {evaluation.model}. Below 0 the first of the two is better. p: paired permutation test over "
        "conversations; q: corrected over features "
        "(Benjamini and Hochberg 1995).",
        ("which", "feature", "difference", "p", "q"),
        rows,
    )


def _by_feature(evaluation: Evaluation) -> Table:
    rows = [
        (name, *(with_interval(evaluation.find(name, "smooth L1", feature=f)) for f in evaluation.features))
        for name in evaluation.predictors
    ]
    return Table("By feature", "Free-running smooth L1.", ("predictor", *evaluation.features), rows)


def _by_slice(evaluation: Evaluation, title: str, note: str, slices: Sequence[str]) -> Table:
    rows = [
        (name, *(number(evaluation.find(name, "smooth L1", slice=s).value, 4) for s in slices))
        for name in evaluation.predictors
    ]
    counts = [evaluation.find(evaluation.model, "smooth L1", slice=s).values for s in slices]
    header = ("predictor", *(f"{s.removeprefix('position ')} (n = {n:,})" for s, n in zip(slices, counts, strict=True)))
    return Table(title, note, header, rows)


def _coverage(evaluation: Evaluation) -> Table:
    shares = {(c.predictor, c.mode, c.level): c.share for c in evaluation.coverage if c.feature == POOLED}
    rows = [
        (f"{name}, {mode}", *(number(shares[name, mode, level], 3) for level in LEVELS))
        for name, mode in dict.fromkeys((name, mode) for name, mode, _ in shares)
    ]
    return Table(
        "Calibration",
        "Share of truths within the central interval of predictors that say how wrong they expect to be, one step "
        "ahead; all features together.",
        ("predictor", *(f"{level:.0%}" for level in LEVELS)),
        rows,
    )


def with_interval(score: Score) -> str:
    """A score with its interval."""
    if score.value is None:
        return NONE
    if score.low is None or score.high is None:
        return number(score.value, 4)
    return f"{score.value:.4f} [{score.low:.4f}, {score.high:.4f}]"


def difference(of: Difference) -> str:
    """A difference with its interval."""
    if of.difference is None:
        return NONE
    if of.low is None or of.high is None:
        return f"{of.difference:+.4f}"
    return f"{of.difference:+.4f} [{of.low:+.4f}, {of.high:+.4f}]"


def number(value: float | None, digits: int) -> str:
    """A number, or a dash."""
    return NONE if value is None else f"{value:.{digits}f}"
