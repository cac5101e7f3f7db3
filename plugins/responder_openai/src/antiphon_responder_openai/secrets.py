"""Secrets are named in a profile, as ``env:NAME``, and live in the environment alone."""

from __future__ import annotations

import os

from antiphon.errors import InputError

PREFIX = "env:"


def is_reference(value: str) -> bool:
    """Whether the value only names a secret."""
    return value.startswith(PREFIX) and len(value) > len(PREFIX)


def problem(value: str) -> str | None:
    """What is wrong with the secret that is named; never shows the secret."""
    name = value.removeprefix(PREFIX)
    secret = os.environ.get(name, "").strip()
    if not secret:
        return f"the environment variable {name} is not set; set it to the secret, as in: export {name}=..."
    if not (secret.isascii() and secret.isprintable()):
        return f"the environment variable {name} holds characters that a secret cannot have; set it anew"
    return None


def reveal(value: str) -> str:
    """The secret that ``env:NAME`` names; any other value as it is.

    Raises:
        InputError: the environment lacks it.
    """
    if not is_reference(value):
        return value
    if wrong := problem(value):
        raise InputError(wrong)
    return os.environ[value.removeprefix(PREFIX)].strip()
