"""The text front end."""

from __future__ import annotations

import re

import pytest
from antiphon_tts_tacotron2.text.front_end import FrontEnd
from antiphon_tts_tacotron2.text.letter_to_sound import by_spelling
from antiphon_tts_tacotron2.text.lexicon import in_dictionary, pronounce
from antiphon_tts_tacotron2.text.symbols import END, PAD, PHONEMES, WORD_BOUNDARY
from antiphon_tts_tacotron2.text.written import spoken
from hypothesis import example, given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Hello, world!", "hello, world!"),
        ("It is 1984.", "it is nineteen eighty four."),
        ("in the 1990s", "in the nineteen nineties"),
        ("1,234,567 people", "one million two hundred thirty four thousand five hundred sixty seven people"),
        ("3.14", "three point one four"),
        ("-5 degrees", "minus five degrees"),
        ("the 21st of May", "the twenty first of may"),
        ("at 10:30 a.m. today", "at ten thirty a m today"),
        ("at 9:05", "at nine oh five"),
        ("12:00", "twelve o'clock"),
        ("$3.50", "three dollars fifty cents"),
        ("$1", "one dollar"),
        ("£1.01", "one pound one penny"),
        ("$5 million", "five million dollars"),
        ("25°C, 50%", "twenty five degrees celsius, fifty percent"),
        ("3 kg & 5km", "three kilograms and five kilometers"),
        ("Dr. Smith met St. Nicholas.", "doctor smith met saint nicholas."),
        ("Main St. is long", "main street is long"),
        ("No. 5, no. It", "number five, no. it"),
        ("e.g. this, i.e. that", "for example this, that is that"),
        ("the U.S. team", "the u s team"),
        ("see https://www.example.com/a-b.", "see example dot com slash a dash b."),
        ("me@mail.org", "me at mail dot org"),
        ("call 0044", "call zero zero four four"),
        ("I ❤ you", "i heart you"),
        ("naïve café", "naive cafe"),
        ("Привет", "privet"),
        ("don’t “stop”", "don't, stop"),
        ("wow... really?!", "wow, really?"),
        ("the end...", "the end"),
        ("co-operate - well", "co operate, well"),
        ("", ""),
        ("...!?", ""),
        ("\n\t", ""),
    ],
)
def test_written_text_becomes_spoken(written, expected):
    assert spoken(written) == expected


@given(st.text(max_size=60))
@example("1:" * 20)
@example("9" * 60)
@example("$.$1,,2.3.4:5%")
@example("'" * 9)
def test_any_text_becomes_plain_words_and_marks(text):
    assert re.fullmatch(r"(?:[a-z'][a-z']*[,.?!]?(?: |$))*", spoken(text))


@given(st.text(max_size=60))
def test_spoken_text_stays_as_it_is(text):
    once = spoken(text)
    assert spoken(once) == once


@given(st.text(max_size=40), st.sampled_from(["phonemes", "characters"]))
def test_whatever_is_read_has_a_code_and_an_end(text, kind):
    front_end = FrontEnd(kind)
    symbols = front_end.read(text)
    codes = front_end.encode(symbols)
    assert 0 not in codes
    assert not symbols or (symbols[-1] == END and symbols.count(END) == 1)


def test_phonemes_with_boundaries_pauses_and_end():
    assert FrontEnd().read("Hi, cat") == ("HH", "AY1", ",", WORD_BOUNDARY, "K", "AE1", "T", ".", END)


def test_characters():
    assert FrontEnd("characters").read("No?") == ("n", "o", "?", END)


def test_nothing_to_say_is_empty():
    assert FrontEnd().read(" !?") == ()


@pytest.mark.parametrize("piece", ["and so on ", "a.", "a-", "9", "@", "st. ", "$"])
def test_long_texts_are_read(piece):
    """In linear time: otherwise this lasts for minutes."""
    symbols = FrontEnd().read(piece * 20_000)
    assert symbols[-1:] == ((END,) if spoken(piece) else ())


def test_symbols_are_distinct_and_begin_with_padding():
    assert len(set(PHONEMES)) == len(PHONEMES)
    assert PHONEMES[0] == PAD


@pytest.mark.parametrize("word", ["a", "aaa", "tomato", "zyuganov's", "zywicki"])
def test_dictionary_words_are_found_wherever_they_are(word):
    assert in_dictionary(word)


def test_words_that_are_not_there_are_not_found():
    assert in_dictionary("") is in_dictionary("zzzzzz") is in_dictionary("tomat") is in_dictionary("'") is None


@pytest.mark.parametrize(
    ("word", "ending"),
    [("yeet's", ("S",)), ("nightglow's", ("Z",)), ("fosbosh's", ("IH0", "Z")), ("blorf'll", ("AH0", "L"))],
)
def test_endings_of_unknown_words(word, ending):
    assert pronounce(word)[-len(ending) :] == ending


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
def test_every_word_has_known_phonemes(word):
    assert set(by_spelling(word)) <= set(PHONEMES)


@pytest.mark.parametrize(
    ("word", "phonemes"),
    [
        ("tomfoolery", "T AA1 M F UW1 L ER0 IY0"),
        ("unquenchable", "AH0 N K W EH1 N CH AH0 B AH0 L"),
        ("nightglow", "N AY1 T G L OW1"),
    ],
)
def test_unknown_words_by_their_spelling(word, phonemes):
    assert in_dictionary(word) is None
    assert " ".join(pronounce(word)) == phonemes


@pytest.mark.long
def test_learned_rules_hold_for_words_that_they_were_not_learned_from():
    from difflib import SequenceMatcher

    from antiphon_tts_tacotron2.text import letter_to_sound
    from antiphon_tts_tacotron2.text.learn_letters import learn, read_dictionary

    words = read_dictionary()
    table = learn([word for number, word in enumerate(words) if number % 50])
    unseen = [(word, list(phonemes)) for word, phonemes in words[::50] if word.isalpha()]
    original, letter_to_sound._table = letter_to_sound._table, lambda: table
    try:
        said = [list(by_spelling(word)) for word, _ in unseen]
    finally:
        letter_to_sound._table = original
    same = [SequenceMatcher(None, a, b, autojunk=False).ratio() for a, (_, b) in zip(said, unseen, strict=True)]
    assert sum(same) / len(same) > 0.85
    assert sum(a == b for a, (_, b) in zip(said, unseen, strict=True)) / len(unseen) > 0.4
