"""Strategies that take a share of what the user did, from ``matching`` to ``lubold-pitch-shift``."""

from __future__ import annotations

from antiphon.builtin.strategies.follower import Formula, FormulaStrategy, Heard, scaled
from antiphon.builtin.strategies.frame import Frame
from antiphon.builtin.strategies.options import (
    GlobalOptions,
    LevitanOptions,
    LuboldOptions,
    MatchingOptions,
    PartialOptions,
    ScheduleOptions,
)
from antiphon.features import PITCH_MEAN
from antiphon.normalization import Moments


class Matching(FormulaStrategy[MatchingOptions]):
    """y = u: the user's last turn, on whatever scale it is observed."""

    def make_frame(self) -> Frame:
        return Frame.of(self.setup, octave_rule=True) if self.options.octave_rule else Frame.as_it_is(self.setup)

    def formula(self, seed: int) -> Formula:
        return lambda heard: heard.user


class Partial(FormulaStrategy[PartialOptions]):
    """y = λu."""

    def make_frame(self) -> Frame:
        return Frame.of(self.setup, octave_rule=self.options.octave_rule)

    def formula(self, seed: int) -> Formula:
        return lambda heard: scaled(self.options.ratio, heard.user)


class ConvergenceSchedule(FormulaStrategy[ScheduleOptions]):
    """y = λ_t u, with a ratio that grows with the exchanges."""

    def formula(self, seed: int) -> Formula:
        return lambda heard: scaled(self.options.ratio(heard.turn), heard.user)


class GlobalConvergence(FormulaStrategy[GlobalOptions]):
    """y = λ times the mean of all the user's turns so far."""

    def formula(self, seed: int) -> Formula:
        means: dict[str, Moments] = {}

        def target(heard: Heard) -> dict[str, float]:
            for name in heard.fresh:
                means[name] = means.get(name, Moments()).add(heard.user[name])
            return {name: self.options.ratio * moments.mean for name, moments in means.items()}

        return target


class Levitan2016(FormulaStrategy[LevitanOptions]):
    """y = u for a few features, no further from the voice's mean than a bound."""

    def formula(self, seed: int) -> Formula:
        bounds = {name: self.options.bound * self.frame.sd(name) for name in self.options.features}
        return lambda heard: {
            name: min(max(heard.user[name], -bound), bound) for name, bound in bounds.items() if name in heard.user
        }


class LuboldPitchShift(FormulaStrategy[LuboldOptions]):
    """Shifts the voice's contour by the distance, in semitones, from its mean pitch to the user's."""

    def make_frame(self) -> Frame:
        return Frame.of(self.setup, octave_rule=self.options.octave_rule)

    def formula(self, seed: int) -> Formula:
        pitch = PITCH_MEAN.name
        return lambda heard: {pitch: self.options.ratio * heard.user[pitch]} if pitch in heard.user else {}
