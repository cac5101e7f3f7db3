"""``neutral``: the voice does not react."""

from __future__ import annotations

from antiphon.options import NoOptions
from antiphon.payloads import Observation, Reply, Target
from antiphon.stages import Component


class Neutral(Component[NoOptions]):
    """Asks for 0 on the z scale, and for nothing of raw features: the voice keeps its default."""

    def session(self, seed: int) -> NeutralSession:
        return NeutralSession({name: 0.0 for name, spec in self.setup.specs.items() if spec.scale == "z"})


class NeutralSession:
    """One conversation."""

    def __init__(self, target: dict[str, float]) -> None:
        self._target = target

    def observe(self, observation: Observation) -> None:
        """Nothing of it matters."""

    def propose(self, reply: Reply) -> Target:
        return Target(dict(self._target))

    def realised(self, observation: Observation) -> None:
        """Nothing of it matters."""
