"""What ``antiphon plugins show`` prints of one implementation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from antiphon.discovery import Registered
from antiphon.features import FeatureSpec
from antiphon.options import describe
from antiphon.profile.toml import write_value
from antiphon.profile.types import name_type, option_types
from antiphon.provider import CAPABILITIES


def page(registered: Registered) -> str:
    """Summary, origin, options with types and defaults, features and controls."""
    provider = registered.provider
    options_class = provider.options_class()
    options = _defaults(options_class)
    lines = [
        f'{registered.stage} "{provider.name}": {provider.summary}',
        f"  from {registered.distribution} {registered.version}, {provider.factory}",
    ]
    lines += [f"  {name}: {CAPABILITIES[name]}" for name in sorted(provider.capabilities)]
    lines += ["", "options" if attrs.fields(options_class) else "no options"]
    lines += _options(options_class)
    reads = provider.reads_with(options) if options else provider.reads
    writes = provider.writes_with(options) if options else provider.writes
    lines += [*_features("reads", reads), *_features("writes", writes), *_controls(options)]
    return "\n".join(lines)


def _options(options_class: type, indent: str = "  ") -> Iterator[str]:
    types = option_types(options_class)
    for name, entry in describe(options_class).items():
        unit = f" [{entry['unit']}]" if entry["unit"] else ""
        default = f", default {write_value(entry['default'])}" if "default" in entry else ", required"
        yield f"{indent}{name}: {name_type(types[name])}{unit}{default}"
        yield f"{indent}    {entry['help'] or ''}".rstrip()


def _defaults(options_class: type) -> Any:
    """The options when nothing is written; None where something must be."""
    try:
        return options_class()
    except Exception:  # a required option, or a default that this machine cannot fulfil
        return None


def _features(title: str, specs: tuple[FeatureSpec, ...]) -> list[str]:
    return ["", title, *(f"  {spec}: {spec.definition}" for spec in specs)] if specs else []


def _controls(options: Any) -> list[str]:
    describe_voice = getattr(options, "voice", None)
    if not callable(describe_voice):
        return []
    card = describe_voice()
    rows = [
        f"  {c.feature.name} [{c.feature.unit}]: {c.low:g} to {c.high:g}, usually {c.feature.from_log(c.mean):.4g}"
        for c in card.controls
    ]
    return ["", "controls", *(rows or ["  none"])]
