"""Asks for a line at the terminal."""

from __future__ import annotations

import sys

from antiphon.errors import InputError


def ask(prompt: str) -> str | None:
    """The next line of standard input, without its end; None when there are no more.

    The prompt is shown only where somebody sits at a terminal, so that piped input leaves no trace in the output.

    Raises:
        InputError: the line is not text in the terminal's encoding.
    """
    if sys.stdin is None:
        return None
    try:
        return input(prompt if sys.stdin.isatty() else "").strip()
    except EOFError:
        return None
    except UnicodeDecodeError as error:
        raise InputError(f"what was typed is not {error.encoding} text; type or pipe in {error.encoding}") from error
