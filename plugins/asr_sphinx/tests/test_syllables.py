"""Syllables of English text, against what speakers say."""

from __future__ import annotations

import pytest
from antiphon_asr_sphinx import count_syllables
from antiphon_asr_sphinx.dictionary import parse, syllables_by_word
from antiphon_asr_sphinx.syllables import by_spelling
from hypothesis import example, given
from hypothesis import strategies as st

ENGLISH = st.sampled_from(["hello", "yes,", "It's", "don't", "(maybe)", "1984", "blorfing", "after-room", "U.S."])


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("", 0),
        ("  \t\n", 0),
        ("hello world", 3),
        ("The quick brown fox jumps over the lazy dog.", 11),
        ("strengths", 1),
        ("fire", 2),  # the dictionary's first pronunciation
        ("every", 3),
        # punctuation, case and typography
        ("Yes, (maybe)! \u201cNo\u201d... \u2014 'cause?", 5),
        ("DON\u2019T don't", 2),
        ("caf\u00e9", 2),
        ("after-room old-fashioned", 6),
        ("rock'n'roll", 3),
        ("at 5 a.m. in the U.S.", 8),
        # marks of transcripts
        ("((", 0),
        ("(( yeah ))", 1),
        ("[noise] hello [laughter] [background noise]", 2),
        ("wor- work", 2),
        ("???", 3),
        ("what? ??", 3),
        ("--", 0),
        ("uh-huh hmm", 3),
        # possessives, known and unknown
        ("Kathleen's", 2),
        ("Blorfin's", 2),
        ("M&M m&ms", 6),
        # numbers
        ("7 11", 5),
        ("1984", 5),
        ("2024", 5),
        ("1,984", 9),
        ("3.5", 3),
        ("1st 22nd", 5),
        ("50%", 4),
        ("12345678901234567890", 24),
        # words that no dictionary has
        ("blorfing zunked flape", 4),
        ("glorfism", 3),
        ("xq", 1),
        # nothing that English speakers can read
        ("\u3053\u3093\u306b\u3061\u306f", 0),
        ("\U0001f600", 0),
    ],
)
def test_reference_texts(text: str, syllables: int) -> None:
    assert count_syllables(text) == syllables


def test_spelling_is_right_for_nine_words_in_ten() -> None:
    words = {word: n for word, n in syllables_by_word().items() if word.isalpha()}
    right = sum(by_spelling(word) == n for word, n in words.items())
    assert right / len(words) > 0.9


def test_the_first_pronunciation_counts() -> None:
    read = parse("a AH\na(2) EY\nnaval N EY V AH L\n\nhmm HH M\nfire F AY ER\nfire(2) F AY R\n")
    assert read == {"a": 1, "naval": 2, "hmm": 1, "fire": 2}


@given(st.lists(ENGLISH))
def test_texts_add_up(words: list[str]) -> None:
    assert count_syllables(" ".join(words)) == sum(map(count_syllables, words))


@given(ENGLISH)
def test_case_and_outer_punctuation_say_nothing(word: str) -> None:
    assert count_syllables(f'"{word.upper()}!"') == count_syllables(word)


@given(st.text())
@example("1" * 5000 + ".5")
@example("\u0661\u0662")
@example("1.1.1 1,1,1 00th")
def test_any_text_has_a_count(text: str) -> None:
    assert count_syllables(text) >= 0


@given(st.integers(0, 10**15 - 1))
def test_every_number_is_heard(number: int) -> None:
    assert 1 <= count_syllables(str(number)) <= 75
