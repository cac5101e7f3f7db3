"""Control conditions, ``sham`` and ``random``: targets that vary like those of entrainment, but not with this user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from antiphon.builtin.strategies.follower import Deviations, Formula, FormulaStrategy, Heard, scaled
from antiphon.builtin.strategies.options import RandomOptions, ShamOptions
from antiphon.errors import RecordingError
from antiphon.recording.reader import read_recording
from antiphon.stages import Setup

Turns = Mapping[int, Deviations]
"""The deviations of a user, by number of the exchange."""


class Sham(FormulaStrategy[ShamOptions]):
    """y = λ times what the user of another conversation did in the same turn; past its end the last value holds."""

    def __init__(self, options: ShamOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self._others = [self._read(folder) for folder in options.sessions]

    def _read(self, folder: Path) -> Turns:
        turns: dict[int, Deviations] = {}
        held: Deviations = {}
        for record in read_recording(folder).turns:
            if record.speaker == "user":
                turns[record.turn] = held = {**held, **self.frame.deviations(record.normalised)}
        if not held:
            raise RecordingError(f"{folder} cannot be used for sham: no turn of its user has normalised features")
        return turns

    def formula(self, seed: int) -> Formula:
        other = Random(seed).choice(self._others)

        def target(heard: Heard) -> Deviations:
            past = [turn for turn in other if turn <= heard.turn]
            return scaled(self.options.ratio, other[max(past)]) if past else {}

        return target


class RandomTarget(FormulaStrategy[RandomOptions]):
    """y drawn from N(0, sd), or λ times a randomly drawn earlier turn of this user."""

    def formula(self, seed: int) -> Formula:
        random = Random(seed)
        return self._permuted(random) if self.options.kind == "permuted" else self._gaussian(random)

    def _gaussian(self, random: Random) -> Formula:
        def target(heard: Heard) -> Deviations:
            features: Sequence[str] = self.frame.features or sorted(heard.user)
            return {name: random.gauss(0.0, self.options.sd * self.frame.sd(name)) for name in features}

        return target

    def _permuted(self, random: Random) -> Formula:
        past: list[Deviations] = []

        def target(heard: Heard) -> Deviations:
            drawn = random.choice(past) if past else dict.fromkeys(heard.user, 0.0)
            past.append(heard.user)
            return scaled(self.options.ratio, drawn)

        return target
