"""The JSON Schema (draft 2020-12) of profiles, the options of all installed plugins included; for editors."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import attrs

from antiphon.discovery import Plugins, Registered
from antiphon.errors import PluginError
from antiphon.profile.tables import LISTS, TABLES, FallbackTable, ProfileTable, SessionTable, StageTable
from antiphon.profile.types import is_literal, is_mapping, is_tuple, is_union, option_types, selection_stage
from antiphon.profile.values import NONE
from antiphon.provider import KINDS, STAGES

Schema = dict[str, Any]

ONE_OFF = r"\.py:[A-Za-z_]\w*$"
"""What a class in a file is recognised by."""

_BOUNDS = {">=": "minimum", ">": "exclusiveMinimum", "<=": "maximum", "<": "exclusiveMaximum"}

_PLAIN = {bool: "boolean", int: "integer", float: "number", str: "string", Path: "string"}


def profile_schema(plugins: Plugins) -> Schema:
    """The schema of the whole profile; a profile that extends another need not be complete."""
    head = {name: schema for name, schema in _properties(ProfileTable).items() if name not in STAGES}
    stages = {stage: _stage_key(stage) for stage in STAGES}
    complete = {"properties": {stage: _uses(stage) for stage in STAGES}, "required": ["schema", "audio_in"]}
    definitions: Schema = {"options": {kind: _all_options(kind, plugins) for kind in KINDS}}
    for kind in KINDS:
        definitions[f"choose_{kind}"] = _choice(kind, plugins, definitions["options"][kind])
    for stage in STAGES:
        known = definitions["options"][stage]
        definitions[stage] = _stage(stage, plugins, known)
        definitions[f"fallback_{stage}"] = _fallback(stage, plugins, known)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Antiphon profile",
        "type": "object",
        "properties": {**head, "session": _object(SessionTable), **stages},
        "additionalProperties": False,
        "if": {"not": {"required": ["extends"]}},
        "then": complete,
        "$defs": definitions,
    }


def _stage_key(stage: str) -> Schema:
    """A stage as a key of the profile: one table or an array of them."""
    reference = {"$ref": f"#/$defs/{stage}"}
    text = attrs.fields_dict(ProfileTable)[stage].metadata["help"]
    if stage in LISTS:
        return {"type": "array", "items": reference, "description": text}
    return {**reference, "description": text}


def _uses(stage: str) -> Schema:
    """Every table of the stage has its ``use``."""
    return {"items": {"required": ["use"]}} if stage in LISTS else {"required": ["use"]}


def _stage(stage: str, plugins: Plugins, known: Mapping[str, Schema]) -> Schema:
    properties = _properties(TABLES.get(stage, StageTable))
    policy = {"anyOf": [{"enum": ["fail", "skip"]}, {"$ref": f"#/$defs/fallback_{stage}"}]}
    for name in ("on_error", "on_timeout"):
        properties[name] = {**policy, "description": properties[name]["description"]}
    return _chooses("use", stage, properties, plugins, known)


def _choice(stage: str, plugins: Plugins, known: Mapping[str, Schema]) -> Schema:
    """An implementation of a stage inside the options of another."""
    return {**_chooses("use", stage, {"options": {"type": "object"}}, plugins, known), "required": ["use"]}


def _fallback(stage: str, plugins: Plugins, known: Mapping[str, Schema]) -> Schema:
    """A policy that names another implementation."""
    schema = _chooses("fallback", stage, _properties(FallbackTable), plugins, known)
    return {**schema, "required": ["fallback"]}


def _chooses(
    key: str, stage: str, properties: Mapping[str, Schema], plugins: Plugins, known: Mapping[str, Schema]
) -> Schema:
    """A table whose ``key`` names an implementation and so decides what its ``options`` are."""
    rules = []
    for registered in plugins.registered(stage):
        names = _names_of(registered)
        if names[1] in known:
            then: Schema = {"properties": {"options": {"$ref": _pointer("options", stage, names[1])}}}
            if "required" in known[names[1]]:
                then["required"] = ["options"]
            rules.append({"if": {"properties": {key: {"enum": names}}, "required": [key]}, "then": then})
    return {
        "type": "object",
        "properties": {**properties, key: _names(stage, plugins)},
        "additionalProperties": False,
        **({"allOf": rules} if rules else {}),
    }


def _all_options(stage: str, plugins: Plugins) -> dict[str, Schema]:
    """The options of every implementation, by ``distribution:name``."""
    schemas = {}
    for registered in plugins.registered(stage):
        with suppress(PluginError, NameError, TypeError):  # of broken options nothing can be said
            schemas[_names_of(registered)[1]] = _object(registered.provider.options_class())
    return schemas


def _pointer(*keys: str) -> str:
    return "#/$defs/" + "/".join(quote(key.replace("~", "~0").replace("/", "~1")) for key in keys)


def _names(stage: str, plugins: Plugins) -> Schema:
    known = [{"const": n, "description": r.provider.summary} for r in plugins.registered(stage) for n in _names_of(r)]
    return {"type": "string", "anyOf": [*known, {"pattern": ONE_OFF, "description": "A class in a file."}]}


def _names_of(registered: Registered) -> list[str]:
    return [registered.provider.name, f"{registered.distribution}:{registered.provider.name}"]


def _object(options_class: type) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": _properties(options_class),
        "additionalProperties": False,
        "description": (options_class.__doc__ or "").strip().partition("\n")[0],
    }
    required = [a.name for a in attrs.fields(options_class) if a.default is attrs.NOTHING]
    return {**schema, "required": required} if required else schema


def _properties(options_class: type) -> dict[str, Schema]:
    types = option_types(options_class)
    return {a.name: {**_type(types[a.name]), **_bounds(a.validator), **_words(a)} for a in attrs.fields(options_class)}


def _bounds(validator: Any) -> Schema:
    """What attrs' validators of numbers demand; it holds for numbers alone, whatever else the option may be."""
    validator = getattr(validator, "validator", validator)  # of an optional one
    parts = getattr(validator, "_validators", (validator,))
    comparisons = ((getattr(part, "compare_op", None), getattr(part, "bound", None)) for part in parts)
    return {_BOUNDS[operator]: bound for operator, bound in comparisons if operator in _BOUNDS}


