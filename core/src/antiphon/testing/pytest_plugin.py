"""Fixtures for tests of plugins; every pytest run in an environment with Antiphon loads this, so it imports little."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from antiphon.discovery import Plugins
    from antiphon.engine import SessionResult

pytest.register_assert_rewrite("antiphon.testing.conformance")


class RunDialogue(Protocol):
    """The fixture `run_dialogue`."""

    def __call__(self, profile: str, *overrides: str, plugins: Plugins | None = None) -> SessionResult:
        """Hold the dialogue of a profile, given as text; overrides are ``table.key=value``."""


@pytest.fixture(scope="session")
def antiphon_plugins() -> Plugins:
    """All plugins of this environment."""
    from antiphon.discovery import Plugins

    return Plugins()


@pytest.fixture
def antiphon_session_folder(tmp_path: Path) -> Path:
    """The folder under which `run_dialogue` records."""
    folder = tmp_path / "sessions"
    folder.mkdir()
    return folder


@pytest.fixture
def run_dialogue(tmp_path: Path, antiphon_session_folder: Path, antiphon_plugins: Plugins) -> RunDialogue:
    """Holds a dialogue from the text of a profile; relative paths in it start from ``tmp_path``."""

    def run(profile: str, *overrides: str, plugins: Plugins | None = None) -> SessionResult:
        from antiphon.engine import run_profile

        path = tmp_path / "profile.toml"
        path.write_text(profile, encoding="utf-8")
        return run_profile(
            path, sessions=antiphon_session_folder, overrides=overrides, plugins=plugins or antiphon_plugins
        )

    return run
