"""Reads a decoder's result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from antiphon.payloads import Transcript, Word

_VARIANT = re.compile(r"\(\d+\)$")
_FILLER = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+|\(NULL\)")


def read(decoder: Any, frame_rate: int, *, final: bool) -> Transcript:
    """The words of the utterance, without silences, noises and marks of pronunciation variants.

    The confidence of a word is its posterior probability in the word lattice; while the utterance lasts there is no
    lattice, hence no confidence. That of the transcript is the mean over its words: the share of them that is expected
    to be right.
    """
    if decoder.hyp() is None:
        return Transcript("")
    words = tuple(_words(decoder, frame_rate, final))
    known = [word.confidence for word in words if word.confidence is not None]
    return Transcript(" ".join(word.text for word in words), words, sum(known) / len(known) if known else None)


def _words(decoder: Any, frame_rate: int, final: bool) -> Iterator[Word]:
    for segment in decoder.seg():
        if not _FILLER.fullmatch(segment.word):
            yield Word(
                _VARIANT.sub("", segment.word),
                segment.start_frame / frame_rate,
                (segment.end_frame + 1) / frame_rate,
                min(1.0, max(0.0, segment.prob)) if final else None,
            )
