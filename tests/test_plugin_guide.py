"""The plugin author's guide: its code runs as it stands there, and it leaves out no stage, hook or capability."""

import inspect
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from antiphon import hookspecs
from antiphon.profile.toml import parse
from antiphon.provider import API_VERSION, CAPABILITIES, KINDS
from antiphon.recording.reader import read_recording
from antiphon.stages import PROTOCOLS
from antiphon.testing import conformance
from antiphon.testing.conformance.deciding import SpecsSuite
from antiphon.testing.fakes.options import FakeOptions

GUIDE = (Path(__file__).parent.parent / "docs" / "plugin-guide.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ")
    for language, _, text in BLOCKS
    for line in text.splitlines()
    if language == "console" and line.startswith("$ ")
]
PYTEST = "-p no:cacheprovider -p no:hypothesispytest --assert=plain"
"""Options that only save time."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files of the guide, its three distributions installed as if by pip."""
    folder = tmp_path_factory.mktemp("guide")
    for _, name, text in BLOCKS:
        if name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    for pyproject in folder.glob("*/pyproject.toml"):
        install(pyproject, folder / "site-packages")
    return folder


def install(pyproject: Path, site_packages: Path) -> None:
    """What an editable installation leaves behind: metadata, and the source on the path (see `run`)."""
    project = parse(pyproject.read_text(encoding="utf-8"))["project"]
    info = site_packages / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    entry_points = "".join(f"{name} = {module}\n" for name, module in project["entry-points"]["antiphon"].items())
    (info / "entry_points.txt").write_text(f"[antiphon]\n{entry_points}")


def run(command: str, folder: Path) -> str:
    """The output of a command of the guide."""
    program, *arguments = shlex.split(command)
    module = [] if program == "python" else ["-m", program]
    path = [folder / "site-packages", *folder.glob("*/src")]
    process = subprocess.run(
        [sys.executable, *module, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), "PYTEST_ADDOPTS": PYTEST},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert process.returncode == 0, f"{command}\n{process.stdout}\n{process.stderr}"
    return process.stdout


@pytest.fixture(scope="module")
def outputs(workspace: Path) -> dict[str, str]:
    """The output of every command of the guide but pip's, run in order."""
    return {command: run(command, workspace) for command in COMMANDS if not command.startswith("pip ")}


def test_the_plugins_pass_their_tests(outputs: dict[str, str]) -> None:
    tested = [output for command, output in outputs.items() if command.startswith("pytest ")]
    assert len(tested) == 2
    for output in tested:
        assert re.search(r"[1-9]\d* passed", output)


def test_the_strategy_is_shown_with_its_options(outputs: dict[str, str]) -> None:
    page = outputs["antiphon plugins show patient"]
    assert "antiphon-patient" in page
    assert "Number of turns for which the user has to be consistent" in page


def test_the_dialogue_is_what_the_guide_says(outputs: dict[str, str], workspace: Path) -> None:
    (session,) = (workspace / "sessions").iterdir()
    turns = read_recording(session).turns
    user = [turn for turn in turns if turn.speaker == "user"]
    agent = [turn for turn in turns if turn.speaker == "agent"]
    assert [turn.text for turn in user] == ["1", "1 2", "1 2 3"]
    assert [turn.text for turn in agent] == ["I hear you", "And once more", "Thank you"]
    assert [set(turn.target) for turn in agent] == [set(), {"pitch_mean"}, {"pitch_mean"}]
    assert all(60 <= turn.controls["pitch_mean"] <= 400 for turn in agent[1:])
    assert len((session / "diary.txt").read_text(encoding="utf-8").splitlines()) == len(turns)


def test_a_failing_recogniser_is_tested_with_fakes(workspace: Path) -> None:
    assert "1 passed" in run("pytest test_with_fakes.py", workspace)


@pytest.mark.parametrize("snippet", [text for language, name, text in BLOCKS if language == "python" and not name])
def test_snippets_without_a_file_run(snippet: str) -> None:
    exec(compile(snippet, "plugin-guide.md", "exec"), {"__name__": "snippet"})


# -- nothing is left out ----------------------------------------------------------------------------------------------


def hooks() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("antiphon_")]


@pytest.mark.parametrize("hook", [h for h in hooks() if h.removeprefix("antiphon_register_") not in KINDS])
def test_every_broadcast_is_in_the_guide_with_its_arguments(hook: str) -> None:
    arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert f"`{hook}({arguments})`" in GUIDE


@pytest.mark.parametrize("stage", KINDS)
def test_every_stage_is_in_the_guide_with_its_protocols_and_their_methods(stage: str) -> None:
    assert f"antiphon_register_{stage}" in hooks()
    rows = GUIDE.partition("\n## Stages\n")[2].partition("\n## ")[0].splitlines()
    assert any(row.startswith(f"| `{stage}` | `antiphon_register_{stage}` |") for row in rows)
    for protocol in PROTOCOLS[stage]:
        (row,) = [row for row in rows if f"| `{protocol.__name__}` |" in row]
        methods = [name for name, member in vars(protocol).items() if callable(member) and not name.startswith("_")]
        assert f"| {', '.join(f'`{method}`' for method in methods)} |" in row


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_every_capability_is_in_the_guide(capability: str) -> None:
    assert f"\n| `{capability}` |" in GUIDE


def test_every_suite_is_in_the_guide() -> None:
    for name in conformance.__all__:
        suite = getattr(conformance, name)
        if suite is not conformance.Suite:
            assert f"\n| `{suite.stage}` | `{name}` |" in GUIDE


@pytest.mark.parametrize(
    "attribute",
    sorted({*inspect.get_annotations(conformance.Suite), *inspect.get_annotations(SpecsSuite), "reads"} - {"stage"}),
)
def test_every_attribute_of_a_suite_is_in_the_guide(attribute: str) -> None:
    assert f"\n| `{attribute}` |" in GUIDE


@pytest.mark.parametrize("option", [a.name for a in attrs.fields(FakeOptions)])
def test_every_option_of_the_fakes_is_in_the_guide(option: str) -> None:
    assert f"`{option}`" in GUIDE


def test_the_version_of_the_plugin_api_is_the_present_one() -> None:
    assert f"at present {API_VERSION}." in GUIDE
    assert f"`api={API_VERSION}`" in GUIDE
