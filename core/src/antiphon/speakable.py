"""Makes any text safe to hand to a synthesizer that knows nothing but plain text."""

import unicodedata

_UNSPEAKABLE = {"Cc", "Cs", "Co", "Cn"}  # control characters, halves of surrogate pairs, private use, unassigned
_HEARD = set("LNS")  # letters, numbers, and symbols such as + or an emoji


def speakable(text: str) -> str:
    """The text without characters that nobody can say; empty if there is nothing to hear, as in ``"...!"``.

    Control characters become spaces: some synthesizers take them for commands, and C libraries end at a NUL.
    """
    cleaned = "".join(" " if unicodedata.category(c) in _UNSPEAKABLE else c for c in text)
    return cleaned.strip() if any(unicodedata.category(c)[0] in _HEARD for c in cleaned) else ""
