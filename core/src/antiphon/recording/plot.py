"""A picture of a dialogue: both speakers' prosody over the turns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from antiphon.errors import AntiphonError
from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, RATE, FeatureSpec
from antiphon.payloads import Speaker
from antiphon.recording.records import TurnRecord

PANELS: tuple[FeatureSpec, ...] = (PITCH_MEAN, INTENSITY_MEAN, RATE)
COLOURS: dict[Speaker, str] = {"user": "#1b6ca8", "agent": "#d1603d"}


def plot_turns(turns: Sequence[TurnRecord], destination: Path) -> None:
    """Pitch, intensity and rate over the turns, as PNG; with what the agent's voice was told.

    Raises:
        AntiphonError: matplotlib is not installed.
    """
    try:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise AntiphonError("plots need matplotlib: pip install 'antiphon[plot]'") from error
    figure, axes = plt.subplots(len(PANELS), 1, figsize=(8, 7), sharex=True, constrained_layout=True)
    for axis, spec in zip(axes, PANELS, strict=True):
        for speaker in ("user", "agent"):
            _draw(axis, turns, spec.name, speaker)
        axis.set_ylabel(f"{spec.name.replace('_', ' ')} [{spec.unit}]")
        axis.grid(alpha=0.3)
    axes[0].legend(loc="best", frameon=False)
    axes[-1].set_xlabel("turn")
    axes[-1].xaxis.get_major_locator().set_params(integer=True)
    figure.savefig(destination, dpi=120)
    plt.close(figure)


def _draw(axis: Any, turns: Sequence[TurnRecord], name: str, speaker: Speaker) -> None:
    mine = [turn for turn in turns if turn.speaker == speaker]
    measured = [(t.turn, m.value) for t in mine if (m := t.features.get(name)) is not None and m.value is not None]
    told = [(turn.turn, turn.controls[name]) for turn in mine if name in turn.controls]
    label = "agent, heard" if speaker == "agent" else "user"
    axis.plot(*zip(*measured, strict=True), "o-", color=COLOURS[speaker], label=label) if measured else None
    if told:
        axis.plot(*zip(*told, strict=True), "x", color="black", label="agent, told")
