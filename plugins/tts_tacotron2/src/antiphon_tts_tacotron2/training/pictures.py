"""Pictures of what a model does: mel spectrogram and alignment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from antiphon.errors import PluginBroken
from numpy.typing import NDArray


def draw_speech(
    path: Path, title: str, mel: NDArray[np.float32], alignment: NDArray[np.float32], true: NDArray[np.float32]
) -> None:
    """Write a PNG file of the recording's mel spectrogram, the model's, and its alignment.

    Raises:
        PluginBroken: matplotlib is not installed.
    """
    figure_class: Any
    try:
        from matplotlib.figure import Figure as figure_class
    except ImportError as error:
        raise PluginBroken(f"pictures need matplotlib ({error}); pip install matplotlib") from error
    figure = figure_class(figsize=(8, 8), layout="constrained")
    axes = figure.subplots(3, 1)
    for axis, image, name in (
        (axes[0], true.T, "recording: mel band by frame"),
        (axes[1], mel.T, "model: mel band by frame"),
        (axes[2], alignment.T, "attention: symbol by step"),
    ):
        axis.imshow(image, origin="lower", aspect="auto", interpolation="none")
        axis.set_title(name, fontsize=9)
    figure.suptitle(title, fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
