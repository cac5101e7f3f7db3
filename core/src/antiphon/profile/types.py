"""The types that options may have, taken apart: one reading for the structuring and for the JSON Schema."""

from __future__ import annotations

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from antiphon.options import Selection


def option_types(options_class: type) -> dict[str, Any]:
    """The type of each option; a `Selection` carries its stage as ``Annotated[Selection, stage]``."""
    hints = get_type_hints(options_class, include_extras=True)
    return {a.name: _with_stage(hints[a.name], a.metadata.get("stage")) for a in attrs.fields(options_class)}


def _with_stage(type_: Any, stage: str | None) -> Any:
    if stage is None:
        return type_
    if type_ is Selection:
        return Annotated[Selection, stage]
    if is_union(type_):
        return Union[tuple(_with_stage(member, stage) for member in get_args(type_))]  # noqa: UP007  (made at run time)
    if get_origin(type_) is tuple:
        return tuple[tuple(_with_stage(member, stage) for member in get_args(type_))]  # type: ignore[misc]
    if is_mapping(type_):
        key, value = get_args(type_)
        return dict[key, _with_stage(value, stage)]  # type: ignore[valid-type,misc]
    return type_


def selection_stage(type_: Any) -> str | None:
    """The stage of ``Annotated[Selection, stage]``; None for any other type."""
    if get_origin(type_) is Annotated and get_args(type_)[0] is Selection:
        return str(get_args(type_)[1])
    return None


def is_union(type_: Any) -> bool:
    return get_origin(type_) in (Union, types.UnionType)


def is_literal(type_: Any) -> bool:
    return get_origin(type_) is Literal


def is_tuple(type_: Any) -> bool:
    """``tuple[X, ...]`` or ``tuple[X, Y]``."""
    return get_origin(type_) is tuple


def is_mapping(type_: Any) -> bool:
    origin = get_origin(type_)
    return (isinstance(origin, type) and issubclass(origin, Mapping)) or type_ in (dict, Mapping)


def name_type(type_: Any) -> str:
    """A type in the words of TOML."""
    plain = {bool: "true or false", int: "an integer", float: "a number", str: "a text", Path: "a path"}
    if type_ in plain:
        return plain[type_]
    if selection_stage(type_) or attrs.has(type_):
        return "a table"
    if is_literal(type_):
        return " or ".join(f'"{v}"' if isinstance(v, str) else str(v).lower() for v in get_args(type_))
    if is_union(type_):
        return " or ".join('"none"' if member is type(None) else name_type(member) for member in get_args(type_))
    if is_tuple(type_):
        return "an array"
    if is_mapping(type_):
        return "a table"
    return "a value"
