"""What all strategies that follow the user share: what is known of the user when a turn lacks a feature.

The rule for missing features is here and nowhere else: a turn that lacks a feature brings no new evidence of it, so the
last known value of this session holds. Before the first known value the feature is not asked for, and the voice keeps
its own default.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeVar

from attrs import field, frozen

from antiphon.builtin.strategies.frame import Frame
from antiphon.payloads import Observation, Reply, Target
from antiphon.stages import Component, Setup

OptionsT = TypeVar("OptionsT")
Deviations = Mapping[str, float]


@frozen
class Heard:
    """What is known of the user when a reply is about to be spoken, in deviations from the agent's default.

    Attributes:
        turn: number of the exchange, from 0.
        user: last known value of every feature that was ever measured in this session.
        fresh: those of them that were measured in this turn.
    """

    turn: int = 0
    user: Deviations = field(factory=dict)
    fresh: frozenset[str] = frozenset()


Formula = Callable[[Heard], Deviations]
"""A strategy's arithmetic, called once a turn; it holds the state of one session, if any."""


class Follower:
    """A session of a strategy that is a formula. A turn of several utterances counts as their mean, by duration."""

    def __init__(self, frame: Frame, formula: Formula) -> None:
        self._frame = frame
        self._formula = formula
        self._turn = 0
        self._user: dict[str, float] = {}
        self._heard_s: dict[str, float] = {}  # of this turn, by feature

    def observe(self, observation: Observation) -> None:
        self._turn = observation.turn
        for name, deviation in self._frame.deviations(observation.normalised).items():
            before, now = self._heard_s.get(name, 0.0), observation.duration_s
            share = now / (before + now) if before + now > 0 else 1.0
            known = self._user.get(name, deviation) if before else deviation
            self._user[name] = known + share * (deviation - known)
            self._heard_s[name] = before + now

    def propose(self, reply: Reply) -> Target:
        heard = Heard(self._turn, dict(self._user), frozenset(self._heard_s))
        self._heard_s.clear()
        return Target(self._frame.values(self._formula(heard)))

    def realised(self, observation: Observation) -> None:
        """Most formulas look at the user alone."""


class FormulaStrategy(Component[OptionsT]):
    """A strategy that is a formula over deviations."""

    def __init__(self, options: OptionsT, setup: Setup) -> None:
        super().__init__(options, setup)
        self.frame = self.make_frame()

    def make_frame(self) -> Frame:
        """The frame in which deviations are taken."""
        return Frame.of(self.setup)

    @abstractmethod
    def formula(self, seed: int) -> Formula:
        """The formula of one session."""

    def session(self, seed: int) -> Follower:
        return Follower(self.frame, self.formula(seed))


def scaled(factor: float, deviations: Deviations) -> dict[str, float]:
    """All deviations times a factor."""
    return {name: factor * deviation for name, deviation in deviations.items()}
