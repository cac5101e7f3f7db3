"""Text that is handed to synthesizers."""

import unicodedata

import pytest
from antiphon.speakable import speakable
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("text", ["", " ", "...", "?!", "—", "\x00", "\n\t", "\ud800", "\ue000", "«»"])
def test_nothing_to_hear(text: str) -> None:
    assert speakable(text) == ""


@pytest.mark.parametrize("text", ["Yes.", "12345", "5 + 3", "Привет", "你好", "😀", "<break time='3s'/> & so"])
def test_words_numbers_and_symbols_stay(text: str) -> None:
    assert speakable(text) == text


def test_control_characters_separate_words() -> None:
    assert speakable("one\x00two\x01three\n") == "one two three"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_encoded_and_holds_no_control_character(text: str) -> None:
    clean = speakable(text)
    clean.encode()
    assert not any(unicodedata.category(character) == "Cc" for character in clean)
    assert speakable(clean) == clean
