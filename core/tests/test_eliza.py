"""Conversations with Eliza."""

from itertools import pairwise
from typing import Any

import pytest
from antiphon.builtin.responders.eliza import Eliza, ElizaSession, compile_script
from antiphon.options import NoOptions
from antiphon.payloads import Exchange
from antiphon.stages import Setup
from hypothesis import given, settings
from hypothesis import strategies as st

COMPONENT = Eliza(NoOptions(), Setup())
KEYWORDS = """
    i you my your am are was were not can no yes always never mother sad happy everyone like want feel if because what
    why how remember dream computer hello sorry perhaps
"""


def talk(*turns: str, seed: int = 0) -> list[str]:
    session = COMPONENT.session(seed)
    return [session.respond(Exchange(turn, text)).text for turn, text in enumerate(turns)]


def replies_to(text: str) -> set[str]:
    """All that it may say first to a text, whatever the seed."""
    return {talk(text, seed=seed)[0] for seed in range(60)}


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Well, my boyfriend made me come here.", "Tell me more about this friendship."),
        ("He says I'm depressed much of the time.", "Can you explain what made you depressed?"),
        ("I need some help", "Why do you want some help?"),
        ("I remember my first day at school", "Do you often think of your first day at school?"),
        ("you are not very kind to me", "What makes you think that I am not very kind to you?"),
        ("I think you hate me", "What makes you think that I hate you?"),
        ("i love you", "Do you wish to love me?"),
        ("are you listening to me", "Do you sometimes think that I am listening to you?"),
        ("why don't you help me", "Do you believe that I don't help you?"),
        ("i cannot sleep", "How do you know that you can't sleep?"),
        ("My MOTHER takes care of me", "What else comes to mind when you think of your mother?"),
        ("everybody laughs at me", "Really, everybody?"),
        ("maybe", "You don't seem quite certain."),
        ("if I were rich", "Do you wish that you were rich?"),
    ],
)
def test_keywords_and_reflection(text: str, reply: str) -> None:
    assert reply in replies_to(text)


def test_higher_keywords_come_first_wherever_they_stand() -> None:
    computers = replies_to("computers")
    assert replies_to("No, I am sorry, but my mother has a computer") == computers
    assert replies_to("computer my mother") == computers


def test_typed_and_recognised_text_are_the_same_to_it() -> None:
    assert talk("I'm sad. You don’t care!") == talk("i'm sad, you don't care") == talk("I AM SAD; you do not care")


def test_nothing_recognised_is_asked_about_in_varied_words() -> None:
    asked = talk(*[""] * 6)
    assert len(set(asked[:5])) == 5
    assert set(asked).isdisjoint(replies_to("xylophone"))
    assert set(talk(" ?! ... ", seed=1)) <= set(asked)


def test_what_was_said_of_mine_is_taken_up_when_nothing_else_fits() -> None:
    recalled = talk("my garden is full of snails", "xylophone")[1]
    assert "our garden is full of snails" in recalled
    assert "garden" not in talk("my garden is full of snails", "xylophone", "xylophone")[2]


def test_each_session_remembers_its_own_user() -> None:
    one, two = COMPONENT.session(0), COMPONENT.session(0)
    one.respond(Exchange(0, "my garden is full of snails"))
    two.respond(Exchange(0, "hello"))
    assert "garden" not in two.respond(Exchange(1, "xylophone")).text
    assert "garden" in one.respond(Exchange(1, "xylophone")).text


def test_seed_decides_where_the_replies_begin() -> None:
    assert talk("hello", "xylophone", seed=3) == talk("hello", "xylophone", seed=3)
    assert len(replies_to("hello")) == 3


WORDS = st.sampled_from([*KEYWORDS.split(), "garden", "me", "don't", "but", ",", ".", "?"])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=8), st.integers(0, 5))
def test_no_reply_twice_running_and_no_gap_left_in_any(turns: list[str], seed: int) -> None:
    doubled = [text for turn in turns for text in (turn, turn)]
    said = talk(*doubled, seed=seed)
    assert all(before != after for before, after in pairwise(said))
    assert all(reply[0].isupper() or not reply[0].isalpha() for reply in said)
    assert not any(mark in reply for reply in said for mark in ("{", "}", "  ", " .", " ?"))


def test_whole_stories_are_not_repeated() -> None:
    story = "i remember " + "and then we went on " * 40
    assert all(len(reply.split()) < 25 for reply in replies_to(story))


SCRIPT: dict[str, Any] = {
    "silence": ["pardon?", "again?"],
    "fallback": ["go on", "and then?"],
    "memory": {"pattern": "* my +", "replies": ["your {2}?"]},
    "substitute": {"dont": "do not"},
    "endings": {"n't": "not"},
    "reflect": {"i": "you", "you": "I", "my": "your", "i am": "you are"},
    "groups": {"pet": ["cat", "dog"]},
    "keyword": [
        {"words": ["@pet"], "rank": 2, "rules": [{"match": "* @pet + ", "say": ["does a {2} {3}?", "{1} and {2}?"]}]},
        {"words": ["not"], "rank": 1, "rules": [{"match": "* not *", "say": ["why not?"]}]},
    ],
}


def test_script_rules_fall_back_step_by_step() -> None:
    session = ElizaSession(compile_script(SCRIPT), 0)
    said = [session.respond(Exchange(0, text)).text for text in ("I don't", "dont", "dog barks", "a cat")]
    assert said[0] == "Why not?"
    assert said[1] in {"Go on", "And then?"}  # the only reply of the rule was the latest
    assert said[2] == "Does a dog barks?"  # the other reply needs a word in front
    assert said[3] in {"Go on", "And then?"}  # the pattern needs a word behind
