"""Fixtures that all packages' tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("antiphon", deadline=None)  # a busy machine is no failure
settings.load_profile("antiphon")

SHARED = Path(__file__).resolve().parent.parent / "shared" / "data"


def _shared(*parts: str) -> Path:
    folder = SHARED.joinpath(*parts)
    if not folder.exists():
        pytest.skip(f"needs real data: {folder} is not there")
    return folder


@pytest.fixture
def kathleen() -> Path:
    """The folder of one speaker's read sentences: metadata.csv (id|text|...) and wavs/ID.flac, 22,050 Hz."""
    return _shared("voices", "kathleen")


@pytest.fixture
def conversations() -> Path:
    """The folder of real conversations' turn tables."""
    return _shared("conversations")
