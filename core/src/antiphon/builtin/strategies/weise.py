"""``weise``: the entrainer of Andreas Weise's dialogue system (github.com/andreas-weise/cuny-gc-entrainment).

The target mixes the voice's default, the user's last turn, and whatever brings the average of all the agent's turns to
the average of the user's first turns. What the voice really did is registered, so that the average is of that.
"""

from __future__ import annotations

from antiphon.builtin.strategies.follower import Deviations, Follower, FormulaStrategy, Heard
from antiphon.builtin.strategies.frame import Frame
from antiphon.builtin.strategies.options import WeiseOptions
from antiphon.payloads import Observation


class Weise(FormulaStrategy[WeiseOptions]):
    """Y = w_D D + w_L U_t + w_G (n Ū - Σ Y), where Ū is of the user's first k turns and Σ of the agent's past ones."""

    def formula(self, seed: int) -> Mixture:
        return Mixture(self.options)

    def session(self, seed: int) -> WeiseSession:
        return WeiseSession(self.frame, self.formula(seed))


class WeiseSession(Follower):
    """A follower that also tells its formula what the voice did."""

    def __init__(self, frame: Frame, formula: Mixture) -> None:
        super().__init__(frame, formula)
        self._mixture = formula

    def realised(self, observation: Observation) -> None:
        self._mixture.register(self._frame.deviations(observation.normalised), observation.duration_s)


class Mixture:
    """The formula in deviations from the default, so without the term of the default: y = w_L u + w_G (n ū - Σ y)."""

    def __init__(self, options: WeiseOptions) -> None:
        self._options = options
        self._global = max(options.global_weight, 0.0)
        self._local = max(options.local_weight, 0.0)
        self._lines: dict[str, Line] = {}

    def __call__(self, heard: Heard) -> Deviations:
        # Both weights are divided by the same sum; only their unscaled values go on growing.
        total = max(self._global + self._local, 1.0)
        target = {}
        for name, user in heard.user.items():
            line = self._lines.setdefault(name, Line(self._options.first_turns))
            target[name] = line.propose(user, self._global / total, self._local / total)
        self._global = max(self._global + self._options.global_step, 0.0)
        self._local = max(self._local + self._options.local_step, 0.0)
        return target

    def register(self, realised: Deviations, duration_s: float) -> None:
        """What the voice did in its last turn, or in one more utterance of it."""
        for name, deviation in realised.items():
            if name in self._lines:
                self._lines[name].register(deviation, duration_s)


class Line:
    """One feature of both speakers over the turns."""

    def __init__(self, first_turns: int) -> None:
        self._first_turns = first_turns
        self._user_turns = 0
        self._user_mean = 0.0  # of the first turns
        self._earlier_outputs = 0.0
        self._output = 0.0
        self._output_s: float | None = None  # None: the output is only what was asked for

    def propose(self, user: float, global_weight: float, local_weight: float) -> float:
        self._user_turns += 1
        if self._user_turns <= self._first_turns:
            self._user_mean += (user - self._user_mean) / self._user_turns
        self._earlier_outputs += self._output
        due = self._user_turns * self._user_mean - self._earlier_outputs
        self._output, self._output_s = local_weight * user + global_weight * due, None
        return self._output

    def register(self, output: float, duration_s: float) -> None:
        if self._output_s is None:
            self._output, self._output_s = output, duration_s
            return
        total = self._output_s + duration_s
        share = duration_s / total if total > 0 else 1.0
        self._output, self._output_s = self._output + share * (output - self._output), total
