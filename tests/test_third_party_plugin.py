"""A plugin that a third party starts with ``antiphon plugin new``, in a fresh environment beside core alone.

It is installed by pip as its page says, found, passes the conformance suite of its stage, and runs in a dialogue.
"""

import json
import os
import subprocess
import venv
from pathlib import Path

import pytest
from antiphon.provider import STAGES

ROOT = Path(__file__).parent.parent

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


class Environment:
    """A virtual environment, and a folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=True)
        self._bin = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")

    def run(self, program: str, *arguments: object, cwd: Path | None = None, typed: str = "") -> str:
        """The output of a program of the environment."""
        process = subprocess.run(
            [str(self._bin / program), *map(str, arguments)],
            cwd=cwd or self.folder,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            input=typed,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert process.returncode == 0, f"{program} {arguments}\n{process.stdout}\n{process.stderr}"
        return process.stdout

    def pip_install(self, *arguments: object) -> None:
        self.run("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Core, what its tests need, and a new plugin for every stage."""
    environment = Environment(tmp_path_factory.mktemp("third-party"))
    environment.pip_install("--constraint", ROOT / "constraints.txt", f"{ROOT / 'core'}[testing]", "hatchling")
    for stage in STAGES:
        environment.run("antiphon", "plugin", "new", name(stage), "--stage", stage)
    plugins = [environment.folder / f"antiphon-{name(stage)}" for stage in STAGES]
    environment.pip_install("--no-build-isolation", *plugins)
    return environment


def name(stage: str) -> str:
    return f"my-{stage.replace('_', '-')}"


def test_there_is_core_and_nothing_else(environment: Environment) -> None:
    listed = json.loads(environment.run("python", "-m", "pip", "list", "--format", "json"))
    installed = {package["name"] for package in listed if package["name"].startswith("antiphon")}
    assert installed == {"antiphon", *(f"antiphon-{name(stage)}" for stage in STAGES)}


def test_all_are_found_and_none_is_broken(environment: Environment) -> None:
    listing = environment.run("antiphon", "plugins")
    assert "broken" not in listing
    for stage in STAGES:
        assert f"antiphon-{name(stage)} 0.1.0" in listing
        assert name(stage) in environment.run("antiphon", "plugins", "show", name(stage))


@pytest.mark.parametrize("stage", STAGES)
def test_it_passes_the_suite_of_its_stage(environment: Environment, stage: str) -> None:
    output = environment.run("pytest", "-p", "no:cacheprovider", cwd=environment.folder / f"antiphon-{name(stage)}")
    assert " passed" in output


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "vocoder"])  # core has no voice that needs one
def test_it_runs_in_a_dialogue(environment: Environment, stage: str) -> None:
    project = environment.folder / f"antiphon-{name(stage)}"
    profile = f"{name(stage)}.toml"
    environment.run("antiphon", "profile", "check", profile, cwd=project)
    command = ("antiphon", "run", profile, "--turns", 2, "--quiet")
    session = Path(environment.run(*command, cwd=project, typed="hello\nI am well\n").split()[-1])
    turns = [json.loads(line) for line in (project / session / "turns.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [turn["speaker"] for turn in turns] == ["user", "agent"] * 2
    assert all(turn["text"] for turn in turns if turn["speaker"] == "agent")
