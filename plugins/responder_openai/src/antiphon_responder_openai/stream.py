"""The pieces of a streamed chat completion.

Format: server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html, each holding a
``chat.completion.chunk``, https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
from httpx_sse import EventSource, SSEError

END = "[DONE]"
EXCERPT = 200


class BadAnswer(Exception):
    """The endpoint's answer is not what the interface promises; says how."""


def pieces(response: httpx.Response) -> Iterator[str]:
    """The text of a streaming response, as it arrives.

    Raises:
        BadAnswer: no event stream, an event that is no chunk, an error within the stream, an end before the end, or
            no text at all.
    """
    finish_reason: str | None = None
    ended = said = False
    try:
        for event in EventSource(response).iter_sse():
            if event.data.strip() == END:
                ended = True
                break
            if not event.data.strip():
                continue
            text, reason = _read(event.data)
            finish_reason = reason or finish_reason
            if text:
                said = True
                yield text
    except SSEError as error:
        raise BadAnswer(f"it does not stream: {error}") from error
    if not ended and finish_reason is None:
        raise BadAnswer("the reply broke off before its end")
    if not said:
        raise BadAnswer(f"the reply is empty (finish_reason {finish_reason or 'not given'})")


def _read(data: str) -> tuple[str, str | None]:
    """Text and finish reason of a chunk. Chunks without choices carry other things (usage, keep-alive)."""
    try:
        chunk: Any = json.loads(data)
    except ValueError as error:
        raise BadAnswer(f"an event is not JSON: {excerpt(data)}") from error
    try:
        if chunk.get("error"):
            raise BadAnswer(f"it reports an error: {excerpt(message_of(chunk))}")
        if not chunk.get("choices"):
            return "", None
        choice = chunk["choices"][0]
        text, reason = (choice.get("delta") or {}).get("content") or "", choice.get("finish_reason")
    except (AttributeError, KeyError, TypeError) as error:
        raise BadAnswer(f"an event is no chat completion chunk: {excerpt(data)}") from error
    if not isinstance(text, str):
        raise BadAnswer(f"an event is no chat completion chunk: {excerpt(data)}")
    return text, reason


def message_of(answer: Any) -> str:
    """What an error object says, in the forms that endpoints use."""
    error = answer.get("error", answer.get("detail", answer.get("message"))) if isinstance(answer, dict) else answer
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return str(error["message"])
    return error if isinstance(error, str) else json.dumps(answer)


def excerpt(text: str) -> str:
    """The beginning of a text that may be of any length, on one line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * EXCERPT]).split())
    return line if len(line) <= EXCERPT else line[:EXCERPT] + "..."
