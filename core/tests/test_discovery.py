"""Plugins are found one by one; a broken one never hides another."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from antiphon import Provider, hookimpl
from antiphon.discovery import Plugins
from antiphon.entry_points import EntryPoint, entry_points
from antiphon.errors import AmbiguousName, PluginBroken, PluginNotFound
from antiphon.provider import load


def plugin(*providers, stage="strategy"):
    class Module:
        @staticmethod
        @hookimpl(specname=f"antiphon_register_{stage}")
        def register_all(register):
            for provider in providers:
                register(provider)

    return Module


def provider(name, **more):
    return Provider(name, f"The {name}.", "nowhere:Nothing", **more)


def plugins(*modules):
    return Plugins(modules, installed=False)


def test_built_ins_are_registered_like_any_plugin():
    found = plugins().registered()
    assert {"audio_in", "responder", "strategy", "transform"} <= {r.stage for r in found}
    assert {r.distribution for r in found} == {"antiphon"}
    assert plugins().broken == []


def test_a_name_is_found():
    chosen = plugins(("one", plugin(provider("mine")))).find("strategy", "mine")
    assert (chosen.provider.name, chosen.distribution) == ("mine", "one")
    assert plugins(("one", plugin(provider("mine")))).find("strategy", "one:mine") == chosen


def test_a_name_of_two_distributions_must_be_told_apart():
    both = plugins(("one", plugin(provider("mine"))), ("two", plugin(provider("mine"))))
    with pytest.raises(AmbiguousName, match='"one:mine" or "two:mine"'):
        both.find("strategy", "mine")
    assert both.find("strategy", "two:mine").distribution == "two"


def test_an_unknown_name_is_answered_with_a_close_one():
    with pytest.raises(PluginNotFound, match='did you mean "matching"'):
        plugins().find("strategy", "maching")
    with pytest.raises(PluginNotFound, match="installed are"):
        plugins().find("strategy", "xyzzy")
    with pytest.raises(PluginNotFound):
        plugins().find("strategy", "")


class RaisesWhenAsked:
    @staticmethod
    @hookimpl
    def antiphon_register_strategy(register):
        register(provider("before"))
        raise RuntimeError("a bug")


class MisspeltHook:
    @staticmethod
    @hookimpl
    def antiphon_register_stratagem(register):
        pass


class WrongArguments:
    @staticmethod
    @hookimpl
    def antiphon_register_strategy(registrar):
        pass


@pytest.mark.parametrize(
    ("module", "cause"),
    [
        (RaisesWhenAsked, "RuntimeError: a bug"),
        (MisspeltHook, "antiphon_register_stratagem"),
        (WrongArguments, "registrar"),
        (plugin("no provider"), "takes an antiphon.Provider"),
        (plugin(provider("old", api=0)), "written for plugin API 0, this is 1"),
    ],
)
def test_a_broken_plugin_hides_no_other(module, cause):
    found = plugins(("bad", module), ("good", plugin(provider("mine"))))
    assert found.find("strategy", "mine").distribution == "good"
    (broken,) = found.broken
    assert broken.entry_point == "bad"
    assert cause in broken.cause
    with pytest.raises(PluginBroken, match="bad"):
        found.find("strategy", "bad:anything")


def test_unknown_capabilities_are_refused():
    with pytest.raises(PluginBroken, match="unknown capabilities"):
        provider("mine", capabilities={"fast"})


def test_what_cannot_be_loaded_is_told_with_who_needs_it(tmp_path):
    (tmp_path / "raises.py").write_text("1 / 0\n")
    (tmp_path / "fine.py").write_text("class Mine: pass\n")
    for reference in ("no_such_module:X", "math:nothing", f"{tmp_path}/raises.py:X", f"{tmp_path}/absent.py:X"):
        with pytest.raises(PluginBroken, match="mine: cannot load"):
            load(reference, "mine")
    assert load(f"{tmp_path}/fine.py:Mine", "mine") is load(f"{tmp_path}/fine.py:Mine", "mine")


# -- entry points ----------------------------------------------------------------------------------------------------


def distribution(folder: Path, name: str, version: str, entries: str, *, kind: str = "dist-info") -> None:
    info = folder / f"{name.replace('-', '_')}-{version}.{kind}"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: not this one\n"
    (info / ("METADATA" if kind == "dist-info" else "PKG-INFO")).write_text(head)
    (info / "entry_points.txt").write_text(textwrap.dedent(entries))


def test_the_same_is_found_as_by_importlib():
    for group in ("antiphon", "console_scripts", "pytest11", "no-such-group"):
        expected = {
            (e.name, e.value, e.dist.name, e.dist.version) for e in importlib.metadata.entry_points(group=group)
        }
        assert set(entry_points(group)) == {EntryPoint(*e) for e in expected}


def test_entry_points_of_folders_on_the_path(tmp_path, monkeypatch):
    first, second = tmp_path / "first", tmp_path / "second"
    distribution(
        first,
        "one-plugin",
        "1.2",
        "[other]\nx = y\n\n[antiphon]\n# a comment\none = one.plugin\nsub = a.b:c.d [extra]\n",
    )
    distribution(second, "One.Plugin", "1.0", "[antiphon]\nhidden = hidden\n")
    distribution(second, "two", "2.0", "[antiphon]\ntwo = two\n", kind="egg-info")
    distribution(second, "empty", "1.0", "")
    monkeypatch.setattr(sys, "path", [str(first), str(tmp_path / "absent"), str(second)])
    assert entry_points("antiphon") == [
        EntryPoint("one", "one.plugin", "one-plugin", "1.2"),
        EntryPoint("sub", "a.b:c.d", "one-plugin", "1.2"),
        EntryPoint("two", "two", "two", "2.0"),
    ]
    expected = {(e.name, e.dist.version) for e in importlib.metadata.entry_points(group="antiphon")}
    assert {(e.name, e.version) for e in entry_points("antiphon")} == expected


def test_archives_on_the_path_are_left_to_importlib(tmp_path, monkeypatch):
    import zipfile

    archive = tmp_path / "plugins.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("zipped-3.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped\nVersion: 3.0\n")
        out.writestr("zipped-3.0.dist-info/entry_points.txt", "[antiphon]\nzipped = zipped.plugin\n")
    monkeypatch.setattr(sys, "path", [str(archive)])
    assert entry_points("antiphon") == [EntryPoint("zipped", "zipped.plugin", "zipped", "3.0")]


def test_an_entry_point_is_loaded():
    assert EntryPoint("x", "antiphon.errors:AntiphonError.__name__", "d", "1").load() == "AntiphonError"
    assert EntryPoint("x", "antiphon.errors", "d", "1").load().__name__ == "antiphon.errors"


def test_plugins_that_cannot_be_imported(tmp_path):
    """Real packages in a fresh interpreter: one raises, one exits, one is not there, one is fine."""
    distribution(
        tmp_path, "sick", "1.0", "[antiphon]\nraises = sick_raises\nexits = sick_exits\nabsent = sick_absent\n"
    )
    distribution(tmp_path, "well", "1.0", "[antiphon]\nwell = well\n")
    (tmp_path / "sick_raises.py").write_text("raise RuntimeError('a bug')\n")
    (tmp_path / "sick_exits.py").write_text("import sys\nsys.exit('no')\n")
    (tmp_path / "well.py").write_text(
        "from antiphon import Provider, hookimpl\n\n"
        "@hookimpl\ndef antiphon_register_strategy(register):\n    register(Provider('well', 'Well.', 'well:X'))\n"
    )
    program = (
        "from antiphon.discovery import Plugins; p = Plugins(); print(p.find('strategy', 'well').distribution);"
        "print(sorted((b.entry_point, b.cause) for b in p.broken if b.distribution == 'sick'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(tmp_path)}
    )
    assert done.stdout.splitlines() == [
        "well",
        "[('absent', \"ModuleNotFoundError: No module named 'sick_absent'\"), "
        "('exits', 'SystemExit: no'), ('raises', 'RuntimeError: a bug')]",
    ]
