"""The line of every key, against texts whose lines are known because they are written here."""

import tomli_w
from antiphon.profile.locate import locate
from antiphon.profile.toml import parse, write_value
from hypothesis import given
from hypothesis import strategies as st

TEXT = '''\
# a comment with [brackets] and = signs
schema = 1
"a b".'c' = """text = 1
[no table]
""" # behind it
[t.u]   # comment
list = [ 1, # ]
  "]", {q = 1, 'r' = { s = 2 }},
  1979-05-27 07:32:00,
]
[[f]]
use = "x"
options.deep.x = \'\'\'it's\'\'\'
[f.sub]
y=2
[[f]]
use = 'y'
[t]
late = true
'''


def test_every_kind_of_key():
    lines = locate(TEXT)
    expected = {
        ("schema",): 2,
        ("a b", "c"): 3,
        ("t", "u"): 6,
        ("t", "u", "list"): 7,
        ("t", "u", "list", 0): 7,
        ("t", "u", "list", 2): 8,
        ("t", "u", "list", 2, "q"): 8,
        ("t", "u", "list", 2, "r", "s"): 8,
        ("t", "u", "list", 3): 9,
        ("f", 0): 11,
        ("f", 0, "use"): 12,
        ("f", 0, "options", "deep", "x"): 13,
        ("f", 0, "sub"): 14,
        ("f", 0, "sub", "y"): 15,
        ("f", 1): 16,
        ("f", 1, "use"): 17,
        ("t",): 18,
        ("t", "late"): 19,
    }
    assert {path: lines.get(path) for path in expected} == expected


def test_quotes_at_the_end_of_multi_line_strings():
    text = 'a = """x"""""\nb = \'\'\'y\'\'\'\'\'\nc = """\\""""\nd = ""\ne = """"""\nf = 1\n'
    assert [locate(text)[(key,)] for key in "abcdef"] == [1, 2, 3, 4, 5, 6]
    assert parse(text)["a"] == 'x""'


scalars = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.datetimes()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.\"' =[]#\\\n", max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
documents = st.dictionaries(st.text("abc.\"' =[]#é", max_size=5), values, max_size=5)


def paths(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))


@given(documents, st.booleans())
def test_every_key_of_any_document_is_found(document, multiline_strings):
    text = tomli_w.dumps(document, multiline_strings=multiline_strings)
    lines = locate(text)
    count = text.count("\n") + 1
    for path in paths(parse(text)):
        assert 1 <= lines[path] <= count


keys = st.text("abc.\"' =[]#é", max_size=4)
noise = st.lists(st.sampled_from(["", "  ", "# key = 1", "# [table]", '# """']), max_size=3)


@given(
    st.lists(st.tuples(noise, keys, scalars, st.sampled_from(["", " # = [x]"])), max_size=8, unique_by=lambda e: e[1])
)
def test_each_key_stands_on_the_line_where_it_was_written(entries):
    written, expected = [], {}
    for comments, key, value, behind in entries:
        written += comments
        if isinstance(value, str) and "'''" not in value and "\r" not in value and value.isprintable():
            literal = f"'''\n{value} '''"  # spans two lines
        else:
            literal = tomli_w.dumps({"k": value}).partition(" = ")[2].strip()
        expected[(key,)] = "\n".join(written).count("\n") + (2 if written else 1)
        written.append(f"{write_value(key)} = {literal}{behind}")
    text = "\n".join(written)
    parse(text)
    assert locate(text) == expected


@given(st.lists(st.tuples(noise, st.sampled_from("xyz"), st.booleans()), max_size=10))
def test_headers_of_tables_and_arrays(entries):
    """[[x]] again and again, each with a [x.sub] or not."""
    written, expected, counts = [], {}, {}
    for comments, name, with_sub in entries:
        written += comments
        written.append(f"[[{name}]]")
        index = counts[name] = counts.get(name, -1) + 1
        line = "\n".join(written).count("\n") + 1
        expected.setdefault((name,), line)
        expected[(name, index)] = line
        if with_sub:
            written += [f"[ {name} . sub ]", "k.l = 1"]
            expected[(name, index, "sub")] = line + 1
            expected[(name, index, "sub", "k")] = expected[(name, index, "sub", "k", "l")] = line + 2
    text = "\n".join(written)
    parse(text)
    assert locate(text) == expected
