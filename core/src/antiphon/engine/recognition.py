"""Recognises one turn of the user, while the user speaks where the recogniser can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from attrs import evolve

from antiphon.engine.stage import Fallback, StageFailed, StageSession
from antiphon.payloads import Audio, Transcript

QUEUED_CHUNKS = 32
"""How many chunks may wait for the recogniser before the source has to."""

_Item = Audio | Literal["pause", "resume"] | None
"""What goes to the recogniser, in order: chunks, marks between them, and at last None."""


class Recognition:
    """The recognition of one turn.

    Chunks are sent one after another as the recogniser takes them. After a failure the rest is not sent; the fallback,
    if there is one, then gets the whole turn.

    Args:
        first_sample: of the first chunk that will be fed, on the endpointer's clock.
    """

    def __init__(self, recognizer: StageSession, first_sample: int, rate: int, on_event: Callable[..., None]) -> None:
        self._recognizer = recognizer
        self._first_sample = first_sample
        self._fed_until = first_sample
        self._on_event = on_event
        self._pauses = "pauses" in recognizer.stage.config.selection.provider.capabilities
        self._items: asyncio.Queue[_Item] = asyncio.Queue(QUEUED_CHUNKS)
        self._task = asyncio.ensure_future(self._send(rate)) if recognizer.stage.streaming else None

    async def feed(self, chunk: Audio) -> None:
        """Queue a chunk, once; waits only if the recogniser has fallen far behind."""
        if chunk.start_sample >= self._fed_until:
            self._fed_until = chunk.end_sample
            await self._put(chunk)

    async def mark(self, mark: Literal["pause", "resume"]) -> None:
        """The user pauses, or speaks again, behind the chunks that were fed; for recognisers that want to know."""
        if self._pauses:
            await self._put(mark)

    async def end(self) -> None:
        """The turn is over: have the recogniser finish at once, whatever else is done before its words are needed."""
        if self._task is not None and not self._items.full():
            self._items.put_nowait(None)
            await asyncio.sleep(0)
        else:
            await self._put(None)

    async def transcript(self, turn: Audio) -> Transcript:
        """The words of the turn that has ended, timed from its start; empty where the recogniser failed and may be
        skipped.

        Raises:
            StageError: it failed, and the policy is to end the session.
        """
        try:
            if self._task is None:
                return await self._recognizer.call("recognize", turn)  # type: ignore[no-any-return]
            return _shifted(await self._task, (self._first_sample - turn.start_sample) / turn.sample_rate)
        except StageFailed as failed:
            return await self._fall_back(failed.fallback, turn)

    def cancel(self) -> None:
        """Send nothing more: nobody will ask for the words."""
        if self._task is not None:
            self._task.add_done_callback(lambda task: task.cancelled() or task.exception())
            self._task.cancel()

    async def _put(self, item: _Item) -> None:
        if self._task is not None and not self._task.done():
            put = asyncio.ensure_future(self._items.put(item))
            await asyncio.wait({put, self._task}, return_when=asyncio.FIRST_COMPLETED)
            put.cancel()

    async def _send(self, rate: int) -> Transcript:
        await self._recognizer.call("begin", rate, timed=False)
        while (item := await self._items.get()) is not None:
            if not isinstance(item, Audio):
                await self._recognizer.call(item, timed=False)
                continue
            partial: Transcript | None = await self._recognizer.call("feed", item, timed=False)
            if partial is not None and partial.text:
                self._on_event("partial", text=partial.text)
        return await self._recognizer.call("finish")  # type: ignore[no-any-return]

    async def _fall_back(self, fallback: Fallback | None, turn: Audio) -> Transcript:
        if fallback is None:
            return Transcript("")
        ask: Any = self._recognizer.ask_fallback
        if not fallback.streaming:
            return await ask(fallback, "recognize", turn)  # type: ignore[no-any-return]
        await ask(fallback, "begin", turn.sample_rate)
        await ask(fallback, "feed", turn)
        return await ask(fallback, "finish")  # type: ignore[no-any-return]


def _shifted(transcript: Transcript, by_s: float) -> Transcript:
    """The transcript with its words moved in time; none starts before the turn."""
    words = tuple(
        evolve(word, start_s=max(0.0, word.start_s + by_s), end_s=max(0.0, word.end_s + by_s))
        for word in transcript.words
    )
    return evolve(transcript, words=words)
