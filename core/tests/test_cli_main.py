"""The command line: what it prints, its exit status, and what it imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import antiphon
import click
import pytest
from antiphon.cli.main import COMMANDS, ExtensibleGroup, main
from antiphon.errors import AntiphonError, DeviceError, ProfileError
from antiphon.profile import load_profile
from click.testing import CliRunner, Result


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


GOOD = 'schema = 1\n[audio_in]\nuse = "terminal"\n'


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "p.toml"
    path.write_text(GOOD)
    return path


def test_help_names_every_command():
    result = invoke("--help")
    assert result.exit_code == 0
    assert all(f"\n  {command.name} " in result.output for command in COMMANDS)


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_every_command_has_help(name):
    result = invoke(name, "--help")
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


def test_version():
    assert invoke("--version").output == f"antiphon {antiphon.__version__}\n"


def test_module_and_script_are_the_same():
    done = subprocess.run([sys.executable, "-m", "antiphon", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"antiphon {antiphon.__version__}\n"


def test_an_unknown_command():
    result = invoke("sing")
    assert result.exit_code == 2
    assert "No such command 'sing'" in result.output


# -- errors ----------------------------------------------------------------------------------------------------------


def failing(error: BaseException) -> Result:
    group = ExtensibleGroup("test")

    @group.command()
    def fail():
        raise error

    return CliRunner().invoke(group, ["fail"])


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (AntiphonError("do this"), 1, "Error: do this\n"),
        (DeviceError("no microphone"), 1, "Error: no microphone\n"),
        (ProfileError(["p.toml:1: a", "p.toml:2: b"]), 2, "p.toml:1: a\np.toml:2: b\n"),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
    ],
)
def test_errors_become_messages(error, status, message):
    result = failing(error)
    assert (result.exit_code, result.stderr, result.stdout) == (status, message, "")


def test_ctrl_c_ends_with_130(tmp_path):
    """A real signal to a real process that waits for a typed turn."""
    (tmp_path / "sleepy.py").write_text(
        "import time\nfrom antiphon.cli.main import main\n"
        "@main.command()\ndef sleep():\n    print('ready', flush=True)\n    time.sleep(60)\nmain()\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "sleepy.py"), "sleep"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background jobs ignore it, and so would the child.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "Interrupted.\n")


# -- commands of plugins ---------------------------------------------------------------------------------------------


def test_plugins_may_add_commands(monkeypatch):
    class Adds:
        @staticmethod
        @antiphon.hookimpl
        def antiphon_register_commands(cli):
            cli.add_command(click.Command("dance", callback=lambda: click.echo("dancing"), help="Dance a little."))
            cli.add_command(click.Command("run", callback=lambda: click.echo("hijacked")))

    class Breaks:
        @staticmethod
        @antiphon.hookimpl
        def antiphon_register_commands(cli):
            raise RuntimeError("a bug")

    from antiphon import discovery

    found = discovery.Plugins([("adds", Adds), ("breaks", Breaks)], installed=False)
    monkeypatch.setattr(discovery, "Plugins", lambda: found)
    group = ExtensibleGroup("test", commands=[click.Command("run", callback=lambda: click.echo("running"))])
    runner = CliRunner()
    assert runner.invoke(group, ["run"]).output == "running\n"
    listed = runner.invoke(group, ["--help"])
    assert "Dance a little." in listed.stdout
    assert "plugin breaks are broken: a bug" in listed.stderr
    assert runner.invoke(group, ["dance"]).stdout == "dancing\n"
    assert runner.invoke(group, ["run"]).output == "running\n"


# -- plugins ---------------------------------------------------------------------------------------------------------


def test_plugins_are_listed():
    result = invoke("plugins")
    assert result.exit_code == 0
    assert f"antiphon {antiphon.__version__}" in result.output
    assert "matching" in result.output


def test_broken_plugins_are_listed_with_their_cause(tmp_path):
    info = tmp_path / "sick-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: sick\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[antiphon]\nsick = sick\n")
    (tmp_path / "sick.py").write_text("raise RuntimeError('a bug')\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "antiphon", "plugins"]
    listed = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    assert "sick  sick 1.0: RuntimeError: a bug" in listed
    assert "matching" in listed


def test_a_plugin_is_shown():
    output = invoke("plugins", "show", "partial").output
    assert 'strategy "partial"' in output
    assert "ratio: a number, default 0.5" in output
    constant = invoke("plugins", "show", "constant").output
    assert 'features "constant"' in constant
    assert 'responder "constant"' in constant
    assert 'responder "constant"' not in invoke("plugins", "show", "constant", "--stage", "features").output
    unknown = invoke("plugins", "show", "xyzzy")
    assert unknown.exit_code == 1
    assert 'no plugin registers "xyzzy"' in unknown.output


def test_every_plugin_can_be_shown():
    from antiphon.discovery import Plugins

    for registered in Plugins().registered():
        result = invoke("plugins", "show", registered.provider.name, "--stage", registered.stage)
        assert result.exit_code == 0, result.output


def test_doctor_finds_what_is_broken(capsys):
    from antiphon.cli.doctor import examine
    from antiphon.discovery import Plugins

    class Sick:
        @staticmethod
        @antiphon.hookimpl
        def antiphon_register_strategy(register):
            register(antiphon.Provider("sick", "Sick.", "no_such_module:X"))

    well = examine(Plugins(installed=False))
    assert well == 0, capsys.readouterr().out
    assert examine(Plugins([("sick", Sick)], installed=False)) == 1
    out = capsys.readouterr().out
    assert 'failed  strategy "sick" (sick): sick: cannot load no_such_module:X' in out
    assert 'ok      strategy "matching": imported and opened' in out


# -- profiles --------------------------------------------------------------------------------------------------------


def test_profile_check(profile, tmp_path):
    result = invoke("profile", "check", str(profile))
    assert result.exit_code == 0
    assert f'ok  {profile}  "p"' in result.stdout
    bad = tmp_path / "bad.toml"
    bad.write_text("schema = 1\nnmae = 1\n")
    result = invoke("profile", "check", str(bad), str(profile))
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == f'{bad}:2: nmae: unknown key; did you mean "name"?'
    assert f"ok  {profile}" in result.stdout
    assert invoke("profile", "check", str(profile), "--set", "session.seed=x").exit_code == 2


def test_profile_show_can_be_loaded_again(profile, tmp_path):
    shown = invoke("profile", "show", str(profile), "--set", "session.seed=7")
    assert shown.exit_code == 0
    (tmp_path / "again.toml").write_text(shown.output)
    assert load_profile(tmp_path / "again.toml").resolved == load_profile(profile, ["session.seed=7"]).resolved


def test_profile_schema_is_json():
    assert json.loads(invoke("profile", "schema").output)["title"] == "Antiphon profile"


def test_profile_new(tmp_path):
    path = tmp_path / "mine.toml"
    result = invoke(
        "profile", "new", str(path), "--strategy", "matching", "--transform", "log", "--transform", "to-voice"
    )
    assert result.exit_code == 0, result.output
    profile = load_profile(path)
    assert profile.strategy.selection.name == "matching"
    assert [t.selection.name for t in profile.transform] == ["log", "to-voice"]
    assert profile.name == "mine"
    before = path.read_text()
    again = invoke("profile", "new", str(path))
    assert again.exit_code == 1
    assert "exists" in again.output
    assert path.read_text() == before


def test_profile_new_names_what_must_be_filled_in(tmp_path):
    result = invoke("profile", "new", str(tmp_path / "a.toml"), "--audio-in", "file")
    assert "fill in audio_in.options.path" in result.output
    result = invoke("profile", "new", str(tmp_path / "b.toml"), "--strategy", "maching")
    assert result.exit_code == 1
    assert 'did you mean "matching"?' in result.output
    assert not (tmp_path / "b.toml").exists()


def test_every_default_in_a_new_profile_is_right(tmp_path):
    """Uncommented, the defaults of a starter profile mean what they meant as comments."""
    path = tmp_path / "p.toml"
    assert invoke("profile", "new", str(path)).exit_code == 0
    expected = load_profile(path)
    text = path.read_text()
    lines = [
        line.removeprefix("# ") if line.startswith("# options.") and "=      #" not in line else line
        for line in text.splitlines()
    ]
    assert "\n".join(lines) != text.rstrip()
    path.write_text("\n".join(lines))
    assert load_profile(path).resolved == expected.resolved


# -- start -----------------------------------------------------------------------------------------------------------

HEAVY = (
    "torch", "parselmouth", "pocketsphinx", "onnxruntime", "numpy", "pandas", "scipy", "statsmodels",
    "sounddevice", "soundfile", "cattrs", "asyncio", "rich", "importlib.metadata",
)  # fmt: skip


@pytest.mark.parametrize("arguments", [["--help"], ["plugins"], ["--version"]])
def test_starting_imports_nothing_heavy(arguments):
    program = (
        "import sys\nfrom antiphon.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
