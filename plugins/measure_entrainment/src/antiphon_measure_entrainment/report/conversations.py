"""Figures of conversations: features over the turns of both speakers with their moving averages, and adjacent turns."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from plotly.graph_objects import Figure, Heatmap, Scatter
from plotly.subplots import make_subplots

from antiphon_measure_entrainment.measures.tama import frames
from antiphon_measure_entrainment.report.style import FIRST, SECOND, SERIES, styled, with_unit, words
from antiphon_measure_entrainment.statistics.inference import Floats
from antiphon_measure_entrainment.studies.inputs import Group
from antiphon_measure_entrainment.turns.exchanges import dyads, exchanges, speaker_z

SHOWN = 12
"""Conversations whose turns are drawn; a page with thousands could not be opened."""
POINTS = 1500
"""Of a group in a panel of the scatter; more would be a blot."""
WINDOW_S, STEP_S = 16.0, 8.0


def turns_figure(groups: Sequence[Group]) -> Figure:
    """Both speakers' turns as dots and their time-aligned moving averages as lines; a row for each feature.

    The menu chooses the conversation, among those with the most turns.
    """
    chosen = [(group, name) for group in groups for name in _longest(group, max(1, SHOWN // len(groups)))]
    specs = {spec.name: spec for group in groups for spec in group.specs}
    features = list(specs)
    figure = make_subplots(len(features), 1, shared_xaxes=True, vertical_spacing=0.03)
    owners = []
    for number, (group, name) in enumerate(chosen):
        turns = group.turns[group.turns["conversation"] == name]
        for row, feature in enumerate(features, 1):
            if feature not in group.features:
                continue
            for trace in _lines(turns, feature, labelled=row == 1, visible=number == 0):
                figure.add_trace(trace, row, 1)
                owners.append(number)
    for row, feature in enumerate(features, 1):
        figure.update_yaxes(title=with_unit(feature, specs[feature].unit).replace(" [", "<br>["), row=row, col=1)
    figure.update_xaxes(title="time [s]", row=len(features), col=1)
    buttons = [
        {
            "label": escape(name if len(groups) == 1 else f"{group.name}: {name}"),
            "method": "restyle",
            "args": [{"visible": [owner == number for owner in owners]}],
        }
        for number, (group, name) in enumerate(chosen)
    ]
    menu = {"buttons": buttons, "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "pad": {"b": 8}}
    return styled(
        figure, height=130 + 165 * len(features), updatemenus=[menu], margin={"l": 90, "r": 24, "t": 70, "b": 56}
    )


def scatter_figure(groups: Sequence[Group]) -> Figure:
    """Each turn against the one it answers, in standard deviations of its speaker; a panel for each feature."""
    features = list(dict.fromkeys(feature for group in groups for feature in group.features))
    columns = min(4, len(features))
    rows = -(-len(features) // columns)
    figure = make_subplots(
        rows,
        columns,
        subplot_titles=[words(name) for name in features],
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.03,
        vertical_spacing=0.5 / (rows + 4),
    )
    for number, group in enumerate(groups):
        pairs = exchanges(speaker_z(group.turns, group.features), group.features)
        for place, feature in enumerate(features):
            if feature not in group.features:
                continue
            kept = pairs[[f"{feature}.first", f"{feature}.second"]].dropna().to_numpy(float)
            for trace in _points(kept, group.name, SERIES[number % len(SERIES)], labelled=place == 0):
                figure.add_trace(trace, place // columns + 1, place % columns + 1)
    figure.update_xaxes(range=[-3.2, 3.2], zeroline=True, zerolinecolor="#eee", dtick=2)
    figure.update_yaxes(range=[-3.2, 3.2], zeroline=True, zerolinecolor="#eee", dtick=2)
    figure.update_xaxes(title="turn [SD]", row=rows)
    figure.update_yaxes(title="answer [SD]", col=1)
    return styled(
        figure,
        height=120 + 270 * rows,
        showlegend=len(groups) > 1,
        margin={"l": 60, "r": 24, "t": 90, "b": 56},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1 + 0.16 / rows, "xanchor": "left", "x": 0},
    )


def attention_figure(weights: Floats, title: str = "turn that it attends to") -> Figure:
    """[answers, turns] the attention of a strategy, NaN where there is none."""
    turns = np.arange(weights.shape[1])
    figure = Figure(
        Heatmap(
            z=weights,
            x=turns,
            y=np.arange(weights.shape[0]),
            colorscale="Blues",
            zmin=0,
            colorbar={"title": "weight", "thickness": 12},
            hovertemplate="answer %{y}, turn %{x}: %{z:.3f}<extra></extra>",
            xgap=1,
            ygap=1,
        )
    )
    figure.update_yaxes(
        title="agent's turn", autorange="reversed", dtick=max(1, weights.shape[0] // 12), ticks="", showline=False
    )
    figure.update_xaxes(title=title, dtick=max(1, turns.size // 16), ticks="", showline=False)
    return styled(figure, height=200 + 22 * min(30, weights.shape[0]))


def _longest(group: Group, count: int) -> list[Any]:
    turns = group.turns[group.turns["conversation"].isin(dyads(group.turns, group.features[0]).index)]
    return list(turns["conversation"].value_counts().index[:count])


def _lines(turns: pd.DataFrame, feature: str, *, labelled: bool, visible: bool) -> list[Scatter]:
    begin, until = turns["start_s"].min(), turns["end_s"].max()
    traces = []
    for speaker, colour in zip(dict.fromkeys(turns["speaker"]), (FIRST, SECOND), strict=False):
        rows = turns[(turns["speaker"] == speaker) & turns[feature].notna()]
        start, end, values = (rows[name].to_numpy(float) for name in ("start_s", "end_s", feature))
        name = escape(str(speaker).rpartition(":")[2] or str(speaker))
        said = [_short(text) for text in rows["text"]] if "text" in rows else [""] * len(rows)
        traces.append(
            Scatter(
                x=(start + end) / 2,
                y=values,
                mode="markers",
                name=name,
                legendgroup=name,
                showlegend=labelled,
                visible=visible,
                marker={"color": colour, "size": 7, "opacity": 0.75},
                customdata=said,
                hovertemplate="%{y:.4g} at %{x:.1f} s<br>%{customdata}<extra>" + name + "</extra>",
            )
        )
        averages = frames(start, end, values, begin=begin, until=until, window_s=WINDOW_S, step_s=STEP_S)
        times = begin + WINDOW_S / 2 + STEP_S * np.arange(averages.size)
        traces.append(
            Scatter(
                x=times,
                y=averages,
                mode="lines",
                name=f"{name}, average of {WINDOW_S:g} s",
                legendgroup=name,
                showlegend=labelled,
                visible=visible,
                line={"color": colour, "width": 2.5},
                opacity=0.9,
                hoverinfo="skip",
                connectgaps=False,
            )
        )
    return traces


def _points(pairs: Floats, name: str, colour: str, *, labelled: bool) -> list[Scatter]:
    if len(pairs) < 2:
        return []
    drawn = pairs if len(pairs) <= POINTS else pairs[np.random.default_rng(0).choice(len(pairs), POINTS, replace=False)]
    x, y = pairs.T
    varies = np.ptp(x) > 0 and np.ptp(y) > 0
    slope = float(np.polyfit(x, y, 1)[0]) if varies else 0.0
    r = float(np.corrcoef(x, y)[0, 1]) if varies else float("nan")
    ends = np.array([-3.0, 3.0])
    look = {"legendgroup": name, "name": escape(name) or "exchanges"}
    return [
        Scatter(
            x=drawn[:, 0],
            y=drawn[:, 1],
            mode="markers",
            showlegend=labelled,
            **look,
            hoverinfo="skip",
            marker={"color": colour, "size": 4, "opacity": float(np.clip(60 / len(drawn) ** 0.7, 0.18, 0.7))},
        ),
        Scatter(
            x=ends,
            y=y.mean() + slope * (ends - x.mean()),
            mode="lines",
            showlegend=False,
            **look,
            line={"color": colour, "width": 2.5},
            hovertemplate=f"r = {r:.2f}, {len(pairs)} exchanges<extra>{escape(name)}</extra>",
        ),
    ]


def _short(text: object) -> str:
    said = "" if pd.isna(text) else str(text)
    return escape(said if len(said) <= 60 else f"{said[:57]}...")
