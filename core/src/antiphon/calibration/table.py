"""A calibration: what a voice's settings do to its measured prosody, and the inverse of that.

A synthesizer has settings of its own (a pitch of 0 to 99, words per minute, ...), while a voice is controlled in
physical units. Each setting is an **axis** that drives one feature, but moves the others a little too: a wider pitch
range raises the mean, a faster voice is softer. So the measured means of all features lie on a grid over all axes, and
they are inverted together.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path

import cattrs
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from antiphon.errors import ModelError
from antiphon.features import PROSODY, FeatureSpec
from antiphon.payloads import Control, VoiceCard

SCHEMA = 1
SPECS: Mapping[str, FeatureSpec] = {spec.name: spec for spec in PROSODY}

_MAX_ROUNDS = 25
_MISS = 0.1  # standard deviations
_TOLERANCE = 1e-3  # of an axis' length: less than a setting resolves


@frozen
class Axis:
    """A setting of a synthesizer.

    Attributes:
        setting: its name in the synthesizer.
        feature: the feature that it drives, and that grows with it.
        natural: its value in the voice's natural speech.
        points: where it was measured, increasing.
        exact: the feature grows by just as much as the setting (a gain in dB), and moves nothing else.
    """

    setting: str
    feature: str
    natural: float
    points: tuple[float, ...]
    exact: bool = False


@frozen
class Calibration:
    """What was measured of one voice.

    Attributes:
        voice: its name in the synthesizer.
        synthesizer: what spoke, with its version.
        sample_rate: Hz.
        axes: the settings.
        sd: per feature, one standard deviation of natural speech in the log domain: what z = 1 means.
        means: per feature, its mean in the log domain at every point of the grid, row-major over the axes.
        schema: version of this layout.
    """

    voice: str
    synthesizer: str
    sample_rate: int
    axes: tuple[Axis, ...]
    sd: Mapping[str, float]
    means: Mapping[str, tuple[float, ...]]
    schema: int = SCHEMA
    _grids: tuple[NDArray[np.float64], ...] = field(init=False, eq=False, repr=False, default=())

    def __attrs_post_init__(self) -> None:
        size = int(np.prod([len(axis.points) for axis in self.axes]))
        for axis in self.axes:
            if axis.feature not in SPECS or not self.sd.get(axis.feature, 0) > 0:
                raise ModelError(f"{self.voice}: the setting {axis.setting} drives {axis.feature}, which has no scale")
            if len(axis.points) < 2 or not (np.diff(axis.points) > 0).all():
                raise ModelError(f"{self.voice}: the points of {axis.setting} must be two or more, increasing")
            if not axis.points[0] <= axis.natural <= axis.points[-1]:
                raise ModelError(f"{self.voice}: the natural {axis.setting} lies outside of its points")
            values = self.means.get(axis.feature, ())
            if len(values) != size or not np.isfinite(values).all():
                raise ModelError(f"{self.voice}: {axis.feature} must have {size} finite means")
        shape = [len(axis.points) for axis in self.axes]
        grids = (np.reshape(self.means[axis.feature], shape) for axis in self.axes)
        object.__setattr__(self, "_grids", tuple(np.moveaxis(grid, i, -1) for i, grid in enumerate(grids)))

    @property
    def natural(self) -> dict[str, float]:
        """The settings of the voice's natural speech."""
        return {axis.setting: axis.natural for axis in self.axes}

    def predict(self, settings: Mapping[str, float]) -> dict[str, float]:
        """The mean raw value of each feature at these settings; settings that are absent are natural."""
        at = self.natural | dict(settings)
        return {
            axis.feature: SPECS[axis.feature].from_log(
                float(np.interp(at[axis.setting], axis.points, self._along(index, at)))
            )
            for index, axis in enumerate(self.axes)
        }

    def settings(self, controls: Mapping[str, float]) -> dict[str, float]:
        """The settings at which the features have these raw values, or the nearest to them that the voice can do.

        A feature that is not asked for keeps its natural value.
        """
        at = self.natural
        targets = self.predict(at) | dict(controls)
        for _ in range(_MAX_ROUNDS):
            moved = 0.0
            for index, axis in enumerate(self.axes):
                target = SPECS[axis.feature].to_log(targets[axis.feature])
                value = float(np.interp(target, self._along(index, at), axis.points))
                moved = max(moved, abs(value - at[axis.setting]) / (axis.points[-1] - axis.points[0]))
                at[axis.setting] = value
            if moved < _TOLERANCE:
                break
        return at

    def out_of_reach(self, controls: Mapping[str, float], settings: Mapping[str, float]) -> dict[str, float]:
        """Of the features asked for, those that these settings miss by over a tenth of a deviation, as they will be."""
        reached = self.predict(settings)
        return {
            name: reached[name]
            for name, asked in controls.items()
            if name in reached
            and abs(SPECS[name].to_log(reached[name]) - SPECS[name].to_log(asked)) > _MISS * self.sd[name]
        }

    def card(self) -> VoiceCard:
        """What the engine is told of the voice: each feature's limits hold while the others are natural."""
        natural = self.predict({})
        controls = []
        for index, axis in enumerate(self.axes):
            spec, curve = SPECS[axis.feature], self._along(index, self.natural)
            low, high = spec.from_log(float(curve[0])), spec.from_log(float(curve[-1]))
            controls.append(Control(spec, spec.to_log(natural[axis.feature]), self.sd[axis.feature], low, high))
        return VoiceCard(self.voice, self.sample_rate, tuple(controls))

    def _along(self, index: int, at: Mapping[str, float]) -> NDArray[np.float64]:
        """The feature of an axis along that axis, all others being interpolated; never falling."""
        grid = self._grids[index]
        for axis in (axis for i, axis in enumerate(self.axes) if i != index):
            grid = _between(grid, axis.points, at[axis.setting])
        return np.maximum.accumulate(grid)

    def save(self, path: Path) -> None:
        """Write it as JSON, a grid a line."""
        table = cattrs.unstructure(self)
        lines = (f" {json.dumps(key)}: {json.dumps(value)}" for key, value in table.items() if key != "means")
        means = (f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in table["means"].items())
        text = ",\n".join(lines) + ',\n "means": {\n' + ",\n".join(means) + "\n }"
        path.write_text("{\n" + text + "\n}\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read it back.

        Raises:
            ModelError: the file cannot be read, or is not a calibration of this schema.
        """
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
            schema = table.get("schema") if isinstance(table, dict) else None
            if schema != SCHEMA:
                raise ModelError(f"{path}: a calibration of schema {schema}, not {SCHEMA}; calibrate the voice again")
            return cattrs.Converter(forbid_extra_keys=True).structure(table, cls)
        except (OSError, ValueError, cattrs.BaseValidationError) as error:
            raise ModelError(f"{path} is not a voice calibration: {error}") from error


def _between(grid: NDArray[np.float64], points: tuple[float, ...], value: float) -> NDArray[np.float64]:
    """Linear interpolation along the first dimension of `grid`."""
    below = min(max(bisect_right(points, value) - 1, 0), len(points) - 2)
    weight = min(max((value - points[below]) / (points[below + 1] - points[below]), 0.0), 1.0)
    between: NDArray[np.float64] = (1 - weight) * grid[below] + weight * grid[below + 1]
    return between
