"""The page of power curves."""

from __future__ import annotations

import pandas as pd
from plotly.graph_objects import Figure, Scatter
from plotly.subplots import make_subplots

from antiphon_measure_entrainment.commands.printed import interval, number
from antiphon_measure_entrainment.report.page import drawn, render
from antiphon_measure_entrainment.report.style import GREY, SERIES, styled, words
from antiphon_measure_entrainment.studies.power import Method


def power_page(powers: pd.DataFrame, least: pd.DataFrame, target: float, method: Method) -> str:
    """A self-contained HTML page of `power` and `smallest`."""
    return render(
        "power.html.j2",
        title="Power of a study",
        method=method,
        target=target,
        figure=drawn(power_figure(powers, target), "power-figure"),
        powers=powers.to_dict("records"),
        least=least.to_dict("records"),
        number=number,
        interval=interval,
        words=words,
        missing=pd.isna,
    )


def power_figure(powers: pd.DataFrame, target: float) -> Figure:
    """Power over dyads with its intervals: a column for each effect, a row for each measure, a line for exchanges."""
    effects, measures, exchanges = (list(dict.fromkeys(powers[name])) for name in ("effect", "measure", "exchanges"))
    figure = make_subplots(
        len(measures),
        len(effects),
        shared_xaxes=True,
        shared_yaxes=True,
        column_titles=[f"effect r = {effect:g}" for effect in effects],
        row_titles=[words(name) for name in measures] if len(measures) > 1 else None,
        horizontal_spacing=0.03,
        vertical_spacing=0.08,
    )
    for (name, effect, count), curve in powers.groupby(["measure", "effect", "exchanges"], sort=False):
        curve = curve[curve["simulations"] > 0].sort_values("dyads")
        place = (measures.index(name) + 1, effects.index(effect) + 1)
        colour = SERIES[exchanges.index(count) % len(SERIES)]
        band = {"legendgroup": str(count), "mode": "lines", "line_width": 0, "hoverinfo": "skip", "showlegend": False}
        figure.add_trace(Scatter(x=curve["dyads"], y=curve["high"], **band), *place)
        shade = "rgba({},{},{},0.15)".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))
        figure.add_trace(Scatter(x=curve["dyads"], y=curve["low"], fill="tonexty", fillcolor=shade, **band), *place)
        figure.add_trace(
            Scatter(
                x=curve["dyads"],
                y=curve["power"],
                mode="lines+markers",
                name=f"{count} exchanges",
                legendgroup=str(count),
                showlegend=place == (1, 1),
                line={"color": colour, "width": 2.5},
                marker={"size": 8},
                customdata=[interval(row.low, row.high) for row in curve.itertuples()],
                hovertemplate="%{x} dyads: power %{y:.2f} (%{customdata})<extra>" + f"{count} exchanges</extra>",
            ),
            *place,
        )
    figure.add_hline(y=target, line={"color": GREY, "dash": "dash", "width": 1.5})
    ticks = sorted(set(powers["dyads"]))
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[str(tick) for tick in ticks], minor_ticks="")
    figure.update_xaxes(title="dyads", row=len(measures))
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title="power", col=1)
    legend = {"orientation": "h", "yanchor": "bottom", "y": 1 + 0.12 / len(measures), "xanchor": "left", "x": 0}
    return styled(figure, height=130 + 320 * len(measures), legend=legend, margin={"l": 80, "r": 40, "t": 90, "b": 60})
