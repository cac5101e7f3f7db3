"""responder ``openai``: asks a language model over HTTP and passes on its words as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from antiphon.errors import StageError
from antiphon.payloads import Exchange
from antiphon.stages import Component, Setup

from antiphon_responder_openai.messages import messages
from antiphon_responder_openai.options import ChatOptions
from antiphon_responder_openai.secrets import is_reference, reveal
from antiphon_responder_openai.stream import BadAnswer, excerpt, message_of, pieces

FIRST_WAIT_S = 0.2
"""Before the first retry of a connection; doubled for each further one."""

LARGEST_SEED = 2**31 - 1
"""Some servers keep the seed in 32 bits."""

HINTS = {
    401: "; check options.api_key",
    403: "; check options.api_key",
    404: "; check options.base_url and options.model",
    429: "; it is overloaded, or the account's limit is reached",
}


class ChatResponder(Component[ChatOptions]):
    """Holds the connections, which all sessions share; a conversation's state is in the exchange alone.

    Raises:
        InputError: the environment lacks a secret that the options name.
    """

    def __init__(self, options: ChatOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        named = [value for value in (options.api_key, *options.headers.values()) if value and is_reference(value)]
        self._secrets = [reveal(value) for value in named]
        headers = {name: reveal(value) for name, value in options.headers.items()}
        if options.api_key:
            headers["Authorization"] = f"Bearer {reveal(options.api_key)}"
        self._client = httpx.Client(
            headers={**headers, "Accept": "text/event-stream"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # nothing passes between sessions
            timeout=httpx.Timeout(options.read_timeout_s, connect=options.connect_timeout_s),
        )
        self.url = options.base_url.rstrip("/") + "/chat/completions"

    def session(self, seed: int) -> ChatSession:
        return ChatSession(self, seed)

    def close(self) -> None:
        self._client.close()

    def ask(self, body: dict[str, Any]) -> Iterator[str]:
        """The answer's text, piece by piece; closing the iterator hangs up.

        Raises:
            StageError: with the cause.
        """
        for attempt in range(self.options.retries + 1):
            last = attempt == self.options.retries
            try:
                with self._client.stream("POST", self.url, json=body) as response:
                    wait_s = None if last else self._asked_to_wait(response)
                    if wait_s is None:
                        self._check_status(response)
                        yield from pieces(response)
                        return
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                wait_s = FIRST_WAIT_S * 2**attempt
                if last or wait_s > self.options.longest_wait_s:
                    raise self._error(f"cannot be reached: {error or 'no connection in time'}") from error
            except httpx.ReadTimeout as error:
                raise self._error(f"sent nothing for {self.options.read_timeout_s:g} s") from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise self._error(f"failed: {type(error).__name__}: {error}") from error
            except BadAnswer as error:
                raise self._error(f"gave no usable answer: {error}") from error
            time.sleep(wait_s)

    def _asked_to_wait(self, response: httpx.Response) -> float | None:
        """How long an overloaded endpoint wants to be left alone; None: do not try again."""
        if response.status_code not in (429, 503):
            return None
        try:
            wait_s = float(response.headers["retry-after"])  # the other form, a date, means minutes at least
        except (KeyError, ValueError):
            return None
        return wait_s if 0 <= wait_s <= self.options.longest_wait_s else None

    def _check_status(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        response.read()
        try:
            told = message_of(response.json())
        except ValueError:
            told = response.text
        status = f"{response.status_code} {response.reason_phrase}".strip()
        hint = HINTS.get(response.status_code, "")
        raise self._error(f"answered {status}: {excerpt(told) or 'no reason given'}{hint}")

    def _error(self, text: str) -> StageError:
        for secret in self._secrets:  # some endpoints quote the key that they refuse
            text = text.replace(secret, "***")
        return StageError("responder", f"{self.url} {text}")


class ChatSession:
    """One conversation with the model."""

    def __init__(self, component: ChatResponder, seed: int) -> None:
        self._component = component
        self._seed = seed

    def stream(self, exchange: Exchange) -> Iterator[str]:
        """The reply, piece by piece, as the endpoint writes it.

        Raises:
            StageError: the endpoint cannot be reached, refuses, or gives no usable answer.
        """
        options = self._component.options
        body: dict[str, Any] = {"model": options.model, "messages": messages(exchange, options), "stream": True}
        if options.temperature is not None:
            body["temperature"] = options.temperature
        if options.max_tokens is not None:
            body["max_tokens"] = options.max_tokens
        if options.send_seed:
            body["seed"] = self._seed % LARGEST_SEED
        yield from self._component.ask({**body, **options.extra_body})
