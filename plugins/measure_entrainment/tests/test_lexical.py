from collections import Counter

import numpy as np
import pandas as pd
import pytest
from antiphon_measure_entrainment.measures.lexical import lexical, presence, word_counts
from antiphon_measure_entrainment.turns.words import words
from scipy import sparse, stats


def talk(*dialogues):
    """Dialogues of A and B by turns, each a list of texts."""
    tables = []
    for index, texts in enumerate(dialogues):
        count = len(texts)
        table = pd.DataFrame({"conversation": f"c{index}", "turn": range(count), "text": texts})
        table["speaker"] = [f"c{index}{'AB'[turn % 2]}" for turn in range(count)]
        tables.append(table.assign(start_s=table["turn"] * 1.0, end_s=table["turn"] + 0.9))
    return pd.concat(tables, ignore_index=True)


def random_texts(seed, turns=30, share=0.0, vocabulary=40):
    """Turns of ten words; each reply takes `share` of its words from the turn before."""
    rng = np.random.default_rng(seed)
    own = [rng.choice(500, vocabulary, replace=False) for _ in "AB"]
    said = []
    for turn in range(turns):
        new = rng.choice(own[turn % 2], 10)
        if said:
            new = np.where(rng.random(10) < share, rng.permutation(said[-1]), new)
        said.append(new)
    return [" ".join(f"w{word}" for word in turn) for turn in said]


def by_name(effects):
    return {effect.measure: effect for effect in effects}


def test_counts_are_those_of_counting():
    table = talk(["a b a", "b c", "a", ""], ["d d", "a"])
    counts = word_counts(table.assign(words=table["text"].map(words)))
    assert counts.conversations == ["c0", "c1"]
    assert counts.first.toarray().tolist() == [[3, 1, 0, 0], [0, 0, 0, 2]]
    assert counts.second.toarray().tolist() == [[0, 1, 1, 0], [1, 0, 0, 0]]


def test_presence_is_one_minus_the_hypergeometric_chance_of_none():
    own = np.array([[5, 1, 0, 14], [20, 0, 0, 0]])
    found = presence(sparse.csr_matrix(own), 6).toarray()
    expected = [[1 - stats.hypergeom.pmf(0, row.sum(), count, 6) for count in row] for row in own]
    assert found == pytest.approx(np.array(expected))


def test_frequent_words_are_nenkovas_where_all_speak_equally_much():
    # With as many words as the sample, the sample is all of them.
    texts = [random_texts(seed, turns=2, vocabulary=6) for seed in range(5)]
    found = by_name(lexical(talk(*texts), sample=10, most_frequent=7, permutations=9))["lexical_frequent_words"]
    counts = [[Counter(text.split()) for text in dialogue] for dialogue in texts]
    frequent = [word for word, _ in sum((each for pair in counts for each in pair), Counter()).most_common(7)]
    entrained = np.array(
        [[-sum(abs(a[word] - b[word]) / 10 for word in frequent) for _, b in counts] for a, _ in counts]
    )
    others = (entrained.sum(axis=1) - np.diag(entrained)) / 4
    assert found.estimate == pytest.approx((np.diag(entrained) - others).mean())
    assert found.conversations == 5


def test_vocabulary_worked_by_hand():
    # All ten words of each are the sample: shared words are just counted.
    texts = ["a b c d e f g h i j", "a b c k l m n o p q"], ["r s t u v w x y z k", "r s a aa bb cc dd ee ff gg"]
    found = by_name(lexical(talk(*texts), sample=10, permutations=9))["lexical_shared_vocabulary"]
    assert found.estimate == pytest.approx(((3 - 1) + (2 - 1)) / 2)  # a; k with partners of the other dialogue


def test_repetition_worked_by_hand():
    # B: y1..y3 after A: x1..x3. Shares of matching pairs of words; x_{i+1} is adjacent to y_i, too.
    table = talk(["a b", "a a", "c", "c d", "e f", "e"])
    match = np.array([[1 / 2, 0, 0], [0, 1 / 2, 0], [0, 0, 1 / 2]])  # reply by turn before
    advantage = [match[0, 0] - match[0, 2], match[1, 1] - match[1, 0], match[2, 2] - match[2, 1]]
    found = by_name(lexical(table, permutations=9))["lexical_repetition"]
    assert found.estimate == pytest.approx(np.mean(advantage))
    assert found.n == 3  # of A's replies to B there are two, both adjacent to everything


def test_who_repeats_the_partner_is_found_and_who_does_not_is_not():
    coupled = talk(*(random_texts(seed, share=0.3) for seed in range(12)))
    alone = talk(*(random_texts(100 + seed) for seed in range(12)))
    for effect in lexical(coupled, permutations=99):
        assert effect.p == 0.01
        assert effect.low > 0
    assert by_name(lexical(alone, permutations=99))["lexical_repetition"].p > 0.05


def test_a_common_topic_is_shared_vocabulary_but_no_repetition():
    def on_topic(seed):
        texts = random_texts(seed, vocabulary=15)
        return [f"{text} topic{seed}x{turn * 7 % 5}" for turn, text in enumerate(texts)]

    found = by_name(lexical(talk(*map(on_topic, range(10))), permutations=99))
    assert found["lexical_shared_vocabulary"].p == 0.01
    assert found["lexical_repetition"].p > 0.05


def test_speakers_swap_and_names_of_words_change_nothing():
    texts = [random_texts(seed, turns=13, share=0.2) for seed in range(6)]
    before = by_name(lexical(talk(*texts), permutations=19))["lexical_repetition"]
    renamed = talk(*[[text.replace("w", "Ж").upper() for text in dialogue] for dialogue in texts])
    after = by_name(lexical(renamed.assign(turn=renamed["turn"] + 5), permutations=19))["lexical_repetition"]
    assert (after.estimate, after.p) == pytest.approx((before.estimate, before.p))
    swapped = talk(*[["", *dialogue] for dialogue in texts])  # the other one is first, and says nothing
    assert by_name(lexical(swapped, permutations=19))["lexical_repetition"].estimate == pytest.approx(before.estimate)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (talk(["a b", "c"]).drop(columns="text"), "no column text"),
        (talk(["a", "b"]).assign(speaker="x"), "exactly two speakers"),
        (talk(["a", "b", "a", "b"]), ""),
        (talk([None] * 8, [None] * 8), ""),
    ],
)
def test_what_cannot_be_measured_says_why(table, why):
    for effect in lexical(table, permutations=9):
        assert effect.note.startswith("not computable: ")
        assert why in effect.note


def test_short_dialogues_are_left_out_and_told():
    long, short = (random_texts(1), random_texts(2), random_texts(3)), random_texts(4, turns=2)
    found = by_name(lexical(talk(*long, short), sample=50, permutations=9))["lexical_shared_vocabulary"]
    assert found.conversations == 3
    assert found.note == "50 words of each speaker; 1 dialogues with fewer left out"
