"""One conversation: listen, understand, answer, speak, remember."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from attrs import evolve

from antiphon.builtin.energy.endpointer import speech_span
from antiphon.builtin.transforms.limits import Limits
from antiphon.engine.listener import Heard, Listener
from antiphon.engine.measuring import Measuring, apply_transforms, call_or, on_voice_scale
from antiphon.engine.pipeline import SessionStages
from antiphon.engine.speaker import Said, Speaker
from antiphon.engine.stage import StageFailed
from antiphon.engine.user_track import UserTrack
from antiphon.errors import AntiphonError
from antiphon.features import Measurement, Measurements, missing, present
from antiphon.payloads import (
    Audio,
    Exchange,
    Observation,
    Reply,
    SpeechRequest,
    Target,
    Transcript,
    Typed,
    Utterance,
    VoiceCard,
)
from antiphon.payloads import (
    Speaker as Who,
)
from antiphon.profile import Profile
from antiphon.recording.recorder import Recorder
from antiphon.recording.records import TurnRecord

HEAD_START_S = 0.005
"""How long the voice is alone with the interpreter's lock before the user's turn is written down."""


class Dialogue:
    """Runs the turns of one session.

    Args:
        stages: this session's use of every stage.
        on_turn: takes every finished turn.
        on_event: takes everything else that happens, by kind.
    """

    def __init__(
        self,
        profile: Profile,
        voice: VoiceCard,
        stages: SessionStages,
        recorder: Recorder,
        on_turn: Callable[[TurnRecord], None],
        on_event: Callable[..., None],
    ) -> None:
        self._profile = profile
        self._voice = voice
        self._stages = stages
        self._recorder = recorder
        self._on_turn = on_turn
        self._on_event = on_event
        self._limits = Limits(profile.strategy.clip, profile.strategy.slew, profile.flow.normalised)
        self._user = Measuring(stages.user_features, stages.user_transforms)
        self._agent = Measuring(stages.agent_features, stages.agent_transforms)
        self._history: list[tuple[Who, str]] = []
        self._agent_turn: asyncio.Task[None] | None = None
        source = stages.traits
        self.track = UserTrack(stages.audio_in, recorder.user_audio, on_event, realtime=source.realtime)
        self._listener = Listener(stages.endpoint, stages.recognizer, self._user, on_event)
        self._speaker = Speaker(
            stages.synthesizer,
            stages.vocoder,
            stages.audio_out,
            self.track,
            self._listener,
            device=source.device,
            live=source.live,
            barge_in=profile.session.duplex == "barge-in",
        )

    async def run(self) -> str:
        """Hold the conversation; returns why it ended: ``turn limit``, ``end of input`` or ``end of script``.

        Raises:
            StageError: a stage failed, and its policy is to end the session.
            RecordingError: the recording could not be written.
        """
        try:
            return await self._exchanges()
        except AntiphonError:
            with contextlib.suppress(AntiphonError):
                await self._agent_turn_finished()  # what was heard before it went wrong
            raise

    async def _exchanges(self) -> str:
        turn, heard = 0, None
        while self._profile.session.turns is None or turn < self._profile.session.turns:
            heard = heard or await self._listen()
            if heard is None:
                return await self._ended("end of input")
            reply, heard = await self._exchange(turn, heard)
            if reply.extras.get("ends_dialogue"):
                return await self._ended("end of script")
            turn += 1
        return await self._ended("turn limit")

    async def _ended(self, reason: str) -> str:
        await self._agent_turn_finished()
        return reason

    def end(self) -> None:
        """Tell what was still heard, and leave no work behind; also when the session was cut off."""
        self._listener.end()
        if self._agent_turn is not None:
            self._agent_turn.add_done_callback(lambda task: task.cancelled() or task.exception())
            self._agent_turn.cancel()

    async def _listen(self) -> Heard | None:
        """The user's next turn, None when there is none any more."""
        self._on_event("listening")
        while True:
            item = await self.track.read()
            if isinstance(item, Typed):
                now_s = self.track.now_s
                return await self._typed(item, now_s)
            if item is None:
                return await self._listener.flush(self.track.rate)
            heard = await self._listener.hear(item)
            if heard is not None:
                return heard

    async def _typed(self, typed: Typed, now_s: float) -> Heard:
        decided_at = time.perf_counter()
        features = await self._user.whole(Utterance("user", typed.text))
        latency_ms = self._user.take_latencies()
        return Heard(now_s, now_s, Transcript(typed.text), None, features, decided_at, latency_ms)

    async def _exchange(self, turn: int, heard: Heard) -> tuple[Reply, Heard | None]:
        """Answer a turn; returns the reply, and the user's next turn if it is already over."""
        self._stages.take_latencies()
        (observation, reply) = await asyncio.gather(self._observe(turn, heard), self._respond(turn, heard))
        await self._agent_turn_finished()
        target, controls = await self._propose(reply)
        user_record = self._user_record(heard, observation)
        asked_at = time.perf_counter()
        speaking = asyncio.ensure_future(self._speaker.speak(SpeechRequest(reply.text, present(controls))))
        try:
            await asyncio.sleep(HEAD_START_S)
            self._history += [("user", heard.transcript.text), ("agent", reply.text)]
            self._on_turn(user_record)
            self._on_event("speaking", text=reply.text)
            said = await speaking
        finally:
            speaking.cancel()
        latency = self._stages.take_latencies()
        latency["synthesizer"] = (said.first_sample_at - asked_at) * 1e3
        latency["response"] = (said.first_sample_at - heard.decided_at) * 1e3
        if said.audio is not None:
            self._recorder.agent_audio(said.audio)
        if said.interrupted:
            self._on_event("barge_in", heard_share=round(said.heard_share, 4))
        self._agent_turn = asyncio.ensure_future(self._finish_agent_turn(turn, reply, target, controls, said, latency))
        return reply, said.interrupting

    async def _observe(self, turn: int, heard: Heard) -> Observation:
        """Normalise the user's features and show them to the strategy."""
        features = await self._user.transform(heard.features)
        names = self._profile.flow.normalised
        absent = missing(names, "the normaliser failed")
        normalised = await call_or(self._stages.normalizer, "normalize", features, otherwise=absent)
        observation = Observation(
            turn, "user", heard.transcript.text, features, normalised, heard.audio.duration_s if heard.audio else 0.0
        )
        await self._agent_turn_finished()
        await call_or(self._stages.strategy, "observe", observation, otherwise=None)
        return observation

    async def _respond(self, turn: int, heard: Heard) -> Reply:
        exchange = Exchange(turn, heard.transcript.text, tuple(self._history))
        responder = self._stages.responder
        try:
            if not responder.stage.streaming:
                return await responder.call("respond", exchange)  # type: ignore[no-any-return]
            text = ""
            async for piece in responder.stream("stream", exchange):
                text += piece
                self._on_event("partial_reply", text=text)
            return Reply(text.strip())
        except StageFailed as failed:
            if failed.fallback is None:
                return Reply("", {"error": str(failed.error)})
            extras = {"error": str(failed.error), "fallback": failed.fallback.selection.name}
            if failed.fallback.streaming:
                pieces = [piece async for piece in responder.stream_fallback(failed.fallback, "stream", exchange)]
                return Reply("".join(pieces).strip(), extras)
            reply: Reply = await responder.ask_fallback(failed.fallback, "respond", exchange)
            return evolve(reply, extras={**reply.extras, **extras})

    async def _propose(self, reply: Reply) -> tuple[Target, Measurements]:
        """What the strategy asks for, within the common limits, and what the voice is told."""
        target: Target = await call_or(self._stages.strategy, "propose", reply, otherwise=Target())
        allowed = {name: value for name, value in target.values.items() if name in self._profile.strategy.features}
        target = evolve(target, values=self._limits.apply(allowed))
        wanted: Measurements = {name: Measurement(value) for name, value in target.values.items()}
        told = await apply_transforms(self._stages.target_transforms, wanted)
        controls = {
            name: Measurement(control.clip(measurement.value))
            for name, measurement in told.items()
            if measurement.value is not None and (control := self._voice.control(name)) is not None
        }
        return target, controls

    def _user_record(self, heard: Heard, observation: Observation) -> TurnRecord:
        latency = {**heard.latency_ms, **self._stages.take_latencies()}
        return TurnRecord(
            observation.turn,
            "user",
            heard.start_s,
            heard.end_s,
            heard.transcript.text,
            words=heard.transcript.words,
            features=heard.features,
            normalised=observation.normalised,
            latency_ms={name: round(value, 3) for name, value in latency.items()},
            extras={} if heard.transcript.confidence is None else {"confidence": heard.transcript.confidence},
        )

    async def _finish_agent_turn(
        self, turn: int, reply: Reply, target: Target, controls: Measurements, said: Said, latency: dict[str, float]
    ) -> None:
        """Measure what was heard of the agent, tell the strategy, and write the turn; while the user goes on."""
        speech = _cut_to_speech(said.audio)
        text = "" if said.interrupted else reply.text  # how many of the words were heard is not known
        features = await self._agent.whole(Utterance("agent", text, speech))
        transformed = await self._agent.transform(features)
        normalised = on_voice_scale(transformed, self._profile.flow, self._voice)
        duration_s = speech.duration_s if speech else 0.0
        observation = Observation(turn, "agent", reply.text, transformed, normalised, duration_s)
        await call_or(self._stages.strategy, "realised", observation, otherwise=None)
        extras: dict[str, Any] = {**reply.extras, **said.notes}
        if target.extras:
            extras["strategy"] = dict(target.extras)
        if said.interrupted:
            extras["heard_share"] = round(said.heard_share, 4)
        self._on_turn(
            TurnRecord(
                turn,
                "agent",
                said.start_s,
                said.end_s,
                reply.text,
                features=features,
                normalised=normalised,
                target=dict(target.values),
                controls=present(controls),
                interrupted=said.interrupted,
                latency_ms={name: round(value, 3) for name, value in latency.items()},
                extras=extras,
            )
        )

    async def _agent_turn_finished(self) -> None:
        """Wait until the agent's latest turn has been measured and written."""
        if self._agent_turn is not None:
            task, self._agent_turn = self._agent_turn, None
            await task


def _cut_to_speech(audio: Audio | None) -> Audio | None:
    """The agent's audio from its first to its last sound, as an endpointer cuts the user's."""
    span = speech_span(audio) if audio is not None else None
    if audio is None or span is None:
        return None
    return audio.between(audio.start_sample + span[0], audio.start_sample + span[1])
