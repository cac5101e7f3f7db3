"""Counts the syllables of English text.

Words of the CMU dictionary have the syllables of their first pronunciation; others as many as their spelling has groups
of vowel letters, with a few rules for silent ones (right for 90 % of the dictionary's own words). Numbers are read out.
What transcribers write for sounds that are no words (``[noise]``, ``((``, ``))``) counts nothing, a word broken off
(``wor-``) as far as it got, and question marks alone (``???``) stand for so many unintelligible syllables.
"""

from __future__ import annotations

import re
import unicodedata

from antiphon_asr_sphinx.dictionary import syllables_by_word

_MARK = re.compile(r"\[[^\[\]]*\]")
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:st|nd|rd|th)?")
_QUOTES = ",;:!?\"'()“”‘…"
_WORD = re.compile(r"[a-z](?:[a-z.']*[a-z])?\.?")
_YEAR = re.compile(r"(?:1[1-9]|20)\d\d")
_LONGEST_READ = 15
"""Digits of the longest number that is read as one; longer ones are read digit by digit."""

_VOWEL_GROUP = re.compile(r"[aeiouy]+")
_SILENT_E = re.compile(r"(?:[^aeiouyl]|[aeiouy]l)es?$")
_VOICED_ES = re.compile(r"(?:[sxzcg]|ch|sh)es$")
_SILENT_ED = re.compile(r"[^aeioytd]ed$")
_HIATUS = re.compile(r"(?<![ctsg])i[ao]")
_SYLLABIC_M = re.compile(r"isms?$")


def count_syllables(text: str) -> int:
    """How many syllables a speaker of American English says who reads `text` aloud."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).lower()
    return sum(_in_token(token) for token in _MARK.sub(" ", plain).split())


def _in_token(token: str) -> int:
    if set(token) == {"?"}:
        return len(token)
    letters = "".join(c for c in token if not unicodedata.combining(c)).strip("-")
    words = syllables_by_word()
    for form in (letters.strip(_QUOTES), letters.strip(_QUOTES + ".")):  # whole, as in "u.s." and "after-room"
        if form in words:
            return words[form]
    spelt = _NUMBER.sub(_read_out, letters).replace("&", " and ").replace("%", " percent ")
    return sum(_in_word(word) for word in _WORD.findall(spelt))


def _in_word(word: str) -> int:
    words = syllables_by_word()
    for form in (word, word.rstrip("."), word.removesuffix(".").removesuffix("'s")):
        if form in words:
            return words[form]
    return sum(by_spelling(part) for part in re.findall("[a-z]+", word.removesuffix("'s").replace("'", "")))


def by_spelling(word: str) -> int:
    """The syllables of a word that no dictionary has; `word` is lower-case, its letters are a to z."""
    groups = len(_VOWEL_GROUP.findall(word)) + len(_HIATUS.findall(word)) + len(_SYLLABIC_M.findall(word))
    silent = (_SILENT_E.search(word) and not _VOICED_ES.search(word)) or _SILENT_ED.search(word)
    return max(1, groups - bool(silent))


def _read_out(match: re.Match[str]) -> str:
    from num2words import num2words  # slow to import, and most texts have no digits

    written = match.group().replace(",", "")
    digits = written.rstrip("sndrth")
    if len(digits) > _LONGEST_READ:
        return " ".join(f" {num2words(int(digit))} " for digit in digits if digit != ".")
    number = float(digits) if "." in digits else int(digits)
    kind = "ordinal" if digits != written and isinstance(number, int) else "cardinal"
    if _YEAR.fullmatch(match.group()):
        kind = "year"
    return f" {num2words(number, to=kind)} ".replace(" and ", " ")
