"""Speaks the agent's turns and keeps account of what was heard of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from antiphon.engine.listener import Heard, Listener
from antiphon.engine.stage import StageFailed, StageSession
from antiphon.engine.user_track import UserTrack
from antiphon.errors import StageError
from antiphon.payloads import Audio, SpeechRequest, Spoken
from antiphon.recording.grid import on_the_grid


@frozen
class Said:
    """What was heard of a turn of the agent.

    Attributes:
        audio: None if nothing was to be heard; cut where the user barged in.
        first_sample_at: when the first audio was handed to the sink, by `time.perf_counter`.
        heard_share: of the whole utterance, 0 to 1; less than 1 only after a barge-in.
        interrupting: the user's turn, if the barge-in was so short that it is already over.
    """

    start_s: float
    audio: Audio | None
    first_sample_at: float
    interrupted: bool = False
    heard_share: float = 1.0
    interrupting: Heard | None = None
    notes: Mapping[str, Any] = field(factory=dict)

    @property
    def end_s(self) -> float:
        return self.start_s + (self.audio.duration_s if self.audio else 0.0)


class Speaker:
    """Speaks one turn after another.

    Args:
        device: the sink plays in real time by itself; else it gets the audio at the pace of the user's track.
        live: the user's track goes on while the agent speaks.
        barge_in: listen meanwhile, and fall silent when the user speaks.
    """

    def __init__(
        self,
        synthesizer: StageSession,
        vocoder: StageSession | None,
        sink: StageSession,
        track: UserTrack,
        listener: Listener,
        *,
        device: bool,
        live: bool,
        barge_in: bool,
    ) -> None:
        self._synthesizer = synthesizer
        self._vocoder = vocoder
        self._sink = sink
        self._track = track
        self._listener = listener
        self._device = device
        self._live = live
        self._barge_in = barge_in

    async def speak(self, request: SpeechRequest) -> Said:
        """Speak; returns when the agent has been heard to the end, or the user has barged in.

        Raises:
            StageError: the voice or the sink failed, and their policy is to end the session.
        """
        utterance = _Utterance(self._pieces(request))
        first = await utterance.first()
        start_s = self._track.now_s
        if first is None:
            return Said(start_s, None, time.perf_counter(), notes=utterance.notes)
        await self._sink.call("begin", first.sample_rate, start_s)
        started_at = time.perf_counter()
        try:
            if self._live:
                said = await self._speak_into_track(utterance, start_s, started_at)
            else:
                said = await self._speak_alone(utterance, start_s, started_at)
        finally:
            utterance.cancel()
        return said

    async def _speak_alone(self, utterance: _Utterance, start_s: float, started_at: float) -> Said:
        """The user's side stands still meanwhile."""
        async for piece in utterance:
            await self._sink.call("play", piece)
        await _until_heard(self._sink)
        said = Said(start_s, utterance.audio(start_s), started_at, notes=utterance.notes)
        self._track.advance(said.end_s - start_s)
        return said

    async def _speak_into_track(self, utterance: _Utterance, start_s: float, started_at: float) -> Said:
        """The user's side goes on meanwhile."""
        player = _DevicePlayer(self._sink, utterance) if self._device else _TrackPlayer(self._sink, utterance, start_s)
        heard: Heard | None = None
        try:
            while not await player.finished(self._track):
                chunk = await self._track.read()
                if not isinstance(chunk, Audio):
                    await player.finish()
                    break
                if self._barge_in:
                    heard = await self._listener.hear(chunk)
                await player.advance(self._track)
                if heard is not None or self._listener.speaking:
                    return await self._interrupted(player, utterance, start_s, started_at, heard)
        finally:
            player.cancel()
        return Said(start_s, utterance.audio(start_s), started_at, notes=utterance.notes)

    async def _interrupted(
        self, player: _Player, utterance: _Utterance, start_s: float, started_at: float, heard: Heard | None
    ) -> Said:
        samples = await player.stop()
        utterance.cancel()
        audio = utterance.audio(start_s, samples)
        share = samples / max(1, utterance.samples)
        return Said(start_s, audio, started_at, True, min(1.0, share), heard, utterance.notes)

    async def _pieces(self, request: SpeechRequest) -> AsyncIterator[Spoken]:
        """The voice's pieces as audio; a voice that fails before it was heard is replaced by its fallback."""
        begun = False
        try:
            if self._synthesizer.stage.streaming:
                async for spoken in self._synthesizer.stream("stream", request):
                    begun = True
                    yield await self._as_audio(spoken)
            else:
                yield await self._as_audio(await self._synthesizer.call("synthesize", request))
        except StageFailed as failed:
            notes = {"error": str(failed.error)}
            if failed.fallback is None or begun:
                yield Spoken(notes=notes)
                return
            yield Spoken(notes={**notes, "fallback": failed.fallback.selection.name})
            if failed.fallback.streaming:
                async for spoken in self._synthesizer.stream_fallback(failed.fallback, "stream", request):
                    yield await self._as_audio(spoken)
            else:
                spoken = await self._synthesizer.ask_fallback(failed.fallback, "synthesize", request)
                yield await self._as_audio(spoken)

    async def _as_audio(self, spoken: Spoken) -> Spoken:
        if spoken.mel is None:
            return spoken
        if self._vocoder is None:
            raise StageError("vocoder", "the voice delivers mel spectrograms and the profile names no vocoder")
        return evolve(spoken, mel=None, audio=await self._vocoder.call("vocode", spoken.mel))


