"""Options as a profile gives them to an implementation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import attrs

from antiphon.discovery import Plugins
from antiphon.errors import ProfileError
from antiphon.options import Selection
from antiphon.profile.choose import Chooser
from antiphon.profile.problems import dotted
from antiphon.profile.types import option_types
from antiphon.profile.values import Wrong


def choose(plugins: Plugins, stage: str, use: str, options: Mapping[str, Any]) -> Selection:
    """What a profile in the current folder chooses by ``use`` and ``options``.

    Raises:
        ProfileError: the name, a key or a value is wrong.
    """
    try:
        return Chooser(plugins, Path.cwd()).choose(stage, use, options)
    except Wrong as wrong:
        raise ProfileError([f"{stage}.{dotted(path)}: {message}" for path, message in wrong.problems]) from None


def written(plugins: Plugins, options: Any) -> Mapping[str, Any]:
    """Options as the resolved profile writes them, every default included."""
    table: Mapping[str, Any] = Chooser(plugins, Path.cwd()).plain(options)
    return table


def all_options(options_class: type) -> Iterator[tuple[str, Any]]:
    """Every field of an options class and of the options classes inside it, with its dotted name."""
    types = option_types(options_class)
    for attribute in attrs.fields(options_class):
        yield attribute.name, attribute
        for nested in _attrs_classes(types[attribute.name]):
            for name, inner in all_options(nested):
                yield f"{attribute.name}.{name}", inner


def _attrs_classes(type_: Any) -> Iterator[type]:
    if isinstance(type_, type) and attrs.has(type_):
        if type_ is not Selection:
            yield type_
    else:
        for member in get_args(type_):
            yield from _attrs_classes(member)
