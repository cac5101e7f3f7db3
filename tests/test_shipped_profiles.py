"""Every profile that ships passes its check and fits the JSON Schema."""

from __future__ import annotations

from pathlib import Path

import pytest
from antiphon.discovery import Plugins
from antiphon.errors import ProfileError
from antiphon.profile import load_profile
from antiphon.profile.schema import profile_schema
from antiphon.profile.toml import parse
from jsonschema import Draft202012Validator

PROFILES = sorted((Path(__file__).parents[1] / "profiles").glob("*.toml"))


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return Plugins()


def test_there_are_profiles():
    assert PROFILES


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.name)
def test_it_passes_its_check(path, plugins):
    """Files that the user brings may be missing, nothing else."""
    try:
        load_profile(path, plugins=plugins)
    except ProfileError as error:
        wrong = [line for line in error.problems if "there is no" not in line]
        assert not wrong


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.name)
def test_it_fits_the_schema(path, plugins):
    errors = Draft202012Validator(profile_schema(plugins)).iter_errors(parse(path.read_text(encoding="utf-8")))
    assert [error.message for error in errors] == []
