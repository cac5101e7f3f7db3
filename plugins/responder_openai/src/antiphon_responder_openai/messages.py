"""A dialogue as the messages of the chat completions interface."""

from __future__ import annotations

from antiphon.payloads import Exchange

from antiphon_responder_openai.options import ChatOptions

Message = dict[str, str]

_ROLES = {"user": "user", "agent": "assistant"}


def messages(exchange: Exchange, options: ChatOptions) -> list[Message]:
    """System prompt, the latest turns, and what the user has just said.

    A user's turn that was not understood is told as such; a turn in which the agent said nothing is left out.
    """
    earlier = exchange.history[-2 * options.history_turns :] if options.history_turns else ()
    turns = [*earlier, ("user", exchange.text)]
    system: list[Message] = [{"role": "system", "content": options.system_prompt}] if options.system_prompt else []
    spoken: list[Message] = []
    for speaker, text in turns:
        text = text.encode(errors="replace").decode()  # a terminal may deliver half characters
        content = text.strip() or (options.nothing_understood if speaker == "user" else "")
        if content:
            spoken.append({"role": _ROLES[speaker], "content": content})
    return system + spoken
