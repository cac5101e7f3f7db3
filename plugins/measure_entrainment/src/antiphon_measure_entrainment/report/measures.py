"""The page of everything that ``antiphon measure`` found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version

import pandas as pd
from antiphon.recording.reader import read_recording
from attrs import frozen
from markupsafe import Markup

from antiphon_measure_entrainment.commands.printed import interval, number
from antiphon_measure_entrainment.report.attention import attention_of, mean_attention
from antiphon_measure_entrainment.report.conversations import attention_figure, scatter_figure, turns_figure
from antiphon_measure_entrainment.report.overview import check_figure, effect_sizes, nulls_figure
from antiphon_measure_entrainment.report.page import drawn, render
from antiphon_measure_entrainment.report.style import words
from antiphon_measure_entrainment.studies.inputs import Inputs
from antiphon_measure_entrainment.studies.runner import Results


@frozen
class Section:
    """A figure of the page and what it says."""

    id: str
    title: str
    text: str
    figure: Markup


def measures_page(inputs: Inputs, results: Results, check: pd.DataFrame | None, settings: Mapping[str, int]) -> str:
    """A self-contained HTML page."""
    return render(
        "measures.html.j2",
        title="Entrainment",
        made=f"{datetime.now().astimezone():%Y-%m-%d %H:%M}",
        version=version("antiphon-measure-entrainment"),
        groups=[
            {
                "name": group.name,
                "conversations": group.turns["conversation"].nunique(),
                "turns": len(group.turns),
                "speakers": group.turns["speaker"].nunique(),
                "hours": f"{_seconds(group.turns) / 3600:.2f}",
            }
            for group in inputs.groups
        ],
        notices=inputs.notices,
        settings=settings,
        found=int((results.effects["q"] <= 0.05).sum()),
        tested=int(results.effects["p"].notna().sum()),
        sections=list(_sections(inputs, results, check)),
        effects=results.effects.to_dict("records"),
        several=len(inputs.groups) > 1,
        number=number,
        interval=interval,
        words=words,
        missing=pd.isna,
    )


def _sections(inputs: Inputs, results: Results, check: pd.DataFrame | None) -> Iterator[Section]:
    yield Section(
        "effects",
        "Effect sizes",
        "Correlations for measures that are one, else Cohen's d of paired differences; in brackets the estimate of "
        "measures without an effect size. A star: q at most 0.05 over all rows of this page. Point at a cell for its "
        "numbers, or for the reason why it is empty.",
        drawn(effect_sizes(results.effects), "effect-sizes"),
    )
    if check is not None and check["slope"].notna().any():
        yield Section(
            "manipulation",
            "Did the agent do what its strategy promises?",
            "Slopes of what was heard of the agent, with 95 % intervals: on what was requested (ideally 1), and on the "
            "user's last turn, beside the slope that the strategy promises (diamonds).",
            drawn(check_figure(check), "manipulation-check"),
        )
    yield Section(
        "turns",
        "Features over the turns",
        "Dots are turns, lines time-aligned moving averages: frames of 16 s every 8 s, weighted by duration. "
        "The menu chooses among the conversations with the most turns.",
        drawn(turns_figure(inputs.groups), "turns-figure"),
    )
    yield Section(
        "synchrony",
        "Synchrony: turns and their answers",
        "Adjacent turns of different speakers, in standard deviations of each speaker in the conversation, all "
        "conversations together, with the least-squares line. Of many exchanges a random part is drawn.",
        drawn(scatter_figure(inputs.groups), "synchrony-figure"),
    )
    if len(results.nulls):
        yield Section(
            "nulls",
            "Observed values and their nulls",
            "Grey: the statistic with the speakers paired anew, in standard deviations. Line: as observed; filled and "
            "coloured where q is at most 0.05.",
            drawn(nulls_figure(results.nulls, results.effects), "nulls-figure"),
        )
    attention = [a for a in (attention_of(read_recording(folder).turns) for folder in inputs.sessions) if a is not None]
    if attention:
        yield Section(
            "attention",
            "Attention of the strategy",
            f"How much the strategy looked at each turn so far when it answered, mean of {len(attention)} sessions.",
            drawn(attention_figure(mean_attention(attention)), "attention-figure"),
        )


def _seconds(turns: pd.DataFrame) -> float:
    spans = turns.groupby("conversation", sort=False).agg({"start_s": "min", "end_s": "max"})
    return float((spans["end_s"] - spans["start_s"]).sum())
