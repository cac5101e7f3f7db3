"""What the tests across packages share: the command line in a process of its own, and the profiles in this one."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from antiphon.engine import SessionResult, run_profile

ROOT = Path(__file__).resolve().parent.parent

CommandLine = Callable[..., subprocess.CompletedProcess[str]]
Hold = Callable[..., SessionResult]


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def antiphon() -> CommandLine:
    """Runs ``python -m antiphon ARGUMENTS``; what a user would see, with no terminal."""

    def run(
        *arguments: object, cwd: Path = ROOT, typed: str = "", path: Path | None = None, status: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        process = subprocess.run(
            [sys.executable, "-m", "antiphon", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **({"PYTHONPATH": str(path)} if path else {})},
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if status is not None:
            assert process.returncode == status, f"{arguments}\n{process.stdout}\n{process.stderr}"
        return process

    return run


@pytest.fixture
def hold(tmp_path: Path) -> Hold:
    """Holds the dialogue of a profile of this repository, in this process."""

    def run(profile: str, *overrides: str, fails: bool = False, **more: object) -> SessionResult:
        result = run_profile(ROOT / "profiles" / profile, sessions=tmp_path / "sessions", overrides=overrides, **more)
        assert (result.error is not None) == fails, result.reason
        return result

    return run
