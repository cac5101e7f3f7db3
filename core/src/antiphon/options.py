"""How an implementation declares its options: a frozen attrs class whose fields carry their own documentation.

The profile's ``options`` table is structured into that class. Modules that hold option classes must be light:
they are imported to list plugins, to check profiles and to print the JSON Schema, before anything heavy is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import NOTHING, field, fields, frozen

from antiphon.provider import Provider


def option(
    default: Any = NOTHING,
    *,
    help: str,
    unit: str | None = None,
    factory: Callable[[], Any] | None = None,
    validator: Any = None,
    exists: bool = False,
    stage: str | None = None,
) -> Any:
    """A field of an options class.

    ``help`` is one sentence. ``exists`` asks the profile check that the path is there. ``stage`` marks a field of
    type `Selection`: another implementation of that stage, written in the profile as ``{use = ..., options = ...}``.
    """
    metadata = {"help": help, "unit": unit, "exists": exists, "stage": stage}
    if factory is not None:
        return field(factory=factory, validator=validator, metadata=metadata)
    return field(default=default, validator=validator, metadata=metadata)


@frozen
class NoOptions:
    """For implementations without options."""


@frozen
class Selection:
    """An implementation that was chosen: its provider and its structured options."""

    stage: str
    provider: Provider
    options: Any

    @property
    def name(self) -> str:
        return self.provider.name


def describe(options_class: type) -> Mapping[str, Mapping[str, Any]]:
    """Per option: help, unit and default (absent where the option is required)."""
    table: dict[str, dict[str, Any]] = {}
    for attribute in fields(options_class):
        entry = {key: attribute.metadata.get(key) for key in ("help", "unit")}
        if attribute.default is not NOTHING:
            factory = getattr(attribute.default, "factory", None)
            entry["default"] = factory() if factory else attribute.default
        table[attribute.name] = entry
    return table
