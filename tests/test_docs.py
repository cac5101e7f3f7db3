"""The documentation is right: profiles pass the check, Python runs, commands exist, links lead somewhere.

The plugin author's guide has files and commands that build on one another; `test_plugin_guide` runs those.
"""

import functools
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from antiphon import features
from antiphon.cli.main import main
from antiphon.discovery import Plugins
from antiphon.features import FeatureSpec
from antiphon.profile import load_profile
from antiphon.profile.tables import LISTS, ProfileTable, SessionTable, StrategyTable, TransformTable
from antiphon.profile.toml import parse
from antiphon.provider import STAGES
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8")
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
    + sorted(ROOT.glob("plugins/*/README.md"))
}
PROFILES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(ROOT.glob("profiles/**/*.toml"))
}

BLOCK = re.compile(r"^(```+)([^\n`]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
SHELLS = ("", "console", "sh", "bash", "shell", "text")
COMMAND = re.compile(r"(?:^|\$ |[|;&] ?|\bdo )(?:python -m )?antiphon ([a-z][^|;&>`]*)")


def blocks(text: str, *languages: str) -> list[str]:
    """The fenced blocks in a language that stand by themselves, not those with the name of a file behind it."""
    return [body for _, language, body in BLOCK.findall(text) if language.strip() in languages]


def numbered(*languages: str) -> list[object]:
    return [
        pytest.param(body, id=f"{page}-{number}")
        for page, text in PAGES.items()
        for number, body in enumerate(blocks(text, *languages), 1)
    ]


# -- profiles ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", numbered("toml"))
def test_whole_profiles_pass_the_check(text: str, tmp_path: Path) -> None:
    if "schema" not in parse(text):
        pytest.skip("a part of a profile, which is read all the same")
    for profile in ROOT.glob("profiles/*.toml"):
        shutil.copy(profile, tmp_path)
    for name in re.findall(r'"([\w./-]+\.(?:wav|flac))"', text):
        (tmp_path / name).touch()
    (tmp_path / "profile.toml").write_text(text, encoding="utf-8")
    load_profile(tmp_path / "profile.toml")


# -- Python -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if blocks(text, "python")])
def test_python_can_be_compiled(page: str) -> None:
    for block in blocks(PAGES[page], "python"):
        compile(block, page, "exec")


@pytest.mark.parametrize("page", [p for p, text in PAGES.items() if blocks(text, "python") and "plugins/" not in p])
def test_python_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's blocks in order, each with what those before it have made."""
    (tmp_path / "profiles").symlink_to(ROOT / "profiles")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "snippet"}
    for block in blocks(PAGES[page], "python"):
        exec(compile(block, page, "exec"), namespace)


# -- commands ---------------------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, str]]:
    """Every command line of ours, with the page that names it."""
    for page, text in PAGES.items():
        fenced = "\n".join(blocks(text, *SHELLS))
        prose = BLOCK.sub("", text)
        indented = "\n".join(re.findall(r"^(?: {4}|\t)(.*)$", prose, re.MULTILINE))
        spans = "\n".join(re.findall(r"(?<!`)`([^`\n]+)`", prose))
        yield from _commands(page, "\n".join([fenced, indented, spans]))
    for profile, text in PROFILES.items():
        yield from _commands(profile, "\n".join(re.findall(r"^# {4,}(.*)$", text, re.MULTILINE)))


def _commands(page: str, text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("\\\n", " ").splitlines():
        for arguments in COMMAND.findall(line):
            yield page, arguments


@pytest.mark.parametrize(("page", "arguments"), sorted(set(commands())))
def test_commands_exist_with_their_options(page: str, arguments: str) -> None:
    path, page_of_help = [], help_of()
    for word in shlex.split(arguments, comments=True):
        if word.startswith("-"):
            assert re.search(rf"(?<![\w-]){re.escape(word.partition('=')[0])}(?![\w-])", page_of_help), word
        elif re.search(rf"^  {re.escape(word)}( |$)", page_of_help.partition("\nCommands:\n")[2], re.MULTILINE):
            path.append(word)
            page_of_help = help_of(*path)
        else:
            assert path, f"there is no command {word}"
            assert not re.search(r"Usage: .* COMMAND \[ARGS\]\.\.\.$", page_of_help, re.MULTILINE), word


@functools.cache
def help_of(*command: str) -> str:
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)`", "\n".join(PAGES.values())))))
def test_targets_of_make_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_there_are_commands() -> None:
    assert len(set(commands())) > 10


# -- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    prose = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", PAGES[page]))
    for target in re.findall(r"\]\(([^()\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert file.exists(), f"{page} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), f"{page} links to {target}"


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.+?)\s*$", BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# -- coming from the first version ------------------------------------------------------------------------------------

FIRST_VERSION = PAGES["docs/first-version.md"]
SPANS = re.findall(r"`([^`\n]+)`", FIRST_VERSION)
FLAGS = (
    "--max-turns", "--audio-in dummy", "--audio-in sr", "--sr-audio-in-device-index", "--sr-audio-in-sample-rate",
    "--asr terminal", "--asr sphinx", "--response-generator dummy", "--response-generator eliza",
    "--response-generator dialogpt", "--dummy-response-generator-response", "--dialogpt-size",
    "--feature-extractor dummy", "--feature-extractor praat rate", "--dummy-extractor-config",
    "--dummy-extractor-fuzz", "--transformers passthrough", "--transformers map", "--transformers pitch_range",
    "--transformers log", "--transformers normalize", "--transformers normalize_user",
    "--map-transformer-target-config", "--map-transformer-speaker-config", "--normalize-transformer-config",
    "--entrainment-strategy neutral", "--entrainment-strategy matching", "--entrainment-strategy neural",
    "--neural-entrainment-ckpt", "--entrainment-transformers passthrough", "--entrainment-transformers map",
    "--entrainment-transformers expand", "--expand-transformer-target-config", "--tts dummy", "--tts pyttsx3",
    "--tts tacotron2", "--tacotron2-ckpt", "--tacotron2-device-index",
)  # fmt: skip


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_of_the_first_version_is_mapped(flag: str) -> None:
    assert any(span == flag or span.startswith(f"{flag} ") for span in SPANS)


def test_every_scenario_of_the_first_version_has_a_profile() -> None:
    for number in range(1, 5):
        (profile,) = (name for name in PROFILES if name.startswith(f"profiles/first-version-{number}-"))
        assert f"(../{profile})" in FIRST_VERSION


def test_every_name_and_key_that_replaces_a_flag_exists() -> None:
    plugins = Plugins()
    names = {registered.provider.name for registered in plugins.registered()}
    specs = {value.name for value in vars(features).values() if isinstance(value, FeatureSpec)}
    keys = {a.name for a in attrs.fields(ProfileTable)} | {"use", "options"}
    checked = 0
    for span in SPANS:
        key, _, value = span.partition(" = ")
        table, _, rest = key.partition(".")
        if span.startswith(("-", "antiphon ", "[", "{")):
            continue
        checked += 1
        if not rest:
            assert span.strip('"') in names | specs | keys | {"target"}, span
        elif rest == "use":
            assert plugins.find(table, parse(f"name = {value}")["name"])
        elif rest.startswith("options."):
            option = rest.split(".")[1]
            implementations = [registered.provider.options_class() for registered in plugins.registered(table)]
            assert any(option in {a.name for a in attrs.fields(options)} for options in implementations), span
        else:
            tables = {"session": SessionTable, "strategy": StrategyTable, "transform": TransformTable}
            assert rest in {a.name for a in attrs.fields(tables[table])}, span
    assert checked > 50
    assert {*LISTS} < {*STAGES}