class _Utterance:
    """An utterance as it is synthesised, ahead of what is heard: iterate for its audio."""

    def __init__(self, pieces: AsyncIterator[Spoken]) -> None:
        self.notes: dict[str, Any] = {}
        self._queue: asyncio.Queue[Audio | None] = asyncio.Queue()
        self._pieces: list[Audio] = []
        self._error: BaseException | None = None
        self._taken: list[Audio] = []
        self._task = asyncio.ensure_future(self._collect(pieces))

    @property
    def samples(self) -> int:
        """How many were synthesised so far."""
        return sum(len(piece.samples) for piece in self._pieces)

    async def first(self) -> Audio | None:
        """The first piece, which the iteration gives again; None if there is nothing to hear."""
        piece = await self._next()
        if piece is not None:
            self._taken.append(piece)
        return piece

    def __aiter__(self) -> AsyncIterator[Audio]:
        return self._iterate()

    async def _iterate(self) -> AsyncIterator[Audio]:
        while self._taken:
            yield self._taken.pop(0)
        while (piece := await self._next()) is not None:
            yield piece

    def audio(self, start_s: float, samples: int | None = None) -> Audio:
        """All of it, or the first `samples`, placed on the session's time line."""
        rate = self._pieces[0].sample_rate
        whole = np.concatenate([piece.samples for piece in self._pieces])
        return Audio(whole[:samples], rate, round(start_s * rate))

    def cancel(self) -> None:
        self._task.cancel()

    async def _collect(self, pieces: AsyncIterator[Spoken]) -> None:
        try:
            async for spoken in pieces:
                self.notes.update(spoken.notes)
                if spoken.audio is not None and len(spoken.audio.samples):
                    piece = evolve(spoken.audio, samples=on_the_grid(spoken.audio.samples))
                    self._pieces.append(piece)
                    self._queue.put_nowait(piece)
        except Exception as error:  # raised again where the audio is waited for
            self._error = error
        finally:
            self._queue.put_nowait(None)

    async def _next(self) -> Audio | None:
        piece = await self._queue.get()
        if piece is None:
            self._queue.put_nowait(None)
            if self._error is not None:
                raise self._error
        return piece


class _DevicePlayer:
    """Hands everything to a device at once, which plays it in its own time."""

    def __init__(self, sink: StageSession, utterance: _Utterance) -> None:
        self._sink = sink
        self._task = asyncio.ensure_future(self._play(utterance))

    async def _play(self, utterance: _Utterance) -> None:
        async for piece in utterance:
            await self._sink.call("play", piece)
        await _until_heard(self._sink)

    async def finished(self, track: UserTrack) -> bool:
        if self._task.done():
            self._task.result()
        return self._task.done()

    async def advance(self, track: UserTrack) -> None:
        """The device goes on by itself."""

    async def finish(self) -> None:
        await self._task

    async def stop(self) -> int:
        self._task.cancel()
        return int(await self._sink.call("stop"))

    def cancel(self) -> None:
        self._task.cancel()


class _TrackPlayer:
    """Hands to the sink, chunk by chunk, what would have been heard by the clock of the user's track."""

    def __init__(self, sink: StageSession, utterance: _Utterance, start_s: float) -> None:
        self._sink = sink
        self._pieces = utterance.__aiter__()
        self._start_s = start_s
        self._waiting: list[Audio] = []
        self._ended = False
        self._played = 0

    async def finished(self, track: UserTrack) -> bool:
        await self._fill()
        return self._ended and not self._waiting

    async def advance(self, track: UserTrack) -> None:
        await self._fill()
        while self._waiting:
            piece = self._waiting[0]
            due = round((track.position / track.rate - self._start_s) * piece.sample_rate) - self._played
            if due <= 0:
                return
            part = piece.between(piece.start_sample, piece.start_sample + due)
            rest = piece.between(piece.start_sample + due, piece.end_sample)
            await self._sink.call("play", part)
            self._played += len(part.samples)
            self._waiting[0:1] = [rest] if len(rest.samples) else []
            await self._fill()

    async def finish(self) -> None:
        while not self._ended or self._waiting:
            await self._fill()
            for piece in self._waiting:
                await self._sink.call("play", piece)
            self._waiting.clear()

    async def stop(self) -> int:
        await self._sink.call("stop")
        return self._played

    def cancel(self) -> None:
        """Nothing runs by itself."""

    async def _fill(self) -> None:
        """Have a piece waiting, unless the utterance has ended."""
        while not self._ended and not self._waiting:
            try:
                self._waiting.append(await self._pieces.__anext__())
            except StopAsyncIteration:
                self._ended = True


async def _until_heard(sink: StageSession) -> None:
    """Wait until the sink has played everything that it was given."""
    while (pending_s := await sink.call("pending_s")) > 0:
        await asyncio.sleep(min(pending_s, 0.05))


_Player = _DevicePlayer | _TrackPlayer
