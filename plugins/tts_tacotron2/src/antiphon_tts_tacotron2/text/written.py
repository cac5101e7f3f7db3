"""Written text to words as they are spoken: numbers, amounts, times, symbols, abbreviations, addresses, emoji.

Numbers are read by num2words, other scripts and emoji become Latin letters by anyascii; the rules here only find what
is to be read, and say how.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from antiphon.speakable import speakable

_ABBREVIATIONS = {
    "mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor", "jr": "junior", "sr": "senior", "prof": "professor",
    "vs": "versus", "etc": "et cetera", "approx": "approximately", "dept": "department", "capt": "captain",
    "gen": "general", "lt": "lieutenant", "sgt": "sergeant", "rev": "reverend", "hon": "honorable", "esq": "esquire",
    "e.g": "for example", "i.e": "that is", "a.m": "a m", "p.m": "p m", "st": "saint", "mt": "mount", "no": "number",
}  # fmt: skip
_ONLY_BEFORE_NAME = {"st", "mt", "gen", "hon", "rev"}
_ONLY_BEFORE_NUMBER = {"no"}
_UNITS = {
    "km": "kilometers", "cm": "centimeters", "mm": "millimeters", "kg": "kilograms", "mg": "milligrams", "lb": "pounds",
    "lbs": "pounds", "oz": "ounces", "ft": "feet", "mph": "miles per hour", "ms": "milliseconds", "hz": "hertz",
    "khz": "kilohertz", "mb": "megabytes", "gb": "gigabytes", "db": "decibels", "°c": "degrees celsius",
    "°f": "degrees fahrenheit", "°": "degrees", "%": "percent",
}  # fmt: skip
_SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "#": "number", "%": "percent", "/": "slash", "\\": "backslash",
    "*": "star", "<": "less than", ">": "greater than", "_": "underscore", "~": "about", "^": "caret", "|": "bar",
    "$": "dollar",
}  # fmt: skip
_CURRENCIES = {"$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"), "¥": ("yen", "sen")}
_MAGNITUDES = "thousand|million|billion|trillion"
_PLURALS = {"penny": "pence", "yen": "yen", "sen": "sen"}
_LONGEST_NUMBER = 15
"""Digits; longer numbers are read digit by digit."""

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "—": ", ", "–": "-", "…": "...", "−": "-", "×": " times "}
)


def spoken(text: str) -> str:
    """Lower-case words of the letters a to z and apostrophes, with ``, . ? !`` attached; empty if nothing is heard."""
    text = speakable(text).translate(_QUOTES)
    for pattern, say in _RULES:
        text = pattern.sub(say, text)
    text = _latin(text)
    text = re.sub(r"[&+=@#%/\\*<>_~^|$]", lambda m: f" {_SYMBOLS[m.group()]} ", text)
    text = re.sub(_NUMBER, _cardinal, text)
    text = re.sub(r"\.{2,}|[;:()\[\]{}\"]|(?<=\s)-+(?=\s)|--+", ", ", text)
    text = re.sub(r"(?<=\w)\.(?=\w)|-", " ", text)
    return _tidy(text.lower())


def _latin(text: str) -> str:
    from anyascii import anyascii

    if text.isascii():
        return text
    return re.sub(r":([a-z0-9_]{2,}):", lambda m: f" {m.group(1).replace('_', ' ')} ", anyascii(text))


def _tidy(text: str) -> str:
    """One space between words; of several marks the strongest, attached to the word before."""
    text = re.sub(r"[^a-z',.?! ]", " ", text)
    words: list[str] = []
    for part in re.findall(r"[a-z']+|[,.?!]", text):
        if part in ",.?!":
            if words:
                stem, mark = words[-1].rstrip(",.?!"), words[-1][-1]
                words[-1] = stem + (max(part, mark, key=",.!?".index) if mark in ",.?!" else part)
        elif part.strip("'"):
            words.append(part.strip("'") if part.strip("'") not in {"em", "cause"} else part.rstrip("'"))
    return " ".join(words).rstrip(",")


def _read(number: float | int, to: str = "cardinal") -> str:
    from num2words import num2words  # slow to import, and most texts have no digits

    return str(num2words(number, to=to)).replace(" and ", " ").replace(",", "").replace("-", " ")


def _digits(text: str) -> str:
    return " ".join(_read(int(digit)) for digit in text if digit.isdigit())


def _cardinal(match: re.Match[str]) -> str:
    written = match.group().replace(",", "")
    whole, _, decimals = written.partition(".")
    if len(whole) > _LONGEST_NUMBER or (whole.startswith("0") and len(whole) > 1):
        return f" {_digits(whole)} " + (f"point {_digits(decimals)} " if decimals else "")
    return f" {_read(int(whole))} " + (f"point {_digits(decimals)} " if decimals else "")


def _year(match: re.Match[str]) -> str:
    year = _read(int(match.group(1)), "year")
    if match.group(2):
        year = f"{year[:-1]}ies" if year.endswith("y") else f"{year}s"
    return f" {year} "


def _ordinal(match: re.Match[str]) -> str:
    digits = match.group(1).replace(",", "")
    return f" {_read(int(digits), 'ordinal')} " if len(digits) <= _LONGEST_NUMBER else f" {_digits(digits)} "


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match.group(1)), int(match.group(2)), match.group(3)
    said = "o'clock" if minute == 0 else f"oh {_read(minute)}" if minute < 10 else _read(minute)
    if minute == 0 and half:
        said = ""
    return f" {_read(hour)} {said} {' '.join(half[0] + 'm') if half else ''} "


def _money(match: re.Match[str]) -> str:
    major, minor = _CURRENCIES[match.group(1)]
    whole, _, cents = match.group(2).replace(",", "").partition(".")
    if match.group(3):
        return f" {match.group(2)} {match.group(3)} {_plural(major)} "
    if len(cents) != 2:
        return f" {match.group(2)} {_plural(major) if match.group(2) != '1' else major} "
    small = f" {int(cents)} {_plural(minor) if int(cents) != 1 else minor}" if int(cents) else ""
    return f" {whole} {_plural(major) if int(whole) != 1 else major}{small} "


def _plural(word: str) -> str:
    return _PLURALS.get(word, word + "s")


def _address(match: re.Match[str]) -> str:
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", match.group()).rstrip("/.,;:!?)")
    tail = match.group()[len(match.group().rstrip(".,;:!?)")) :]
    for mark, word in ((".", "dot"), ("/", "slash"), ("@", "at"), ("-", "dash"), ("_", "underscore"), (":", "colon")):
        bare = bare.replace(mark, f" {word} ")
    bare = re.sub(r"\d+", lambda m: f" {_digits(m.group())} ", bare)
    return f" {re.sub(r'[^A-Za-z ]', ' ', bare)}{tail} "


def _abbreviation(match: re.Match[str]) -> str:
    word, following = match.group(1).lower(), match.group(2)
    if word == "st" and re.search(
        r"[A-Z][a-z]+ $|\d(?:st|nd|rd|th) $", match.string[max(0, match.start() - 30) : match.start()]
    ):
        return f"street{'' if following else '.'} {following}"
    if (word in _ONLY_BEFORE_NAME and not following[:1].isupper()) or (
        word in _ONLY_BEFORE_NUMBER and not following[:1].isdigit()
    ):
        return match.group()
    end = "." if word in {"etc", "jr", "sr", "a.m", "p.m", "esq"} and not following else ""
    return f"{_ABBREVIATIONS[word]}{end} {following}"


def _initials(match: re.Match[str]) -> str:
    return " ".join(match.group().replace(".", "")) + " "


def _unit(match: re.Match[str]) -> str:
    return f"{match.group(1)} {_UNITS[match.group(2).lower()]} "


_Say = str | Callable[[re.Match[str]], str]
_ABBREVIATED = "|".join(sorted(map(re.escape, _ABBREVIATIONS), key=len, reverse=True))
_MEASURES = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_RULES: tuple[tuple[re.Pattern[str], _Say], ...] = (
    (
        re.compile(
            r"\b(?:https?://|www\.)\S+|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|\b[\w-]{1,63}\.(?:com|org|net|edu|gov|io)\b(?:/\S*)?"
        ),
        _address,
    ),
    (re.compile(rf"([$£€¥])\s?({_NUMBER})(?:\s({_MAGNITUDES}))?"), _money),
    (re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?!\d)\s?([aApP]\.?[mM]\b\.?)?"), _time),
    (re.compile(rf"(?<!\d)({_NUMBER})\s?({_MEASURES})(?!\w)", re.IGNORECASE), _unit),
    (re.compile(rf"\b({_ABBREVIATED})\.\s*(\S?)", re.IGNORECASE), _abbreviation),
    (re.compile(r"\b(?:[A-Z]\.){2,}"), _initials),
    (re.compile(r"\b(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b", re.IGNORECASE), _ordinal),
    (re.compile(r"(?<![\d.,$-])\b(1[1-9]\d\d|20\d\d)(s)?\b(?![\d,]*\d)(?!\.\d)"), _year),
    (re.compile(rf"(?<![\w.])-(?={_NUMBER})"), " minus "),
)
