"""Takes out of transcripts what nobody said: markup of noises, doubts and pronunciations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

SILENCE = ("#", "sil", "sp", "<sil>", "<p:>", "<eps>", "[silence]")
"""Labels of stretches in which nobody speaks, as aligners and corpora write them; an empty label is another."""


def plain(text: str) -> str:
    """The text as it is."""
    return text


def fisher(text: str) -> str:
    """``[laughter]`` and other events go, doubts ``(( like this ))`` keep their words."""
    return _spaced(re.sub(r"\[[^\]]*\]|\(\(|\)\)", " ", text))


_SWITCHBOARD: tuple[tuple[str, str], ...] = (
    (r"<[be]_aside>", " "),
    (r"\[laughter-([^\]]+)\]", r"\1"),  # a word that is laughed
    (r"(?<!\S)\[[^\]/\s]*/([^\]\s]+)\]", r"\1"),  # a slip of the tongue and what was meant
    (r"(?<=\S)\[[^\]\s]*\](?=-)|(?<=-)\[[^\]\s]*\](?=\S)", ""),  # the part of a broken-off word that was not said
    (r"\[[^\]]*\]", " "),  # silence, noise, laughter, vocalized-noise
    (r"\{([^}]*)\}", r"\1"),  # a word of the speaker's own
    (r"_\d+\b", ""),  # a variant of the pronunciation
)


def switchboard(text: str) -> str:
    """The words alone, by the conventions of Mississippi State's transcripts."""
    for expression, replacement in _SWITCHBOARD:
        text = re.sub(expression, replacement, text)
    return _spaced(text)


def brackets(text: str) -> str:
    """Whatever stands in square or angle brackets goes, and so do other parentheses, but not what is in them."""
    return _spaced(re.sub(r"\[[^\]]*\]|<[^>]*>|[()]", " ", text))


MARKUP: Mapping[str, Callable[[str], str]] = {
    "plain": plain,
    "brackets": brackets,
    "fisher": fisher,
    "switchboard": switchboard,
}
"""How the markup of a transcript is taken out, by name."""


def _spaced(text: str) -> str:
    return " ".join(text.split())
