"""Words of a text in any script, without a dictionary.

After Unicode's word boundaries (UAX #29): runs of letters, marks and digits, with apostrophes and joiners between them.
Scripts that set no spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) are cut into single characters
with their marks: what is counted there is smaller than a word, but it is the same for both speakers.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3040-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # Han
)


def words(text: object) -> list[str]:
    """The words in order, case folded and in one Unicode form (NFKC); none of what is no string."""
    if not isinstance(text, str):
        return []
    return list(_pattern().findall(unicodedata.normalize("NFKC", text).casefold().replace("’", "'")))


@cache
def _pattern() -> re.Pattern[str]:
    marks = "".join(
        re.escape(chr(code))
        for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0))
        if unicodedata.category(chr(code)).startswith("M")
    )
    spaced = f"(?![{UNSPACED}])[^\\W_]"
    run = f"{spaced}(?:{spaced}|[{marks}])*"
    return re.compile(f"[{UNSPACED}][{marks}]*|{run}(?:['\u200c\u200d]{run})*")
