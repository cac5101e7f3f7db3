"""Reading, extending and overriding profiles."""

from pathlib import Path

import pytest
from antiphon.errors import ProfileError
from antiphon.profile.source import read


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def problems_of(path: Path, *overrides: str) -> list[str]:
    try:
        return read(path, overrides)[1].lines
    except ProfileError as error:
        return list(error.problems)


def test_tables_are_merged_key_by_key(tmp_path):
    write(
        tmp_path, "base.toml", 'schema = 1\n[strategy]\nuse = "a"\noptions.x = 1\noptions.y = 2\n[session]\nseed = 1\n'
    )
    path = write(tmp_path, "p.toml", 'extends = "base.toml"\n[strategy]\noptions.y = 3\n[session]\nturns = 4\n')
    document, problems = read(path, [])
    assert document.table == {
        "schema": 1,
        "strategy": {"use": "a", "options": {"x": 1, "y": 3}},
        "session": {"seed": 1, "turns": 4},
    }
    assert problems.place(("strategy", "options", "y")).label == f"{path}:3"
    assert problems.place(("strategy", "options", "x")).label == f"{tmp_path / 'base.toml'}:4"


def test_another_implementation_starts_afresh(tmp_path):
    write(tmp_path, "base.toml", '[strategy]\nuse = "a"\noptions.x = 1\nclip = 2.0\n')
    path = write(tmp_path, "p.toml", 'extends = "base.toml"\n[strategy]\nuse = "b"\n')
    assert read(path, [])[0].table["strategy"] == {"use": "b"}


def test_arrays_are_replaced_as_a_whole(tmp_path):
    write(tmp_path, "base.toml", '[[features]]\nuse = "a"\n[[features]]\nuse = "b"\n')
    path = write(tmp_path, "p.toml", 'extends = "base.toml"\n[[features]]\nuse = "c"\n')
    document, problems = read(path, [])
    assert document.table["features"] == [{"use": "c"}]
    assert problems.place(("features", 0, "use")).label == f"{path}:3"


def test_paths_know_the_folder_of_their_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "lib/base.toml", '[audio_in]\nuse = "file"\noptions.path = "a.wav"\n')
    path = write(tmp_path, "p.toml", 'extends = "lib/base.toml"\nname = "b"\n')
    table = read(path, ['audio_out.options.path="c.wav"'])[0].table
    assert table["audio_in"]["options"]["path"].folder == tmp_path / "lib"
    assert table["name"].folder == tmp_path
    assert table["audio_out"]["options"]["path"].folder == tmp_path


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"p.toml": 'extends = "p.toml"'}, "p.toml:1: extends: circular"),
        ({"p.toml": 'extends = "q.toml"', "q.toml": 'extends = "p.toml"'}, "extends: q.toml: circular"),
        ({"p.toml": 'extends = "q.toml"', "q.toml": 'extends = "r.toml"'}, "one level only"),
        ({"p.toml": 'name = "x"\nextends = "q.toml"'}, "p.toml:2: extends: cannot read"),
        ({"p.toml": "extends = 3"}, "p.toml:1: extends: must be the path of a profile, not 3"),
        ({"p.toml": 'extends = "."'}, "extends: cannot read"),
        ({"p.toml": 'extends = "q.toml"', "q.toml": "\n\na = = 1"}, "q.toml:3: not valid TOML"),
        ({"p.toml": "a = 1\nb = [1,\n"}, "p.toml:2: not valid TOML"),
        ({"p.toml": "a = 1\na = 2\n"}, "p.toml:2: not valid TOML"),
    ],
)
def test_files_that_cannot_be_read_together(tmp_path, files, expected):
    for name, text in files.items():
        write(tmp_path, name, text)
    found = problems_of(tmp_path / "p.toml")
    assert any(expected in line for line in found), found


def test_files_that_are_no_text(tmp_path):
    path = tmp_path / "p.toml"
    path.write_bytes(b"schema = 1\nname = '\xff'\n")
    assert problems_of(path) == [f"{path}:2: this is not UTF-8 text; save the file as UTF-8"]
    assert "No such file" in problems_of(tmp_path / "missing.toml")[0]
    assert "directory" in problems_of(tmp_path)[0]
    assert problems_of(Path("nul\0.toml"))


def test_overrides(tmp_path):
    path = write(tmp_path, "p.toml", '[strategy]\nuse = "a"\noptions.x = 1\n[[features]]\nuse = "b"\n')
    document, problems = read(
        path, ["strategy.options.x=2", "session.seed = 7", "features.0.options.y=[1, 2]", "strategy.clip=inf"]
    )
    assert not problems
    assert document.table["strategy"] == {"use": "a", "options": {"x": 2}, "clip": float("inf")}
    assert document.table["session"] == {"seed": 7}
    assert document.table["features"] == [{"use": "b", "options": {"y": [1, 2]}}]
    assert problems.place(("strategy", "options", "x")).label == "--set strategy.options.x=2"
    assert problems.place(("strategy", "use")).label == f"{path}:2"


def test_override_of_use_drops_the_options_of_the_other(tmp_path):
    path = write(tmp_path, "p.toml", '[strategy]\nuse = "a"\noptions.x = 1\n')
    assert read(path, ["strategy.use=b", "strategy.options.z=1"])[0].table["strategy"] == {
        "use": "b",
        "options": {"z": 1},
    }
    assert read(path, ['strategy.use="a"'])[0].table["strategy"] == {"use": "a", "options": {"x": 1}}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("strategy", "has no value"),
        ("=1", "is not a key"),
        ("a b=1", "is not a key"),
        ("strategy.clip=[1,", "not a TOML value"),
        ("strategy.clip=1\nx=2", "not a TOML value"),
        ("name.x=1", "not a table"),
        ("features.1.use=1", "write an index"),
        ("features.x.use=1", "write an index"),
        ("features.-1.use=1", "write an index"),
    ],
)
def test_overrides_that_cannot_be_applied(tmp_path, override, expected):
    path = write(tmp_path, "p.toml", 'name = "n"\n[[features]]\nuse = "b"\n')
    (line,) = problems_of(path, override)
    assert line.startswith("--set ")
    assert expected in line
