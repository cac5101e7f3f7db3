"""Figures of all effects: which are where, and where each lies in its null."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd
from plotly.graph_objects import Bar, Figure, Heatmap, Scatter
from plotly.subplots import make_subplots

from antiphon_measure_entrainment.commands.printed import interval, number
from antiphon_measure_entrainment.report.style import GREY, INK, LIGHT, SECOND, styled, words

SIGNIFICANT = 0.05
DIVERGING = ((0.0, "#b2182b"), (0.25, "#f4a582"), (0.5, "#f7f7f7"), (0.75, "#92c5de"), (1.0, "#2166ac"))


def effect_sizes(effects: pd.DataFrame) -> Figure:
    """Measures by features, a panel for each group: the effect size, a star where q is at most 0.05."""
    groups = _groups(effects)
    measures, features = (list(dict.fromkeys(effects[name])) for name in ("measure", "feature"))
    figure = make_subplots(
        1, len(groups), subplot_titles=[words(name) for name, _ in groups], shared_yaxes=True, horizontal_spacing=0.02
    )
    for column, (_, rows) in enumerate(groups, 1):
        cells = {(row["measure"], row["feature"]): row for row in rows.to_dict("records")}
        grid = [[cells.get((measure, feature)) for feature in features] for measure in measures]
        figure.add_trace(
            Heatmap(
                z=[[_size(cell) for cell in row] for row in grid],
                text=[[_cell(cell) for cell in row] for row in grid],
                customdata=[[_told(cell) for cell in row] for row in grid],
                x=[words(name) for name in features],
                y=[words(name) for name in measures],
                texttemplate="%{text}",
                textfont={"size": 12 if len(groups) * len(features) <= 12 else 10},
                hovertemplate="%{customdata}<extra></extra>",
                hoverongaps=True,
                zmin=-1,
                zmax=1,
                colorscale=[list(step) for step in DIVERGING],
                showscale=column == len(groups),
                colorbar={
                    "title": "effect<br>size",
                    "thickness": 12,
                    "tickvals": [-1, 0, 1],
                    "ticktext": ["≤ −1", "0", "≥ 1"],
                },
                xgap=2,
                ygap=2,
            ),
            1,
            column,
        )
    figure.update_yaxes(autorange="reversed", showline=False, ticks="")
    figure.update_xaxes(showline=False, ticks="", tickangle=-40 if len(groups) * len(features) > 6 else 0)
    return styled(
        figure, height=180 + 27 * len(measures), margin={"l": 220, "r": 24, "t": 36 if len(groups) > 1 else 8, "b": 100}
    )


def nulls_figure(nulls: pd.DataFrame, effects: pd.DataFrame) -> Figure:
    """Each null as a histogram, in its own standard deviations about its mean, with the observed value in it.

    A column for each feature; of several groups, the buttons choose one.
    """
    features = list(dict.fromkeys(nulls["feature"]))
    measures = [name for name in dict.fromkeys(effects["measure"]) if name in set(nulls["measure"])]
    groups = list(dict.fromkeys(nulls["group"]))
    figure = make_subplots(
        len(measures),
        len(features),
        shared_xaxes=True,
        column_titles=[words(name) for name in features],
        vertical_spacing=0.012,
        horizontal_spacing=0.015,
    )
    significant = _significant(effects)
    owners = []
    for row in nulls.to_dict("records"):
        place = (measures.index(row["measure"]) + 1, features.index(row["feature"]) + 1)
        star = (row["group"] if "group" in effects.columns else "", row["measure"], row["feature"]) in significant
        visible = row["group"] == groups[0]
        if np.count_nonzero(row["counts"]) < 2:
            continue  # one arrangement is no distribution
        for trace in _null(row, star=star, visible=visible):
            figure.add_trace(trace, *place)
            owners.append(row["group"])
    figure.update_yaxes(showticklabels=False, ticks="", showline=False, showgrid=False, rangemode="tozero")
    figure.update_xaxes(range=[-5, 8], ticks="", showline=True, linecolor=LIGHT, zeroline=False)
    for row_number, name in enumerate(measures, 1):
        middle = sum(figure.get_subplot(row_number, 1).yaxis.domain) / 2
        figure.add_annotation(
            text=words(name), x=-0.01, y=middle, xref="paper", yref="paper", xanchor="right", showarrow=False
        )
    figure.update_xaxes(title={"text": "SD of the null", "font": {"size": 12}}, row=len(measures))
    menus = []
    if len(groups) > 1:
        menus = [_menu(groups, owners)]
    return styled(
        figure,
        height=120 + 46 * len(measures),
        showlegend=False,
        bargap=0,
        updatemenus=menus,
        margin={"l": 220, "r": 24, "t": 64, "b": 56},
    )


def _null(row: dict[str, Any], *, star: bool, visible: bool) -> list[Any]:
    counts = np.asarray(row["counts"], dtype=float)
    edges = np.linspace(row["low"], row["high"], counts.size + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    mean = float(counts @ centres / counts.sum())
    spread = float(np.sqrt(counts @ (centres - mean) ** 2 / counts.sum()))
    observed = (row["observed"] - mean) / spread
    shown = min(max(observed, -4.8), 7.8)
    colour = SECOND if star else INK
    told = f"observed {row['observed']:.3g}, {observed:+.1f} SD of the null (mean {mean:.3g}, SD {spread:.3g})"
    return [
        Bar(
            x=(centres - mean) / spread,
            y=counts,
            marker={"color": LIGHT, "line_width": 0},
            hoverinfo="skip",
            visible=visible,
        ),
        Scatter(
            x=[shown, shown],
            y=[0, counts.max()],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": [0, 8], "symbol": "circle" if star else "circle-open", "color": colour},
            hovertemplate=told + "<extra></extra>",
            visible=visible,
        ),
    ]


def check_figure(check: pd.DataFrame) -> Figure:
    """Slopes of the manipulation check with their intervals, beside what was promised; a column for each feature."""
    kept = check[check["slope"].notna()].astype(dict.fromkeys(("slope", "low", "high", "promised"), float))
    features, strategies = (list(dict.fromkeys(kept[name])) for name in ("feature", "strategy"))
    figure = make_subplots(
        1,
        max(len(features), 1),
        subplot_titles=[words(name) for name in features],
        shared_yaxes=True,
        horizontal_spacing=0.03,
    )
    looks = {"requested": (GREY, "on what was requested", 0.16), "user": (SECOND, "on the user's last turn", -0.16)}
    for column, feature in enumerate(features, 1):
        for on, (colour, label, offset) in looks.items():
            rows = kept[(kept["feature"] == feature) & (kept["on"] == on)]
            places = [strategies.index(name) + offset for name in rows["strategy"]]
            first = column == 1
            figure.add_trace(
                Scatter(
                    x=rows["slope"],
                    y=places,
                    mode="markers",
                    name=f"slope {label}",
                    legendgroup=on,
                    showlegend=first,
                    marker={"color": colour, "size": 10},
                    error_x={
                        "type": "data",
                        "symmetric": False,
                        "array": rows["high"] - rows["slope"],
                        "arrayminus": rows["slope"] - rows["low"],
                        "color": colour,
                        "thickness": 2,
                        "width": 0,
                    },
                    customdata=[
                        [interval(low, high), n]
                        for low, high, n in zip(rows["low"], rows["high"], rows["n"], strict=True)
                    ],
                    hovertemplate="%{x:.2f} (%{customdata[0]}), %{customdata[1]} turns<extra></extra>",
                ),
                1,
                column,
            )
            promised = rows[rows["promised"].notna()]
            if on == "user":
                figure.add_trace(
                    Scatter(
                        x=promised["promised"],
                        y=[strategies.index(name) + offset for name in promised["strategy"]],
                        mode="markers",
                        name="promised",
                        legendgroup="promised",
                        showlegend=first,
                        marker={"symbol": "diamond-open", "color": INK, "size": 14, "line_width": 2},
                        hovertemplate="promised %{x:.2g}<extra></extra>",
                    ),
                    1,
                    column,
                )
        figure.add_vline(x=0, line={"color": LIGHT, "width": 1}, row=1, col=column)
    ticks = {"tickvals": list(range(len(strategies))), "ticktext": [words(name) for name in strategies]}
    figure.update_yaxes(**ticks, range=[len(strategies) - 0.5, -0.5], showline=False, ticks="")
    figure.update_xaxes(title="slope")
    return styled(
        figure,
        height=210 + 56 * len(strategies),
        margin={"l": 130, "r": 24, "t": 100, "b": 60},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.12, "xanchor": "left", "x": 0},
    )


def _menu(groups: list[str], owners: list[str]) -> dict[str, Any]:
    buttons = [
        {
            "label": escape(name) or "all",
            "method": "restyle",
            "args": [{"visible": [owner == name for owner in owners]}],
        }
        for name in groups
    ]
    return {
        "buttons": buttons,
        "x": 0,
        "xanchor": "left",
        "y": 1.0,
        "yanchor": "bottom",
        "pad": {"b": 26},
        "direction": "down",
    }


def _groups(effects: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    if "group" not in effects.columns:
        return [("", effects)]
    return [(str(name), rows) for name, rows in effects.groupby("group", sort=False)]


def _significant(effects: pd.DataFrame) -> set[tuple[str, str, str]]:
    rows = effects[effects["q"] <= SIGNIFICANT]
    groups = rows["group"] if "group" in effects.columns else [""] * len(rows)
    return set(zip(groups, rows["measure"], rows["feature"], strict=True))


def _size(cell: dict[str, Any] | None) -> float | None:
    return None if cell is None or pd.isna(cell["effect_size"]) else float(cell["effect_size"])


def _cell(cell: dict[str, Any] | None) -> str:
    if cell is None or pd.isna(cell["estimate"]):
        return ""
    size = f"({cell['estimate']:.2g})" if pd.isna(cell["effect_size"]) else f"{cell['effect_size']:.2f}"
    return size.replace("-", "−") + ("*" if cell["q"] <= SIGNIFICANT else "")


def _told(cell: dict[str, Any] | None) -> str:
    if cell is None:
        return "not measured"
    heading = f"<b>{words(cell['measure'])}, {words(cell['feature'])}</b>"
    if pd.isna(cell["estimate"]):
        return f"{heading}<br>{escape(str(cell['note']))}"
    spread = interval(cell["low"], cell["high"])
    return "<br>".join(
        [
            heading,
            f"estimate {number(cell['estimate'])}" + (f" ({spread})" if spread else ""),
            f"effect size {number(cell['effect_size'])}, p {number(cell['p'])}, q {number(cell['q'])}",
            f"{cell['n']} observations in {cell['conversations']} conversations",
            escape(str(cell["note"])),
        ]
    )
