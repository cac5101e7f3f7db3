"""Turns tables into options, strictly: no value is bent to fit, and every problem is told with the path of its key.

cattrs chooses the hook for each type; the hooks here refuse what its own would convert, and collect all that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import attrs
from cattrs import Converter

from antiphon.options import Selection
from antiphon.profile.locate import KeyPath
from antiphon.profile.problems import show, suggest
from antiphon.profile.types import (
    is_literal,
    is_mapping,
    is_tuple,
    is_union,
    name_type,
    option_types,
    selection_stage,
)
from antiphon.profile.values import BUILTIN, NONE, Wrong, absolute_path, exactly, literal, number, plain, refuse

Select = Callable[[str, Any], Selection]
"""Chooses an implementation: (stage, table ``{use, options}``) to selection; raises `Wrong`."""


def make_converter(folder: Path, select: Select) -> Converter:
    """The converter of one profile; ``folder`` is what relative paths among the defaults start from."""
    converter = Converter()
    for type_ in (bool, int, str):
        converter.register_structure_hook(type_, exactly)
    converter.register_structure_hook(float, number)
    converter.register_structure_hook(Path, lambda value, _: absolute_path(value, folder))
    converter.register_structure_hook_func(lambda t: t is Any, lambda value, _: plain(value))
    converter.register_structure_hook_func(is_literal, literal)
    converter.register_structure_hook_func(is_union, lambda value, t: _union(converter, value, t))
    converter.register_structure_hook_func(is_tuple, lambda value, t: _array(converter, value, t))
    converter.register_structure_hook_func(is_mapping, lambda value, t: _mapping(converter, value, t))
    converter.register_structure_hook_func(attrs.has, lambda value, t: _options(converter, value, t, folder))
    converter.register_structure_hook_func(
        lambda t: selection_stage(t) is not None, lambda value, t: select(str(selection_stage(t)), value)
    )
    return converter


def structure_each(converter: Converter, items: Iterable[tuple[str | int, Any, Any]]) -> dict[Any, Any]:
    """Structure (key, value, type) one by one; raises the problems of all together."""
    good: dict[Any, Any] = {}
    bad: list[tuple[KeyPath, str]] = []
    for key, value, type_ in items:
        try:
            good[key] = converter.structure(value, type_)
        except Wrong as wrong:
            bad += wrong.under(key).problems
        except Exception as error:  # a type that options may not have, or a plugin's own hook: told, not thrown
            bad.append(((key,), f"the plugin declares an option that cannot be read: {type(error).__name__}: {error}"))
    if bad:
        raise Wrong(*bad)
    return good


def _union(converter: Converter, value: Any, type_: Any) -> Any:
    """The first member that takes the value; a table goes to the member that is made of tables."""
    if value is None or (value == NONE and type(None) in get_args(type_) and str not in get_args(type_)):
        return None
    members = [member for member in get_args(type_) if member is not type(None)]
    if isinstance(value, Mapping):
        members = [m for m in members if attrs.has(m) or is_mapping(m) or selection_stage(m)] or members
    if isinstance(value, list):
        members = [m for m in members if is_tuple(m)] or members
    if len(members) == 1 and members[0] not in (bool, int, float):
        return converter.structure(value, members[0])
    for member in members:
        try:
            return converter.structure(value, member)
        except Wrong:
            continue
    raise refuse(value, type_)


def _array(converter: Converter, value: Any, type_: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise refuse(value, type_)
    types = get_args(type_)
    if types[-1:] == (Ellipsis,):
        types = (types[0],) * len(value)
    if len(types) != len(value):
        raise Wrong(((), f"must have {len(types)} elements, not {len(value)}"))
    return tuple(structure_each(converter, zip(range(len(value)), value, types, strict=True)).values())


def _mapping(converter: Converter, value: Any, type_: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise refuse(value, type_)
    value_type = (get_args(type_) or (str, Any))[1]
    return structure_each(converter, ((str(key), item, value_type) for key, item in value.items()))


def _options(converter: Converter, value: Any, cls: Any, folder: Path) -> Any:
    """An options class from its table."""
    values, bad = read_keys(converter, value, cls, folder)
    if bad:
        raise Wrong(*bad)
    try:
        return cls(**{a.alias: values[a.name] for a in attrs.fields(cls) if a.name in values})
    except Exception as error:  # whatever a validator raises
        raise Wrong(*_invalid(cls, values, error)) from None


def read_keys(
    converter: Converter, value: Any, cls: Any, folder: Path, *, unread: Collection[str] = (), complete: bool = True
) -> tuple[dict[str, Any], list[tuple[KeyPath, str]]]:
    """The keys of a table as the fields of ``cls`` want them, and what is wrong with the others.

    Omitted keys that have a default are left out, and so are those that are to stay ``unread``. What is missing is
    wrong only where the table is ``complete``.
    """
    if not isinstance(value, Mapping):
        return {}, [((), f"must be a table, not {show(value)}")]
    types = option_types(cls)
    bad: list[tuple[KeyPath, str]] = [
        ((key,), f"unknown key; {suggest(key, types) if types else 'there are no options'}")
        for key in value
        if key not in types
    ]
    good: dict[str, Any] = {}
    for a in attrs.fields(cls):
        try:
            if a.name in value:
                if a.name not in unread:
                    good.update(structure_each(converter, [(a.name, value[a.name], types[a.name])]))
                if a.metadata.get("exists"):
                    bad += [((a.name,), f"there is no {p}; name one that exists") for p in _absent(good[a.name])]
            elif a.default is attrs.NOTHING and complete:
                bad.append(((a.name,), f"missing; write {name_type(types[a.name])}: {a.metadata.get('help', a.name)}"))
            elif isinstance(a.default, Path):
                good[a.name] = absolute_path(str(a.default), folder)
        except Wrong as wrong:
            bad += wrong.problems
    return good, bad


def _absent(value: Any) -> list[Path]:
    paths = value if isinstance(value, tuple) else (value,)
    return [p for p in paths if isinstance(p, Path) and not str(p).startswith(BUILTIN) and not p.exists()]


def _invalid(cls: Any, values: Mapping[str, Any], error: Exception) -> list[tuple[KeyPath, str]]:
    """What the validators say, all of them; attrs itself stops at the first."""
    bad: list[tuple[KeyPath, str]] = []
    try:
        with attrs.validators.disabled():
            instance = cls(**{a.alias: values[a.name] for a in attrs.fields(cls) if a.name in values})
    except Exception:  # not a validator's: the first error tells it
        return [((), _readable(error, ""))]
    for a in attrs.fields(cls):
        try:
            if a.validator is not None:
                a.validator(instance, a, getattr(instance, a.name))
        except Exception as invalid:  # as above
            bad.append(((a.name,), _readable(invalid, a.name)))
    return bad or [((), _readable(error, ""))]


def _readable(error: Exception, name: str) -> str:
    """``'x' must be >= 0: -1`` as ``must be >= 0, not -1``."""
    text = str(error.args[0]) if error.args else type(error).__name__
    text = text.removeprefix(f"'{name}' ")
    return re.sub(r"^(must be [<>=]+ \S+): (\S+)$", r"\1, not \2", text)
