"""All stages of a profile: open in this process, and one session's use of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from pathlib import Path

from attrs import evolve, field, frozen

from antiphon.engine.stage import OnEvent, Stage, StageSession
from antiphon.features import FeatureSpec
from antiphon.payloads import VoiceCard
from antiphon.profile import Profile, StageConfig
from antiphon.stages import Setup

CLOSING_S = 0.5
"""How long the end of the engine waits for its components."""

logger = logging.getLogger(__name__)


@frozen
class Traits:
    """What the engine needs to know of the profile's source and sink."""

    live: bool
    realtime: bool
    device: bool


@frozen
class SessionStages:
    """One session's use of every stage. The agent's turns are measured by sessions of their own."""

    audio_in: StageSession
    endpoint: StageSession
    recognizer: StageSession
    normalizer: StageSession
    responder: StageSession
    strategy: StageSession
    synthesizer: StageSession
    audio_out: StageSession
    traits: Traits
    vocoder: StageSession | None = None
    user_features: tuple[StageSession, ...] = ()
    agent_features: tuple[StageSession, ...] = ()
    user_transforms: tuple[StageSession, ...] = ()
    agent_transforms: tuple[StageSession, ...] = ()
    target_transforms: tuple[StageSession, ...] = ()
    _timed: tuple[StageSession, ...] = field(default=(), alias="timed")

    def take_latencies(self) -> dict[str, float]:
        """Milliseconds of work by stage since they were last taken; those of the extractors are `Measuring`'s."""
        return {stage.stage.name: taken for stage in self._timed if (taken := stage.take_latency())}


class Pipeline:
    """The stages of a profile, open in this process; any number of sessions may use them at the same time."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.voice: VoiceCard = profile.synthesizer.selection.options.voice()
        setup = Setup(folder=Path(profile.path).parent, voice=self.voice)
        flow = profile.flow

        def stage(name: str, config: StageConfig, specs: Mapping[str, FeatureSpec] | None = None) -> Stage:
            return Stage(name, config, evolve(setup, specs=specs or {}))

        self._audio_in = stage("audio_in", profile.audio_in)
        self._endpoint = stage("endpoint", profile.endpoint)
        self._recognizer = stage("recognizer", profile.recognizer)
        self._features = tuple(stage(f"features.{i}", c, flow.extracted) for i, c in enumerate(profile.features))
        self._normalizer = stage("normalizer", profile.normalizer, flow.transformed)
        self._responder = stage("responder", profile.responder)
        self._strategy = stage("strategy", profile.strategy, flow.normalised)
        self._transforms = tuple(
            stage(f"transform.{i}", c, specs)
            for i, (c, specs) in enumerate(zip(profile.transform, flow.before_transform, strict=True))
        )
        self._synthesizer = stage("synthesizer", profile.synthesizer)
        self._vocoder = stage("vocoder", profile.vocoder) if profile.vocoder else None
        self._audio_out = stage("audio_out", profile.audio_out)
        self._all: tuple[Stage, ...] = (
            self._audio_in,
            self._endpoint,
            self._recognizer,
            *self._features,
            self._normalizer,
            self._responder,
            self._strategy,
            *self._transforms,
            self._synthesizer,
            *([self._vocoder] if self._vocoder else []),
            self._audio_out,
        )

    async def open(self) -> None:
        """Open all components, side by side.

        Raises:
            AntiphonError: one cannot be opened, and why; the others are closed.
        """
        results = await asyncio.gather(*(stage.open() for stage in self._all), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                self.close()
                raise result

    def close(self) -> None:
        """Close all components; worker processes get a moment to free what they share, but a call that hangs does not
        keep anybody waiting."""
        for stage in self._all:
            stage.close()
        until = time.monotonic() + CLOSING_S
        for stage in self._all:
            stage.join(max(0.0, until - time.monotonic()))

    async def session(self, key: str, seed: int, on_event: OnEvent) -> SessionStages:
        """Start a session in every stage."""

        async def start(stage: Stage, suffix: str = "") -> StageSession:
            return await stage.session(key + suffix, seed, on_event)

        transforms = list(zip(self._transforms, self.profile.transform, strict=True))
        on_user = [stage for stage, config in transforms if config.on == "user"]
        on_target = [stage for stage, config in transforms if config.on == "target"]
        features = [await start(stage) for stage in self._features]
        user_transforms = [await start(stage) for stage in on_user]
        target_transforms = [await start(stage) for stage in on_target]
        plain = {
            name: await start(getattr(self, f"_{name}"))
            for name in (
                "audio_in",
                "endpoint",
                "recognizer",
                "normalizer",
                "responder",
                "strategy",
                "synthesizer",
                "audio_out",
            )
        }
        order = ("normalizer", "responder", "strategy", "synthesizer")
        return SessionStages(
            **plain,
            vocoder=await start(self._vocoder) if self._vocoder else None,
            user_features=tuple(features),
            agent_features=tuple([await start(stage, "/agent") for stage in self._features]),
            user_transforms=tuple(user_transforms),
            agent_transforms=tuple([await start(stage, "/agent") for stage in on_user]),
            target_transforms=tuple(target_transforms),
            traits=_traits(self.profile),
            timed=(*user_transforms, *(plain[name] for name in order), *target_transforms),
        )

    async def end_session(self, key: str, wait_s: float) -> None:
        """Forget a session in every stage. One that cannot close it, or not in time, is logged and left alone."""
        agents = [stage.end_session(key + "/agent") for stage in (*self._features, *self._transforms)]
        closing = [asyncio.ensure_future(end) for end in (*(stage.end_session(key) for stage in self._all), *agents)]
        done, late = await asyncio.wait(closing, timeout=wait_s)
        for task in late:
            task.cancel()
        for error in [task.exception() for task in done] + [TimeoutError(f"not closed after {wait_s:g} s")] * len(late):
            if error is not None:
                logger.warning("a stage did not close its part of session %s: %s", key, error)


def _traits(profile: Profile) -> Traits:
    source = profile.audio_in.selection
    sink = profile.audio_out.selection
    live = bool(getattr(source.options, "live", False)) or "live" in source.provider.capabilities
    pace = getattr(source.options, "pace", "real" if live else "fast")
    return Traits(live=live, realtime=live and pace == "real", device="device" in sink.provider.capabilities)
