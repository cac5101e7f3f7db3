"""Learns the table of `letter_to_sound` from the dictionary: ``python -m antiphon_tts_tacotron2.text.learn_letters``.

Letters are aligned with phonemes by hard expectation maximisation, none to two phonemes a letter. Then every context
gets its most frequent phonemes, and is kept where a narrower one would be wrong.
"""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from antiphon_tts_tacotron2.text.letter_to_sound import WIDTHS, context

Word = tuple[str, tuple[str, ...]]

MOST_PHONEMES = 2
ROUNDS, ALIGNED_WORDS = 4, 30_000
LEAST = {6: 2, 5: 2, 4: 3, 3: 4}
"""How often a context of so many letters must occur."""


def align(word: str, phonemes: Sequence[str], scores: Mapping[tuple[str, str], float]) -> list[str] | None:
    """The phonemes of each letter, joined by spaces; None if there are too many for the letters."""
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for letter in word:
        reached: dict[int, tuple[float, int]] = {}
        for used, (total, _) in best[-1].items():
            for count in range(min(MOST_PHONEMES, len(phonemes) - used) + 1):
                score = total + scores.get((letter, " ".join(phonemes[used : used + count])), -16.0 - 4.0 * count)
                if used + count not in reached or score > reached[used + count][0]:
                    reached[used + count] = (score, used)
        best.append(reached)
    at = len(phonemes)
    if at not in best[-1]:
        return None
    pieces: list[str] = []
    for step in reversed(best[1:]):
        before = step[at][1]
        pieces.append(" ".join(phonemes[before:at]))
        at = before
    return pieces[::-1]


def learn_scores(words: Sequence[Word]) -> dict[tuple[str, str], float]:
    """Log probabilities of phonemes given their letter."""
    scores: dict[tuple[str, str], float] = {}
    for number in range(ROUNDS):
        counts: Counter[tuple[str, str]] = Counter()
        for word, phonemes in words:
            if number == 0:
                # Roughly along the diagonal, so that the first scores mean something.
                for at, letter in enumerate(word):
                    middle = at * len(phonemes) / len(word)
                    for near in {int(middle), round(middle)} & set(range(len(phonemes))):
                        counts[letter, phonemes[near]] += 1
                    counts[letter, ""] += 1
            elif (pieces := align(word, phonemes, scores)) is not None:
                counts.update(zip(word, pieces, strict=True))
        totals: Counter[str] = Counter()
        for (letter, _), count in counts.items():
            totals[letter] += count
        scores = {key: math.log(count / totals[key[0]]) for key, count in counts.items() if count > 2}
        if number == 0:
            scores = {key: value - (3.0 if not key[1] else 0.0) for key, value in scores.items()}
    return scores


def make_table(aligned: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    """Context to phonemes, where a narrower context would say something else."""
    counts: dict[tuple[int, int], dict[str, Counter[str]]] = {width: defaultdict(Counter) for width in WIDTHS}
    for word, pieces in aligned:
        padded = f"###{word}###"
        for at, piece in enumerate(pieces, 3):
            for width in WIDTHS:
                counts[width][context(padded, at, *width)][piece] += 1
    table: dict[str, str] = {}
    for width in reversed(WIDTHS):
        for key, said in counts[width].items():
            if sum(said.values()) < LEAST.get(sum(width), 1):
                continue
            piece = min(said, key=lambda p: (-said[p], p))
            if piece != _known(table, key, width):
                table[key] = piece
    return table


def _known(table: Mapping[str, str], key: str, width: tuple[int, int]) -> str | None:
    """What the contexts that are tried behind this one say."""
    before, behind = key.index("("), len(key) - key.index(")") - 1
    for narrower in WIDTHS[WIDTHS.index(width) + 1 :]:
        if narrower[0] <= before and narrower[1] <= behind:
            inner = key[before - narrower[0] : before + 3 + narrower[1]]
            if inner in table:
                return table[inner]
    return None


def learn(words: Sequence[Word]) -> dict[str, str]:
    """The table for a dictionary."""
    usable = [(word.replace("'", ""), phonemes) for word, phonemes in words if word.replace("'", "")]
    scores = learn_scores(usable[:: max(1, len(usable) // ALIGNED_WORDS)])
    aligned = ((word, align(word, phonemes, scores)) for word, phonemes in usable)
    return make_table((word, pieces) for word, pieces in aligned if pieces is not None)


def read_dictionary() -> list[Word]:
    """All words of the package's dictionary."""
    text = gzip.decompress((Path(__file__).parent / "data" / "cmudict.txt.gz").read_bytes()).decode("ascii")
    split = (line.split() for line in text.splitlines())
    return [(word, tuple(phonemes)) for word, *phonemes in split]


def main() -> None:
    table = learn(read_dictionary())
    packed = gzip.compress(json.dumps(table, separators=(",", ":"), sort_keys=True).encode(), 9, mtime=0)
    (Path(__file__).parent / "data" / "letters.json.gz").write_bytes(packed)
    print(f"{len(table)} contexts, {len(packed) / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
