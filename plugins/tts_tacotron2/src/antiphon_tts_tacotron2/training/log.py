"""The training's log: a CSV file that grows by a row, and TensorBoard's events where it is installed."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Log:
    """Rows of numbers in ``<name>.csv``.

    Rows behind the step at which a training goes on are dropped, so that no step is there twice.
    """

    def __init__(self, folder: Path, name: str, from_step: int) -> None:
        self._path = folder / f"{name}.csv"
        self._name = name
        self._columns: list[str] = []
        self._board = _tensorboard(folder / "tensorboard", from_step)
        if self._path.exists():
            with self._path.open(newline="", encoding="utf-8") as file:
                rows = [row for row in csv.DictReader(file) if None not in row.values()]
            kept = [row for row in rows if (row.get("step") or "").isdigit() and int(row["step"]) <= from_step]
            self._columns = list(rows[0]) if rows else []
            if self._columns:
                with self._path.open("w", newline="", encoding="utf-8") as file:
                    writer = csv.DictWriter(file, self._columns)
                    writer.writeheader()
                    writer.writerows(kept)

    def write(self, step: int, minutes: float, numbers: Mapping[str, float]) -> None:
        """Add a row; all rows have the columns of the first one."""
        row = {"step": str(step), "minutes": f"{minutes:.2f}"} | {
            name: f"{value:.6g}" for name, value in numbers.items()
        }
        with self._path.open("a", newline="", encoding="utf-8") as file:
            if not self._columns:
                self._columns = list(row)
                csv.writer(file).writerow(self._columns)
            csv.DictWriter(file, self._columns, restval="", extrasaction="ignore").writerow(row)
        if self._board is not None:
            for name, value in numbers.items():
                self._board.add_scalar(f"{self._name}/{name}", value, step)


def _tensorboard(folder: Path, from_step: int) -> Any:
    """A writer of TensorBoard's events, or None where it is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=from_step)
