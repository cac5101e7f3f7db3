"""Chooses implementations: from a name to a provider, from a table to its options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from antiphon.discovery import Plugins
from antiphon.errors import AmbiguousName, PluginError
from antiphon.options import Selection, option
from antiphon.profile.one_off import is_one_off, one_off
from antiphon.profile.structure import make_converter
from antiphon.profile.values import NONE, Wrong
from antiphon.provider import Provider


@frozen
class SelectionTable:
    """An implementation inside the options of another."""

    use: str = option(help="Name of an implementation.")
    options: dict[str, Any] = option(factory=dict, help="Its options.")


class Chooser:
    """Chooses for one profile; ``sources`` are the files of one-off classes that it came across."""

    def __init__(self, plugins: Plugins, folder: Path) -> None:
        self.plugins = plugins
        self.folder = folder
        self.sources: list[Path] = []
        self.converter = make_converter(folder, self._select)

    def choose(self, stage: str, use: str, options: Any, *, key: str = "use") -> Selection:
        """The implementation ``use`` of a stage, with its options.

        Raises:
            Wrong: with paths that begin with ``key`` or ``options``.
        """
        try:
            provider = self._provider(stage, use)
            options_class = provider.options_class()
        except PluginError as error:
            raise Wrong(((key,), str(error))) from None
        try:
            return Selection(stage, provider, self.converter.structure(options, options_class))
        except Wrong as wrong:
            raise wrong.under("options") from None
        except Exception as error:  # an options class that is none, or whose annotations cannot be read
            message = f"the options of {provider.name} are broken: {type(error).__name__}: {error}"
            raise Wrong(((key,), message)) from None

    def name(self, selection: Selection) -> str:
        """What to write after ``use`` to choose it again."""
        provider = selection.provider
        if is_one_off(provider.name):
            return provider.name
        try:
            self.plugins.find(selection.stage, provider.name)
        except AmbiguousName:
            for known in self.plugins.registered(selection.stage):
                if known.provider is provider:
                    return f"{known.distribution}:{provider.name}"
        return provider.name

    def plain(self, value: Any) -> Any:
        """Options as TOML can hold them; a None, which TOML has not, is left out or written as "none"."""
        if isinstance(value, Selection):
            return {"use": self.name(value), "options": self.plain(value.options)}
        if isinstance(value, Path):
            return str(value)
        if attrs.has(type(value)):
            written = {a.name: getattr(value, a.name) for a in attrs.fields(type(value))}
            empty = {a.name for a in attrs.fields(type(value)) if a.default is None}
            return self.plain(
                {n: NONE if v is None else v for n, v in written.items() if v is not None or n not in empty}
            )
        if isinstance(value, Mapping):
            return {key: self.plain(item) for key, item in value.items() if item is not None}
        if isinstance(value, list | tuple):
            return [self.plain(item) for item in value]
        return value

    def _select(self, stage: str, table: Any) -> Selection:
        self.converter.structure(table, SelectionTable)  # only checked: the strings of the table know their folders
        return self.choose(stage, table["use"], table.get("options", {}))

    def _provider(self, stage: str, use: str) -> Provider:
        if not is_one_off(use):
            return self.plugins.find(stage, str(use)).provider
        provider, path = one_off(use, getattr(use, "folder", self.folder))
        if path not in self.sources:
            self.sources.append(path)
        return provider
