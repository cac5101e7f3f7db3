import pytest
from antiphon_measure_entrainment.turns.words import words
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't STOP, it’s naïve!", ["don't", "stop", "it's", "naïve"]),
        ("x_y; 3.5 'quoted' rock-n-roll", ["x", "y", "3", "5", "quoted", "rock", "n", "roll"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("Þá verðum við bara", ["þá", "verðum", "við", "bara"]),
        ("हिन्दी में नमस्ते", ["हिन्दी", "में", "नमस्ते"]),  # vowel signs are marks, no letters
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("今日は東京", ["今", "日", "は", "東", "京"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("e\u0301tude", ["étude"]),
        ("?! …", []),
        (None, []),
        (float("nan"), []),
    ],
)
def test_words_of_many_scripts(text, expected):
    assert words(text) == expected


@given(st.text(), st.text())
def test_a_space_parts_and_case_does_not(one, other):
    assert words(f"{one} {other}") == words(one) + words(other)
    assert all(word and " " not in word for word in words(one))
