"""Fixtures for tests of plugins; every pytest run in an environment with Antiphon loads this, so it imports nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from antiphon.discovery import Plugins

pytest.register_assert_rewrite("antiphon.testing.conformance")


@pytest.fixture(scope="session")
def antiphon_plugins() -> Plugins:
    """All plugins of this environment."""
    from antiphon.discovery import Plugins

    return Plugins()


@pytest.fixture
def antiphon_session_folder(tmp_path: Path) -> Path:
    """An empty folder for the recordings of one test."""
    folder = tmp_path / "sessions"
    folder.mkdir()
    return folder
