"""What ``antiphon plugin new`` makes works as it is, for every stage, found as an installed plugin is found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from antiphon.cli.main import main
from antiphon.provider import STAGES
from click.testing import CliRunner


def make(into: Path, name: str, stage: str):
    return CliRunner().invoke(main, ["plugin", "new", name, "--stage", stage, "--into", str(into)])


def name_of(stage: str) -> str:
    return f"my-{stage.replace('_', '-')}"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A plugin for every stage, each on the path with the metadata that an installer writes."""
    folder = tmp_path_factory.mktemp("made")
    for stage in STAGES:
        result = make(folder, name_of(stage), stage)
        assert result.exit_code == 0, result.output
        package = f"antiphon_{name_of(stage).replace('-', '_')}"
        info = folder / f"antiphon-{name_of(stage)}" / "src" / f"{package}-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: antiphon-{name_of(stage)}\nVersion: 0.1.0\n")
        (info / "entry_points.txt").write_text(f"[antiphon]\n{name_of(stage)} = {package}.plugin\n")
    return folder


def run(made: Path, *command: str, **more):
    path = os.pathsep.join(str(folder) for folder in made.glob("*/src"))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, env=environment, cwd=made, **more)


def test_they_are_found(made):
    listed = run(made, "-m", "antiphon", "plugins").stdout
    for stage in STAGES:
        assert f"antiphon-{name_of(stage)} 0.1.0" in listed


def passes_its_suite(made: Path, *stages: str) -> None:
    tests = [str(made / f"antiphon-{name_of(stage)}" / "tests") for stage in stages]
    done = run(made, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *tests)
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout


def test_a_strategy_passes_the_conformance_suite(made):
    passes_its_suite(made, "strategy")


@pytest.mark.long
def test_all_pass_the_conformance_suites(made):
    passes_its_suite(made, *STAGES)


def test_their_profiles_are_right(made):
    profiles = [p for p in made.glob("*/*.toml") if p.name not in ("pyproject.toml", "my-vocoder.toml")]
    assert len(profiles) == len(STAGES) - 1
    done = run(made, "-m", "antiphon", "profile", "check", *map(str, profiles))
    assert done.returncode == 0, done.stderr


def test_the_strategy_takes_part_in_a_dialogue(made):
    profile = made / "antiphon-my-strategy" / "my-strategy.toml"
    done = run(made, "-m", "antiphon", "run", str(profile), "--quiet", input="I am tired\nBecause of my work\n")
    assert done.returncode == 0, done.stderr
    assert len((made / done.stdout.strip() / "turns.jsonl").read_text().splitlines()) == 4


def test_they_are_well_formed(made):
    pytest.importorskip("ruff")
    for command in (["check", "--select", "E,F,W,I,B,UP"], ["format", "--check"]):
        done = run(made, "-m", "ruff", *command, "--isolated", "--line-length", "120", ".")
        assert done.returncode == 0, done.stdout


def test_nothing_is_overwritten(made):
    result = make(made, name_of("strategy"), "strategy")
    assert result.exit_code == 1
    assert "exists; choose another name" in result.output


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("My", "use a-z"),
        ("a b", "use a-z"),
        ("../up", "use a-z"),
        ("-x", "No such option"),
        ("a--b", "use a-z"),
        ("1a", "use a-z"),
        ("", "use a-z"),
        ("none", "choose another"),
        ("class", "choose another"),
        ("matching", "is in antiphon already"),
    ],
)
def test_names_that_will_not_do(tmp_path, name, reason):
    result = make(tmp_path, name, "strategy")
    assert result.exit_code != 0
    assert reason in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    result = make(tmp_path / "file", "mine", "strategy")
    assert result.exit_code != 0
    assert "Traceback" not in result.output
