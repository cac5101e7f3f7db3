"""Fills the templates: pages that need no network, with the plotting library embedded once."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import jinja2
import plotly.io
from markupsafe import Markup
from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs

CONFIG = {"responsive": True, "displaylogo": False, "toImageButtonOptions": {"format": "svg"}}
TEMPLATES = files("antiphon_measure_entrainment.report").joinpath("templates")


def render(template: str, **values: Any) -> str:
    """A page; everything that is put in is escaped, but for `drawn` figures."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(template).render(plotly_js=Markup(get_plotlyjs()), **values)


def drawn(figure: Figure, name: str) -> Markup:
    """A figure for a page; `name` is its id there, and what its pictures are called when they are saved."""
    config = {**CONFIG, "toImageButtonOptions": {**CONFIG["toImageButtonOptions"], "filename": name}}  # type: ignore[dict-item]
    html = plotly.io.to_html(
        figure,
        include_plotlyjs=False,
        full_html=False,
        div_id=name,
        config=config,
        default_height=f"{figure.layout.height}px",
    )
    return Markup(html)


def _template(name: str) -> str:
    return TEMPLATES.joinpath(name).read_text("utf-8")
