"""The normaliser ``causal``: `antiphon.normalization.CausalNormalizer` as a stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from antiphon.builtin.normalizers.options import CausalOptions
from antiphon.features import FeatureSpec, Measurement, Measurements, present
from antiphon.normalization import CausalNormalizer, Moments, Prior
from antiphon.recording.reader import read_recording
from antiphon.stages import Component, Setup


class Causal(Component[CausalOptions]):
    """Reads the prior, and the earlier sessions of a known user, once."""

    def __init__(self, options: CausalOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self._inputs = options.accepted(setup.specs)
        self._prior = Prior.load(options.prior)
        self._earlier = earlier_turns(options.warm_start, self._inputs)

    def session(self, seed: int) -> CausalSession:
        return CausalSession(
            CausalNormalizer(self._prior, self._inputs, memory_turns=self.options.memory_turns, earlier=self._earlier)
        )


class CausalSession:
    """One conversation."""

    def __init__(self, normalizer: CausalNormalizer) -> None:
        self.normalizer = normalizer

    def normalize(self, features: Measurements) -> dict[str, Measurement]:
        return self.normalizer.step(features)


def earlier_turns(folders: Iterable[Path], inputs: Mapping[str, FeatureSpec]) -> dict[str, Moments]:
    """Moments, in the log domain, of the user's raw features in recorded sessions.

    Raises:
        RecordingError: a folder is no session folder.
    """
    moments = dict.fromkeys(inputs, Moments())
    for folder in folders:
        turns = [present(turn.features) for turn in read_recording(folder).turns if turn.speaker == "user"]
        for name, spec in inputs.items():
            session = Moments.of(spec.to_log(turn[name]) for turn in turns if name in turn)
            moments[name] = moments[name].merge(session)
    return moments
