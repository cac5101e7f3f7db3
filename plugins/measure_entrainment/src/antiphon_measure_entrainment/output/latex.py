r"""Effects as LaTeX tables in the style of booktabs, by pandas' Styler; needs ``\usepackage{booktabs,longtable}``."""

from __future__ import annotations

from typing import Any

import pandas as pd

PREAMBLE = "% needs \\usepackage{booktabs,longtable}; bold: q at most 0.05\n"
SIGNIFICANT = 0.05


def effects_table(effects: pd.DataFrame) -> str:
    """The tidy table as a ``longtable``; what is not computable is left out, and counted in the caption."""
    kept = effects[effects["estimate"].notna()]
    several = "group" in effects.columns
    table = pd.DataFrame(
        {
            **({"Group": kept["group"]} if several else {}),
            "Measure": kept["measure"].map(_words),
            "Feature": kept["feature"].map(_words),
            "Estimate": kept["estimate"].map(_number),
            "95 % interval": _intervals(kept),
            "Effect size": kept["effect_size"].map(_number),
            "$p$": kept["p"].map(_probability),
            "$q$": kept["q"].map(_probability),
            "$n$": kept["n"].astype(str),
        }
    )
    lacking = len(effects) - len(kept)
    caption = "Entrainment; $q$ by Benjamini and Hochberg over all rows."
    if lacking:
        caption += f" {lacking} effects were not computable."
    return PREAMBLE + _booktabs(
        table, (kept["q"] <= SIGNIFICANT).to_numpy(), caption, "tab:entrainment", text=2 + several
    )


def check_table(check: pd.DataFrame) -> str:
    """`manipulation_check` as a ``longtable``."""
    kept = check[check["slope"].notna()]
    table = pd.DataFrame(
        {
            "Strategy": kept["strategy"],
            "Feature": kept["feature"].map(_words),
            "On": kept["on"],
            "Slope": kept["slope"].map(_number),
            "95 % interval": _intervals(kept),
            "Promised": kept["promised"].map(_number),
            "$p$ of promised": kept["p_promised"].map(_probability),
            "$n$": kept["n"].astype(str),
        }
    )
    caption = "Manipulation check: slopes of the agent's realised feature on the requested one and on the user's."
    return _booktabs(table, None, caption, "tab:manipulation", text=3)


def _booktabs(table: pd.DataFrame, bold: Any, caption: str, label: str, *, text: int) -> str:
    """The first `text` columns are words, which are escaped; the others are set already."""
    styler = table.reset_index(drop=True).style.hide(axis="index")
    styler = styler.format(escape="latex", subset=list(table.columns[:text])).format_index(escape="latex-math", axis=1)
    if bold is not None:
        styler = styler.apply(lambda row: ["bfseries:" if bold[row.name] else ""] * len(row), axis=1)
    columns = "l" * text + "r" * (len(table.columns) - text)
    latex: str = styler.to_latex(
        hrules=True, environment="longtable", column_format=columns, caption=caption, label=label
    )
    return latex


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(value: Any) -> str:
    return "" if pd.isna(value) else f"${value:.3f}$"


def _probability(value: Any) -> str:
    return "" if pd.isna(value) else ("$<0.001$" if value < 0.001 else f"${value:.3f}$")


def _intervals(rows: pd.DataFrame) -> list[str]:
    return [
        "" if pd.isna(low) or pd.isna(high) else f"$[{low:.3f}, {high:.3f}]$"
        for low, high in zip(rows["low"], rows["high"], strict=True)
    ]
