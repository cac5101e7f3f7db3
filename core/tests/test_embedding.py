"""Embeddings: registered as a part, tested by a suite, chosen inside the options of a stage."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from antiphon import Provider, Selection, hookimpl, option
from antiphon.cli.main import main
from antiphon.discovery import Plugins
from antiphon.profile.schema import profile_schema
from antiphon.provider import STAGES
from antiphon.stages import Component
from antiphon.testing import conformance
from antiphon.testing.conformance.options import choose
from attrs import frozen
from click.testing import CliRunner
from jsonschema import Draft202012Validator


@frozen
class HashedOptions:
    """Of the embedding ``hashed``."""

    dims: int = option(4, help="How many numbers a vector has.")


class Hashed(Component[HashedOptions]):
    """A random vector for every word."""

    def session(self, seed: int) -> Hashed:
        return self

    def embed(self, text: str) -> np.ndarray:
        seeds = [
            int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:4], "big") for word in text.split()
        ]
        drawn = [np.random.default_rng(seed).normal(size=self.options.dims) for seed in seeds]
        return np.array(drawn, dtype=np.float32).reshape(-1, self.options.dims)


@frozen
class ReaderOptions:
    """Of a strategy that reads."""

    embedding: Selection = option(help="What it reads with.", stage="embedding")


class Reader(Component[ReaderOptions]):
    pass


class Words:
    """The plugin."""

    @hookimpl
    def antiphon_register_embedding(self, register) -> None:
        summary = "A random vector for every word"
        register(Provider("hashed", summary, f"{__file__}:Hashed", f"{__file__}:HashedOptions"))

    @hookimpl
    def antiphon_register_strategy(self, register) -> None:
        register(Provider("reader", "Reads", f"{__file__}:Reader", f"{__file__}:ReaderOptions"))


PLUGIN = Words()


class TestHashed(conformance.EmbeddingSuite):
    name = "hashed"
    options = {"dims": 3}  # noqa: RUF012
    modules = (("words", PLUGIN),)

    def test_listing_imports_nothing_heavy(self) -> None:
        pytest.skip("the plugin is this test itself")


def test_it_is_chosen_inside_the_options_of_a_stage() -> None:
    plugins = Plugins([("words", PLUGIN)], installed=False)
    table = {"embedding": {"use": "hashed", "options": {"dims": 2}}}
    chosen = choose(plugins, "strategy", "reader", table).options.embedding
    assert (chosen.stage, chosen.name, chosen.options.dims) == ("embedding", "hashed", 2)


def test_the_schema_knows_its_options_and_no_profile_has_it_as_a_stage() -> None:
    schema = profile_schema(Plugins([("words", PLUGIN)], installed=False))
    validator = Draft202012Validator(schema)
    profile = {"schema": 1, "audio_in": {"use": "terminal"}}
    for dims, valid in ((3, True), ("three", False)):
        strategy = {"use": "reader", "options": {"embedding": {"use": "hashed", "options": {"dims": dims}}}}
        assert validator.is_valid({**profile, "strategy": strategy}) is valid, json.dumps(strategy)
    assert not validator.is_valid({**profile, "embedding": {"use": "hashed"}})
    assert "embedding" not in STAGES


def test_embeddings_are_listed() -> None:
    assert "\nembedding\n" in CliRunner().invoke(main, ["plugins"]).output
