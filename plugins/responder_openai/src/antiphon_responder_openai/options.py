"""The options of responder ``openai``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from antiphon import option
from attrs import Attribute, frozen
from attrs.validators import ge, gt, le, min_len, optional

from antiphon_responder_openai import secrets

SYSTEM_PROMPT = (
    "You are talking with somebody by voice. Answer as one speaks: in one or two short sentences, "
    "without lists, markup or emoji. What you hear comes from a speech recogniser and may contain mistakes."
)
NOTHING_UNDERSTOOD = "(the user said nothing that was understood)"

_SECRET_HEADER = re.compile(r"authorization|cookie|api-?key|secret|token|password", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def _is_url(options: object, attribute: Attribute[str], value: str) -> None:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError('must be the address before /chat/completions, as "http://localhost:11434/v1"')
    if parts.username or parts.password or parts.query:
        raise ValueError("must hold no user, password or query; secrets go to api_key or headers as env:NAME")


def _is_reference(options: object, attribute: Attribute[str], value: str) -> None:
    if not secrets.is_reference(value):
        raise ValueError(
            'must name an environment variable, as "env:OPENAI_API_KEY"; '
            "a profile holds no secrets, because recordings keep a copy of it"
        )


def _are_headers(options: object, attribute: Attribute[Mapping[str, str]], value: Mapping[str, str]) -> None:
    for name, text in value.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an HTTP header")
        if not (text.isascii() and text.isprintable()):
            raise ValueError(f"the value of {name} holds characters that a header cannot have")
        if _SECRET_HEADER.search(name) and not secrets.is_reference(text):
            raise ValueError(f'{name} is a secret and must name an environment variable, as "env:NAME"')


def _is_body(options: object, attribute: Attribute[Mapping[str, Any]], value: Mapping[str, Any]) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"must be what JSON can hold: {error}") from error
    if taken := sorted({"model", "messages", "stream"} & value.keys()):
        raise ValueError(f"must not set {', '.join(taken)}")


@frozen
class ChatOptions:
    """Options of responder ``openai``."""

    base_url: str = option(
        help="address of the endpoint, without /chat/completions, as http://localhost:11434/v1", validator=_is_url
    )
    model: str = option(help="the model, by the endpoint's name for it", validator=min_len(1))
    api_key: str | None = option(
        None,
        help="the environment variable that holds the key, as env:OPENAI_API_KEY; none for endpoints without keys",
        validator=optional(_is_reference),
    )
    system_prompt: str = option(SYSTEM_PROMPT, help="what the model is told before the dialogue; empty for nothing")
    nothing_understood: str = option(
        NOTHING_UNDERSTOOD,
        help="what the model reads when nothing was recognised",
        validator=min_len(1),
    )
    history_turns: int = option(
        10, help="how many earlier exchanges the model reads again; 0 for none", validator=ge(0)
    )
    temperature: float | None = option(
        None, help="randomness of the reply; none for the endpoint's own", validator=optional([ge(0), le(2)])
    )
    max_tokens: int | None = option(
        150, help="longest reply; none leaves it to the endpoint", unit="tokens", validator=optional(gt(0))
    )
    send_seed: bool = option(True, help="send the session's seed, for endpoints that sample reproducibly")
    extra_body: Mapping[str, Any] = option(
        factory=dict,
        help="further fields of the request, as max_completion_tokens or reasoning_effort",
        validator=_is_body,
    )
    headers: Mapping[str, str] = option(
        factory=dict, help="further HTTP headers; secrets as env:NAME", validator=_are_headers
    )
    connect_timeout_s: float = option(3.0, help="longest wait for a connection", unit="s", validator=gt(0))
    read_timeout_s: float = option(15.0, help="longest wait for the next piece", unit="s", validator=gt(0))
    retries: int = option(
        2,
        help="how often to try again where nothing was done: no connection, or an overload that says when to return",
        validator=[ge(0), le(10)],
    )
    longest_wait_s: float = option(
        3.0, help="longest wait before a retry; who asks for more is not asked again", unit="s", validator=ge(0)
    )

    def missing_secrets(self) -> list[str]:
        """Named secrets that the environment lacks, each as ``key: what is wrong; what to do``."""
        named = {"api_key": self.api_key or "", **{f"headers.{name}": text for name, text in self.headers.items()}}
        return [
            f"{key}: {wrong}"
            for key, value in named.items()
            if secrets.is_reference(value) and (wrong := secrets.problem(value))
        ]
