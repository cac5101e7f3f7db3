"""Pictures of the results, as SVG text that needs nothing else."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from antiphon_entrain_neural.evaluation.attention import AttentionMap
from antiphon_entrain_neural.evaluation.evaluate import Evaluation
from antiphon_entrain_neural.evaluation.metrics import POOLED

MODEL, OTHER, TRAINING = "#d1603d", "#1b6ca8", "#8a949b"


def learning_curves(epochs: Sequence[Mapping[str, float]]) -> str:
    """Losses by epoch, and the best one."""
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    axes = figure.add_subplot()
    lines = (
        ("training_loss", "training", TRAINING),
        ("validation_loss", "validation, free-running", MODEL),
        ("validation_loss_teacher_forced", "validation, teacher-forced", OTHER),
    )
    numbers = [row["epoch"] for row in epochs]
    for name, label, colour in lines:
        axes.plot(numbers, [row.get(name, np.nan) for row in epochs], color=colour, label=label)
    best = min(epochs, key=lambda row: row.get("validation_loss", np.inf))
    axes.axvline(best["epoch"], color=MODEL, linewidth=0.8, linestyle=":")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.legend(frameon=False)
    return svg(figure)


def errors_by_feature(evaluation: Evaluation) -> str:
    """Free-running smooth L1 with intervals, a panel a feature, a row a predictor."""
    features = (POOLED, *evaluation.features) if len(evaluation.features) > 1 else evaluation.features
    columns = min(len(features), 4)
    rows = -(-len(features) // columns)
    names = evaluation.predictors
    figure = Figure(figsize=(3.2 * columns + 2.4, (0.24 * len(names) + 0.9) * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for panel, feature in zip(panels, features, strict=False):
        for row, name in enumerate(names):
            score = evaluation.find(name, "smooth L1", feature=feature)
            if score.value is None:
                continue
            colour = MODEL if name == evaluation.model else OTHER
            low, high = (score.value if end is None else end for end in (score.low, score.high))
            panel.plot([low, high], [row, row], color=colour, linewidth=2)
            panel.plot(score.value, row, "o", color=colour, markersize=4)
        panel.set_title(feature.replace("_", " "), fontsize=10)
        panel.grid(axis="x", linewidth=0.4)
        panel.set_yticks(range(len(names)), names, fontsize=8)
    panels[0].invert_yaxis()
    for panel in panels[len(features) :]:
        panel.set_visible(False)
    return svg(figure)


def by_position(evaluation: Evaluation, rivals: Sequence[str]) -> str:
    """Free-running smooth L1 by position in the conversation, of the model and some rivals."""
    slices = [s for s in evaluation.slices if s.startswith("position")]
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes = figure.add_subplot()
    for name in (*rivals, evaluation.model):
        values = [evaluation.find(name, "smooth L1", slice=s).value for s in slices]
        known = [np.nan if value is None else value for value in values]
        if name == evaluation.model:
            axes.plot(known, "o-", label=name, color=MODEL, linewidth=2.4)
        else:
            axes.plot(known, "o-", label=name, linewidth=1, markersize=3)
    axes.set_xticks(range(len(slices)), [s.removeprefix("position ") for s in slices])
    axes.set_xlabel("position among our turns")
    axes.set_ylabel("smooth L1")
    axes.legend(frameon=False, fontsize=8)
    return svg(figure)


def attention(map_: AttentionMap) -> str:
    """Weights of earlier turns (columns) in predicting ours (rows)."""
    turns = map_.weights.shape[1]
    figure = Figure(
        figsize=(min(9.0, 2.5 + 0.12 * turns), min(6.0, 1.4 + 0.12 * len(map_.asked))), layout="constrained"
    )
    axes = figure.add_subplot()
    image = axes.imshow(map_.weights, aspect="auto", cmap="Blues", interpolation="nearest", vmin=0)
    shown = range(0, len(map_.asked), max(1, len(map_.asked) // 12))
    axes.set_yticks(list(shown), [str(map_.asked[row]) for row in shown])
    axes.set_xlabel("turn attended to")
    axes.set_ylabel("our turn predicted")
    figure.colorbar(image, ax=axes, label="weight")
    return svg(figure)


def svg(figure: Any) -> str:
    """The drawing alone, without what stands before it in a file."""
    FigureCanvasSVG(figure)
    text = io.StringIO()
    with rc_context({"svg.hashsalt": "antiphon", "svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    whole = text.getvalue()
    return whole[whole.index("<svg") :]