def _words(attribute: Any) -> Schema:
    """Description and default."""
    unit = attribute.metadata.get("unit")
    words: Schema = {"description": (attribute.metadata.get("help") or "") + (f" [{unit}]" if unit else "")}
    if isinstance(attribute.default, bool | int | float | str):
        words["default"] = attribute.default
    elif isinstance(attribute.default, Path):
        words["default"] = str(attribute.default)
    return words


def _type(type_: Any) -> Schema:
    if type_ in _PLAIN:
        return {"type": _PLAIN[type_]}
    stage = selection_stage(type_)
    if stage is not None:
        return {"$ref": f"#/$defs/choose_{stage}"}
    if type_ is type(None):
        return {"const": NONE}
    if is_literal(type_):
        return {"enum": list(get_args(type_))}
    if is_union(type_):
        return {"anyOf": [_type(member) for member in get_args(type_)]}
    if is_tuple(type_):
        return _array(get_args(type_))
    if is_mapping(type_):
        return _mapping(type_)
    return _object(type_) if attrs.has(type_) else {}


def _array(members: tuple[Any, ...]) -> Schema:
    if members[-1:] == (Ellipsis,):
        return {"type": "array", "items": _type(members[0])}
    exactly = {"minItems": len(members), "maxItems": len(members)}
    return {"type": "array", "prefixItems": [_type(member) for member in members], **exactly}


def _mapping(type_: Any) -> Schema:
    arguments: tuple[Any, ...] = get_args(type_)
    values: Mapping[str, Any] = _type(arguments[1]) if arguments else {}
    return {"type": "object", "additionalProperties": dict(values) or True}
