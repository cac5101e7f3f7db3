"""Registers the implementations of this distribution; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import Provider, hookimpl
from antiphon.hookspecs import Register

if TYPE_CHECKING:
    from antiphon.profile import Profile


@hookimpl
def antiphon_register_responder(register: Register) -> None:
    """openai."""
    register(
        Provider(
            "openai",
            "Replies of a language model behind any OpenAI-compatible endpoint, as they are written",
            "antiphon_responder_openai.responder:ChatResponder",
            options="antiphon_responder_openai.options:ChatOptions",
            capabilities={"streaming"},
        )
    )


@hookimpl
def antiphon_check_profile(profile: Profile) -> list[str]:
    """Secrets that the environment lacks."""
    from antiphon_responder_openai.options import ChatOptions

    stage = profile.responder
    chosen = {
        "responder": stage.selection,
        "responder.on_error": stage.on_error.fallback,
        "responder.on_timeout": stage.on_timeout.fallback,
    }
    return [
        f"{table}.options.{problem}"
        for table, selection in chosen.items()
        if selection is not None and isinstance(selection.options, ChatOptions)
        for problem in selection.options.missing_secrets()
    ]
