"""Loads a profile: reads it, chooses its implementations, checks the pipeline; tells all that is wrong at once."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from antiphon.discovery import Plugins
from antiphon.errors import ProfileError
from antiphon.profile.choose import Chooser
from antiphon.profile.locate import KeyPath
from antiphon.profile.model import (
    FeatureFlow,
    Policy,
    Profile,
    SessionConfig,
    StageConfig,
    StrategyConfig,
    TransformConfig,
)
from antiphon.profile.pipeline import Stages, check_duplex, check_fallback_voices, check_features, check_mel
from antiphon.profile.problems import Problems, show
from antiphon.profile.requires import check_requires
from antiphon.profile.resolve import resolve
from antiphon.profile.source import Document, read
from antiphon.profile.structure import read_keys
from antiphon.profile.tables import (
    DEFAULTS,
    LISTS,
    TABLES,
    FallbackTable,
    ProfileTable,
    SessionTable,
    StageTable,
)
from antiphon.profile.values import Wrong
from antiphon.provider import STAGES

log = logging.getLogger(__name__)


def load_profile(path: Path | str, overrides: Sequence[str] = (), plugins: Plugins | None = None) -> Profile:
    """Read and check a profile; nothing is opened, and no implementation of a plugin is imported.

    Args:
        path: the file; problems are told with it as it is given.
        overrides: ``table.key=value``, as ``--set`` takes them; relative paths in them start from the current folder.
        plugins: where implementations are looked up; by default what is installed.

    Raises:
        ProfileError: with every problem.
    """
    path = Path(path)
    plugins = plugins or Plugins()
    document, problems = read(path, overrides)
    profile = _Loader(path, document, problems, plugins).load()
    problems.raise_if_any()
    if profile is None:  # what was left out of the checks stands in a file that could not be read
        raise ProfileError([f"{path}:1: the profile is incomplete"])
    _ask_plugins(profile, plugins, problems)
    problems.raise_if_any()
    return profile


class _Loader:
    """Builds one profile; what is wrong goes into ``problems``, and what can still be checked is."""

    def __init__(self, path: Path, document: Document, problems: Problems, plugins: Plugins) -> None:
        self.path = path
        self.table = document.table
        self.complete = document.complete
        self.problems = problems
        self.plugins = plugins
        self.chooser = Chooser(plugins, path.parent.absolute())

    def load(self) -> Profile | None:
        """The profile, or None where there are problems."""
        head = self.keys(ProfileTable, self.table, (), unread={"session", *STAGES})
        requires = head.get("requires", {})
        check_requires(requires, self.problems)
        session = SessionConfig(**self.keys(SessionTable, self.table.get("session", {}), ("session",)))
        stages: dict[str, Any] = {stage: self.several(stage) if stage in LISTS else self.one(stage) for stage in STAGES}
        followed = self.check(stages, session)
        if self.problems or followed is None:
            return None
        flow, settable = followed
        stages["strategy"] = attrs.evolve(stages["strategy"], features=settable)
        profile = Profile(
            name=head.get("name", self.path.stem),
            path=self.path.absolute(),
            session=session,
            flow=flow,
            sources=tuple(self.chooser.sources),
            **stages,
        )
        return attrs.evolve(profile, resolved=resolve(profile, requires, self.chooser))

    def keys(self, cls: Any, table: Any, path: KeyPath, *, unread: Collection[str] = ()) -> dict[str, Any]:
        """The keys of one of the profile's own tables that are right."""
        good, bad = read_keys(
            self.chooser.converter, table, cls, self.chooser.folder, unread=unread, complete=self.complete
        )
        self.note(Wrong(*bad), path)
        for a in attrs.fields(cls):
            try:
                if a.name in good and a.validator is not None:
                    a.validator(None, a, good[a.name])
            except ValueError as error:
                self.problems.add((*path, a.name), str(error).removeprefix(f"'{a.name}' "))
                del good[a.name]
        return good

    def note(self, wrong: Wrong, path: KeyPath) -> None:
        for inner, message in wrong.problems:
            self.problems.add((*path, *inner), message)

    def one(self, stage: str) -> Any:
        """A stage of which there is one; None where it is absent or wrong."""
        default = DEFAULTS[stage].use
        if stage not in self.table:
            return self.config(stage, {"use": default}, (stage,)) if default else None
        if isinstance(self.table[stage], list):
            self.problems.add((stage,), f"there is only one; write [{stage}], not [[{stage}]]")
            return None
        return self.config(stage, self.table[stage], (stage,))

    def several(self, stage: str) -> tuple[Any, ...]:
        """A stage of which there are any number; None for each that is wrong."""
        tables = self.table.get(stage, [])
        if not isinstance(tables, list):
            self.problems.add((stage,), f"must be an array of tables; write [[{stage}]], not {show(tables)}")
            return (None,)
        return tuple(self.config(stage, table, (stage, index)) for index, table in enumerate(tables))

    def config(self, stage: str, table: Any, path: KeyPath) -> Any:
        """A stage from its table; None where the implementation cannot be chosen."""
        cls = TABLES.get(stage, StageTable)
        keys = self.keys(cls, table, path)
        policies: dict[str, Any] = {
            name: self.policy(stage, keys, table, path, name) for name in ("on_error", "on_timeout")
        }
        selection = self.select(stage, table, keys, path)
        if selection is None:
            return None
        timeout_s = keys.get("timeout_s") or DEFAULTS[stage].timeout_s
        if stage == "strategy":
            self.settable = keys.get("features", "controllable")
            limits = {name: keys[name] for name in ("clip", "slew") if name in keys}
            return StrategyConfig(selection, timeout_s, **policies, **limits)
        if stage == "transform":
            return TransformConfig(selection, timeout_s, **policies, on=keys.get("on", "target"))
        return StageConfig(selection, timeout_s, **policies)

    def select(self, stage: str, table: Any, keys: Mapping[str, Any], path: KeyPath, key: str = "use") -> Any:
        """The implementation that ``key`` of a table names."""
        if key not in keys:
            return None
        try:  # from the table itself: there the strings know their folders
            return self.chooser.choose(stage, table[key], table.get("options", {}), key=key)
        except Wrong as wrong:
            self.note(wrong, path)
            return None

    def policy(self, stage: str, keys: Mapping[str, Any], table: Any, path: KeyPath, name: str) -> Policy:
        """What happens when a stage fails."""
        asked = keys.get(name)
        if isinstance(asked, FallbackTable):
            written = {"fallback": asked.fallback}
            return Policy("fallback", self.select(stage, table[name], written, (*path, name), key="fallback"))
        if stage == "audio_in" and asked == "skip":
            self.problems.add((*path, name), 'nothing is left without the user\'s side; write "fail", or a fallback')
        return Policy(asked or DEFAULTS[stage].policy)

    def check(self, stages: Mapping[str, Any], session: SessionConfig) -> tuple[FeatureFlow, tuple[str, ...]] | None:
        """Check whatever was chosen well enough to be checked."""
        if stages["synthesizer"] and (stages["vocoder"] or "vocoder" not in self.table):
            vocoder = stages["vocoder"]
            vocoder = vocoder and vocoder.selection
            check_mel(stages["synthesizer"].selection, vocoder, self.plugins, self.problems)
            check_fallback_voices(stages["synthesizer"], vocoder, self.problems)
        if stages["audio_in"]:
            check_duplex(session.duplex, stages["audio_in"].selection, self.problems)
        one_each = (stages["normalizer"], stages["strategy"], stages["synthesizer"])
        if None in (*one_each, *stages["features"], *stages["transform"]):
            return None
        chosen = Stages(*one_each, stages["features"], stages["transform"], self.settable)
        return check_features(chosen, self.plugins, self.problems)


def _ask_plugins(profile: Profile, plugins: Plugins, problems: Problems) -> None:
    """Let every plugin look at the profile; one that fails is logged, for the profile may not even use it."""
    for implementation in plugins.hook.antiphon_check_profile.get_hookimpls():
        known = {"profile": profile}
        try:
            answer: Any = implementation.function(*(known[name] for name in implementation.argnames))
            for problem in answer or ():
                key, _, message = problem.partition(": ")
                path = tuple(int(part) if part.isdigit() else part for part in key.split("."))
                problems.add(path, message)
        except Exception:  # a plugin may fail in any way
            log.warning("the profile check of plugin %s failed", implementation.plugin_name, exc_info=True)
