"""Praat's commands, with one exception for whatever they cannot do."""

from __future__ import annotations

from typing import Any

import parselmouth


class Unmeasurable(Exception):
    """Why something cannot be measured or changed; the message is the reason that goes into the record."""


def praat(*command: Any) -> Any:
    """``praat(objects, "Command", *arguments)``: what the command gives.

    Raises:
        Unmeasurable: with the first line of Praat's complaint.
    """
    try:
        return parselmouth.praat.call(*command)
    except parselmouth.PraatError as error:
        raise Unmeasurable(f"Praat: {str(error).splitlines()[0]}") from error
