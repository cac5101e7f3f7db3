"""Finds the installed plugins and answers who implements what.

Every entry point is loaded by itself. One that fails is remembered with its cause, and matters only to a profile that
names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

import pluggy
from attrs import field, frozen

from antiphon import hookspecs
from antiphon.entry_points import EntryPoint, entry_points
from antiphon.errors import AmbiguousName, PluginBroken, PluginNotFound
from antiphon.hookspecs import GROUP
from antiphon.provider import API_VERSION, KINDS, Provider

BUILTIN = "antiphon"


@frozen
class Registered:
    """A provider and the distribution it came from."""

    stage: str
    provider: Provider
    distribution: str
    version: str


def _one_line(text: str) -> str:
    return " ".join(text.split())


@frozen
class BrokenPlugin:
    """An entry point, or one of its registrations, that could not be used; the cause is one line."""

    entry_point: str
    distribution: str
    version: str
    cause: str = field(converter=_one_line)


class Plugins:
    """All plugins of this environment.

    Args:
        modules: further plugin modules (name, module), as tests and embedders give them.
        installed: whether the entry points of this environment are loaded.
    """

    def __init__(self, modules: Iterable[tuple[str, Any]] = (), *, installed: bool = True) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._registered: list[Registered] = []
        self.broken: list[BrokenPlugin] = []
        self._add_builtin()
        if installed:
            for entry_point in entry_points(GROUP):
                self._add_entry_point(entry_point)
        for name, module in modules:
            self._add(name, module, distribution=name, version="0")

    @property
    def hook(self) -> pluggy.HookRelay:
        """The broadcasts."""
        return self._manager.hook

    @property
    def listeners(self) -> list[tuple[str, Any]]:
        """Every plugin that loaded, by name."""
        return self._manager.list_name_plugin()

    def registered(self, stage: str | None = None) -> list[Registered]:
        """Everything registered, of one kind or of all, in the order of the pipeline and then by name."""
        chosen = [r for r in self._registered if stage in (None, r.stage)]
        return sorted(chosen, key=lambda r: (KINDS.index(r.stage), r.provider.name, r.distribution))

    def find(self, stage: str, name: str) -> Registered:
        """The implementation that a profile means by ``name`` or ``distribution:name``.

        Raises:
            PluginNotFound: nobody registers it; suggests what is close.
            PluginBroken: the plugin that is asked for is installed but broken.
            AmbiguousName: two distributions register it.
        """
        distribution, _, plain = name.rpartition(":")
        found = [
            r
            for r in self._registered
            if r.stage == stage and r.provider.name == plain and distribution in ("", r.distribution)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            choices = " or ".join(f'"{r.distribution}:{plain}"' for r in found)
            raise AmbiguousName(f'several plugins register {stage} "{plain}"; write {choices}')
        raise self._not_found(stage, distribution, plain)

    def _not_found(self, stage: str, distribution: str, name: str) -> PluginNotFound | PluginBroken:
        for broken in self.broken:
            if name == broken.entry_point or distribution == broken.distribution:
                return PluginBroken(f"plugin {broken.entry_point} ({broken.distribution}) is broken: {broken.cause}")
        import difflib  # only where a name is wrong

        known = sorted({r.provider.name for r in self._registered if r.stage == stage})
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f'did you mean "{close[0]}"?' if close else f"installed are {', '.join(known) or 'none'}"
        suspects = "".join(f"; {b.entry_point} ({b.distribution}) is broken: {b.cause}" for b in self.broken)
        return PluginNotFound(f'no plugin registers {stage} "{name}"; {hint}{suspects}')

    def _add_builtin(self) -> None:
        from antiphon import __version__
        from antiphon.builtin import plugin

        self._add(BUILTIN, plugin, distribution=BUILTIN, version=__version__)

    def _add_entry_point(self, entry_point: EntryPoint) -> None:
        name, distribution, version = entry_point.name, entry_point.distribution, entry_point.version
        try:
            module = entry_point.load()
        except (Exception, SystemExit) as error:  # a plugin may fail in any way; it must not hide the others
            self.broken.append(BrokenPlugin(name, distribution, version, f"{type(error).__name__}: {error}"))
            return
        self._add(name, module, distribution=distribution, version=version)

    def _add(self, name: str, module: ModuleType | Any, *, distribution: str, version: str) -> None:
        try:
            self._manager.register(module, name=name)
            self._manager.check_pending()
        except Exception as error:  # pluggy names plugin, hook and expected signature; a plugin may raise anything
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            self.broken.append(BrokenPlugin(name, distribution, version, str(error)))
            return
        for stage in KINDS:
            for implementation in getattr(self.hook, f"antiphon_register_{stage}").get_hookimpls():
                if implementation.plugin_name == name:
                    self._collect(stage, implementation.function, name, distribution, version)

    def _collect(self, stage: str, function: Any, name: str, distribution: str, version: str) -> None:
        def register(provider: Provider) -> None:
            if not isinstance(provider, Provider):
                raise PluginBroken(f"{stage}: register() takes an antiphon.Provider, not {provider!r}")
            if provider.api != API_VERSION:
                raise PluginBroken(
                    f'{stage} "{provider.name}" was written for plugin API {provider.api}, this is {API_VERSION}; '
                    "install a matching version of the plugin"
                )
            self._registered.append(Registered(stage, provider, distribution, version))

        try:
            function(register=register)
        except Exception as error:  # as above
            cause = str(error) if isinstance(error, PluginBroken) else f"{type(error).__name__}: {error}"
            self.broken.append(BrokenPlugin(name, distribution, version, cause))
