"""The profile's feature extractors and user-side transforms, run in order on one speaker's utterances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from antiphon.engine.stage import StageFailed, StageSession
from antiphon.features import Measurement, Measurements, missing
from antiphon.payloads import Utterance, VoiceCard
from antiphon.profile import FeatureFlow


class Measuring:
    """Measures the turns of one speaker.

    Extractors up to the first that reads words are *early*: they need only the audio, and can run while the
    recogniser is still at work, or while the user may still go on.
    """

    def __init__(self, extractors: Sequence[StageSession], transforms: Sequence[StageSession]) -> None:
        needs_words = ["words" in e.stage.config.selection.provider.capabilities for e in extractors]
        first = needs_words.index(True) if True in needs_words else len(extractors)
        self._early = extractors[:first]
        self._late = extractors[first:]
        self._transforms = transforms

    async def early(self, utterance: Utterance) -> Measurements:
        """What needs no words."""
        return await _extract(self._early, utterance, {})

    async def late(self, utterance: Utterance, early: Measurements) -> Measurements:
        """Everything, given what `early` measured."""
        return await _extract(self._late, utterance, early)

    async def whole(self, utterance: Utterance) -> Measurements:
        """Everything at once."""
        return await self.late(utterance, await self.early(utterance))

    def take_latencies(self) -> dict[str, float]:
        """Milliseconds of work by extractor since they were last taken."""
        return {stage.stage.name: taken for stage in (*self._early, *self._late) if (taken := stage.take_latency())}

    async def transform(self, features: Measurements) -> Measurements:
        """The features behind the user-side transforms."""
        return await apply_transforms(self._transforms, features)


async def apply_transforms(transforms: Sequence[StageSession], features: Measurements) -> Measurements:
    """Run transforms in order; one that fails and may be skipped leaves the features as they were."""
    for transform in transforms:
        features = await call_or(transform, "apply", features, otherwise=features)
    return features


async def call_or(stage: StageSession, method: str, *args: Any, otherwise: Any) -> Any:
    """Call a method; where it fails, ask the fallback the same, or return `otherwise` where the policy is to skip."""
    try:
        return await stage.call(method, *args)
    except StageFailed as failed:
        if failed.fallback is None:
            return otherwise
        return await stage.ask_fallback(failed.fallback, method, *args)


async def _extract(extractors: Sequence[StageSession], utterance: Utterance, known: Measurements) -> Measurements:
    measured: dict[str, Measurement] = dict(known)
    for extractor in extractors:
        config = extractor.stage.config.selection
        names = [spec.name for spec in config.provider.writes_with(config.options)]
        absent = missing(names, f"{config.name} failed")
        measured.update(await call_or(extractor, "extract", utterance, measured, otherwise=absent))
    return measured


def on_voice_scale(features: Measurements, flow: FeatureFlow, voice: VoiceCard) -> Measurements:
    """The agent's own features on the scale that strategies see: z by the voice's own statistics.

    Args:
        features: behind the user-side transforms, each once on its scale.
    """
    scaled: dict[str, Measurement] = {}
    for name, spec in flow.normalised.items():
        measurement = features.get(name, Measurement(None, "not measured"))
        control = voice.control(name)
        before = flow.transformed[name].scale if name in flow.transformed else "raw"
        if measurement.value is None or spec.scale == before:
            scaled[name] = measurement
        elif spec.scale != "z" or control is None:
            scaled[name] = Measurement(None, "the voice has no statistics of it")
        else:
            raw = measurement.value if before == "raw" else control.feature.from_log(measurement.value)
            scaled[name] = Measurement(control.to_z(raw))
    return scaled
