"""Bad neighbours: plugins that are broken, too old or of the same name; fatal only where they are named."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

CommandLine = Callable[..., subprocess.CompletedProcess[str]]

STRATEGY = """
from antiphon import Provider, hookimpl
from antiphon.options import NoOptions
from antiphon.payloads import Target
from antiphon.stages import Component


class High(Component[NoOptions]):
    def session(self, seed):
        return self

    def observe(self, observation):
        pass

    def propose(self, reply):
        return Target({"pitch_mean": 1.0})

    def realised(self, observation):
        pass


@hookimpl
def antiphon_register_strategy(register):
    register(Provider("NAME", "Always high.", "MODULE:High"MORE))
"""

PROFILE = """\
schema = 1
[audio_in]
use = "terminal"
[[features]]
use = "constant"
options.values = { pitch_mean = 180.0 }
[strategy]
use = "USE"
[[transform]]
use = "to-voice"
[synthesizer]
use = "espeak"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where distributions are installed: three that are broken, each in its own way, and three that are well."""
    site = tmp_path / "site-packages"
    install(site, "sick-import", "raise RuntimeError('a bug\\nin two lines')\n")
    install(site, "sick-exit", "import sys\nsys.exit('no')\n")
    install(site, "sick-missing", "import a_module_that_nobody_has\n")
    install(site, "too-old", strategy("too-old", "too_old", ", api=0"))
    install(site, "misspelt", strategy("misspelt", "misspelt").replace("register_strategy", "register_stratagem"))
    install(site, "lost-class", strategy("lost", "lost_class").replace(":High", ":Low"))
    install(site, "twin-one", strategy("twin", "twin_one"))
    install(site, "twin-two", strategy("twin", "twin_two"))
    install(site, "well", strategy("well", "well"))
    return site


def strategy(name: str, module: str, more: str = "") -> str:
    return STRATEGY.replace("NAME", name).replace("MODULE", module).replace("MORE", more)


def install(site: Path, distribution: str, code: str) -> None:
    """A distribution as pip leaves it: a module, and metadata with an entry point."""
    module = distribution.replace("-", "_")
    info = site / f"{module}-1.2.dist-info"
    info.mkdir(parents=True)
    (site / f"{module}.py").write_text(code)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[antiphon]\n{distribution} = {module}\n")


@pytest.fixture
def run(antiphon: CommandLine, tmp_path: Path, site: Path) -> CommandLine:
    """Runs a command beside these neighbours; never with a traceback."""

    def run(*arguments: object, **more: object) -> subprocess.CompletedProcess[str]:
        process = antiphon(*arguments, cwd=tmp_path, path=site, **more)
        assert "Traceback" not in process.stderr
        return process

    return run


@pytest.fixture
def profile(tmp_path: Path) -> Callable[[str], Path]:
    def write(use: str) -> Path:
        path = tmp_path / "profile.toml"
        path.write_text(PROFILE.replace("USE", use))
        return path

    return write


def test_all_are_listed_with_what_is_wrong(run: CommandLine) -> None:
    listed = run("plugins").stdout
    well, _, broken = listed.partition("\nbroken\n")
    lines = {line.split()[0]: line for line in broken.splitlines()}
    assert lines.keys() == {"sick-import", "sick-exit", "sick-missing", "too-old", "misspelt"}
    assert "sick-import 1.2: RuntimeError: a bug" in lines["sick-import"]
    assert "a_module_that_nobody_has" in lines["sick-missing"]
    assert "plugin API 0" in lines["too-old"]
    assert "antiphon_register_stratagem" in lines["misspelt"]
    assert "well 1.2" in well
    assert "twin-one 1.2" in well
    assert "twin-two 1.2" in well
    assert "matching" in well


def test_they_do_not_disturb_a_dialogue(run: CommandLine, profile: Callable[[str], Path]) -> None:
    output = run("run", profile("well"), typed="hello\n").stdout
    assert "agent" in output
    assert "(+1.00)" in output


def test_naming_one_is_an_error_of_the_profile(run: CommandLine, tmp_path: Path) -> None:
    says = {
        "sick-import": "a bug",
        "sick-exit:anything": "SystemExit",
        "sick-missing": "a_module_that_nobody_has",
        "too-old": "plugin API 0",
        "misspelt": "antiphon_register_stratagem",
        "twin": '"twin-one:twin" or "twin-two:twin"',
        "wel": 'did you mean "well"',
    }
    for number, use in enumerate(says):
        (tmp_path / f"{number}.toml").write_text(PROFILE.replace("USE", use))
    process = run("profile", "check", *(f"{number}.toml" for number in range(len(says))), status=2)
    problems = process.stderr.splitlines()
    assert len(problems) == len(says)
    for number, (problem, said) in enumerate(zip(problems, says.values(), strict=True)):
        assert problem.startswith(f"{number}.toml:8: strategy.use: ")
        assert said in problem


def test_a_class_that_is_not_there_is_told_when_it_is_opened(run: CommandLine, profile: Callable[[str], Path]) -> None:
    process = run("run", profile("lost"), typed="hello\n", status=1)
    (line,) = process.stderr.splitlines()
    assert "lost_class:Low" in line


@pytest.mark.long
def test_the_doctor_finds_it_before(run: CommandLine) -> None:
    assert "lost_class:Low" in run("plugins", "doctor", status=1).stdout


def test_twins_are_told_apart_by_their_distributions(run: CommandLine, profile: Callable[[str], Path]) -> None:
    assert "(+1.00)" in run("run", profile("twin-two:twin"), typed="hello\n").stdout
