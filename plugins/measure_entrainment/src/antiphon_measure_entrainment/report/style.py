"""What all figures share: colours, fonts, names."""

from __future__ import annotations

from html import escape
from typing import Any

from plotly.graph_objects import Figure

FIRST, SECOND = "#1b6ca8", "#d1603d"
"""The colours of the first speaker, or the user, and of the second, or the agent; as in the other plots of Antiphon."""
GREY, LIGHT, INK = "#9aa3ab", "#dfe3e6", "#22303a"
SERIES = ("#1b6ca8", "#d1603d", "#3a8f5c", "#8a5aa8", "#c49a1a", "#4b5a66", "#b8447a", "#2aa5a0")
FONT = "Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


def styled(figure: Figure, *, height: int, **layout: Any) -> Figure:
    """`figure` in the style of the pages."""
    figure.update_layout(
        template="simple_white",
        height=height,
        font={"family": FONT, "size": 14, "color": INK},
        margin={"l": 70, "r": 24, "t": 56, "b": 56},
        hoverlabel={"font": {"family": FONT}, "align": "left"},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "right", "x": 1},
    )
    figure.update_layout(**layout)
    return figure


def words(name: str) -> str:
    """A feature's or measure's name as people read it; safe in a figure, which takes tags in its texts for real."""
    return escape(name.replace("_", " "))


def with_unit(name: str, unit: str) -> str:
    return f"{words(name)} [{escape(unit)}]" if unit else words(name)
