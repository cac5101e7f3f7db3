"""What is asked of an implementation of any stage."""

from __future__ import annotations

import functools
import inspect
import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import attrs
import pytest

from antiphon.discovery import Plugins, Registered
from antiphon.engine.instant_component import close
from antiphon.errors import AntiphonError, ProfileError
from antiphon.features import FeatureSpec
from antiphon.options import Selection
from antiphon.profile.one_off import is_one_off
from antiphon.provider import CAPABILITIES, STAGES, Provider
from antiphon.stages import PROTOCOLS, Setup
from antiphon.testing.conformance.calls import Call, by_turns, results, same
from antiphon.testing.conformance.imports import HEAVY, imported_by, plugin_modules
from antiphon.testing.conformance.options import all_options, choose, written

Conversation = Sequence[Call]


class Suite:
    """The base of all suites.

    Attributes:
        name: what a profile writes after ``use``: a registered name, or "./file.py:Class".
        options: the ``options`` table of a profile.
        modules: further plugin modules (name, module), for plugins that no entry point names.
        repeatable: whether the same calls with the same seed give the same results; a device or a remote service
            does not promise it.
        heavy: modules that listing the plugin must not import.
    """

    stage: ClassVar[str]
    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    modules: ClassVar[Sequence[tuple[str, Any]]] = ()
    repeatable: ClassVar[bool] = True
    heavy: ClassVar[Sequence[str]] = HEAVY

    # -- what is tested; each of these fixtures can be overridden ---------------------------------------------------

    @pytest.fixture
    def plugins(self) -> Plugins:
        """All plugins of this environment."""
        return _discover(tuple(self.modules))

    @pytest.fixture
    def options_table(self) -> Mapping[str, Any]:
        """The ``options`` table; override it where the options need other fixtures, as ``tmp_path``."""
        return self.options

    @pytest.fixture
    def selection(self, plugins: Plugins, options_table: Mapping[str, Any]) -> Selection:
        """The implementation and its options, as a profile chooses them."""
        return choose(plugins, self.stage, self.name, options_table)

    @pytest.fixture
    def provider(self, selection: Selection) -> Provider:
        """What was registered."""
        return selection.provider

    @pytest.fixture
    def chosen(self, selection: Selection) -> Any:
        """The options."""
        return selection.options

    @pytest.fixture
    def pipeline(self) -> Setup:
        """The pipeline in which the component is opened."""
        return Setup()

    @pytest.fixture
    def component(self, provider: Provider, chosen: Any, pipeline: Setup) -> Iterator[Any]:
        """The component, opened as the engine opens it."""
        component = provider.open(chosen, pipeline)
        yield component
        close(component)

    @pytest.fixture
    def conversations(self) -> tuple[Conversation, Conversation]:
        """The calls of two ordinary conversations."""
        raise NotImplementedError

    @pytest.fixture
    def odd(self) -> Mapping[str, Conversation]:
        """Conversations that are not as they should be, by what is odd about them."""
        return {}

    def check(self, one: Call, result: Any) -> None:
        """Fail unless the result of a call is of the right type, finite and in order."""
        raise NotImplementedError

    # -- the plugin -------------------------------------------------------------------------------------------------

    @pytest.fixture
    def registered(self, plugins: Plugins) -> Registered:
        """The implementation, as its plugin registered it."""
        if is_one_off(self.name):
            pytest.skip("a class in a file, no plugin")
        return plugins.find(self.stage, self.name)

    def test_plugin_is_found_and_whole(self, plugins: Plugins, registered: Registered) -> None:
        broken = [b for b in plugins.broken if b.distribution == registered.distribution]
        assert not broken, f"parts of the plugin are broken: {broken}"

    def test_listing_imports_nothing_heavy(self, registered: Registered) -> None:
        options_module = registered.provider.options.rpartition(":")[0]
        given = [module.__name__ for _, module in self.modules if inspect.ismodule(module)]
        modules = [*(given or plugin_modules(registered)), options_module]
        heavy = imported_by(*modules) & set(self.heavy)
        assert not heavy, f"{' and '.join(modules)} import {sorted(heavy)}; import these in the factory's module"

    def test_provider_describes_itself(self, registered: Registered) -> None:
        provider = registered.provider
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", provider.name), f"{provider.name!r}: use a-z, 0-9 and hyphens"
        assert provider.summary.strip(), "the summary is empty"
        assert "\n" not in provider.summary, "the summary has more than one line"
        for specs in (provider.reads, provider.writes):
            assert all(isinstance(spec, FeatureSpec) for spec in specs)
            assert len({spec.name for spec in specs}) == len(specs), "a feature is declared twice"

    def test_capabilities_belong_to_the_stage(self, provider: Provider) -> None:
        for capability in provider.capabilities:
            owner = CAPABILITIES[capability].partition(":")[0]
            assert owner not in STAGES or owner == self.stage, f"{capability} is for {owner}"
        if "streaming" in provider.capabilities:
            assert len(PROTOCOLS[self.stage]) > 1, f"{self.stage} has no streaming protocol"

    # -- its options ------------------------------------------------------------------------------------------------

    def test_options_are_documented(self, provider: Provider) -> None:
        options_class = provider.options_class()
        assert attrs.has(options_class), f"{options_class} is no attrs class"
        for name, attribute in all_options(options_class):
            text = attribute.metadata.get("help")
            assert isinstance(text, str), f"option {name} has no help; make it with antiphon.option(..., help=...)"
            assert text.strip(), f"the help of option {name} is empty"

    def test_options_are_frozen(self, chosen: Any) -> None:
        for attribute in attrs.fields(type(chosen)):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(chosen, attribute.name, None)

    def test_defaults_are_valid(self, plugins: Plugins, provider: Provider) -> None:
        options_class = provider.options_class()
        if all(attribute.default is not attrs.NOTHING for attribute in attrs.fields(options_class)):
            self._check_written_and_read(plugins, choose(plugins, self.stage, self.name, {}).options)

    def test_options_can_be_written_and_read(self, plugins: Plugins, chosen: Any) -> None:
        self._check_written_and_read(plugins, chosen)

    def _check_written_and_read(self, plugins: Plugins, options: Any) -> None:
        """The profile that is saved with every recording holds all options, and can be run again."""
        read = choose(plugins, self.stage, self.name, written(plugins, options)).options
        assert same(read, options), f"{options} is written and read as {read}"

    def test_unknown_option_is_refused(self, plugins: Plugins, options_table: Mapping[str, Any]) -> None:
        with pytest.raises(ProfileError, match="no_such_option"):
            choose(plugins, self.stage, self.name, {**options_table, "no_such_option": 1})

    # -- its sessions -----------------------------------------------------------------------------------------------

    def test_session_has_the_methods_of_its_stage(self, provider: Provider, component: Any) -> None:
        protocol = PROTOCOLS[self.stage]["streaming" in provider.capabilities]
        session = component.session(0)
        lacking = [name for name in vars(protocol) if not name.startswith("_") and not hasattr(session, name)]
        assert isinstance(session, protocol), f"the session is no {protocol.__name__}; it lacks {lacking}"

    def test_results_are_right(self, component: Any, conversations: tuple[Conversation, Conversation]) -> None:
        session = component.session(0)
        for one in conversations[0]:
            self.check(one, one.on(session))

    def test_same_seed_gives_same_results(
        self, component: Any, conversations: tuple[Conversation, Conversation]
    ) -> None:
        self._needs_repeatable()
        first, second = (results(component.session(7), conversations[0]) for _ in range(2))
        assert same(first, second), "two sessions with one seed answered the same calls differently"

    def test_interleaved_sessions_equal_sessions_apart(
        self, component: Any, conversations: tuple[Conversation, Conversation]
    ) -> None:
        self._needs_repeatable()
        apart = [results(component.session(seed), calls) for seed, calls in enumerate(conversations)]
        together = by_turns([component.session(seed) for seed in range(2)], conversations)
        for seed in range(2):
            assert same(apart[seed], together[seed]), "a session's answers change when another runs beside it"

    def test_odd_input_gives_results_or_errors_for_users(self, component: Any, odd: Mapping[str, Conversation]) -> None:
        failures = {}
        for label, calls in odd.items():
            session = component.session(0)
            try:
                for one in calls:
                    self.check(one, one.on(session))
            except AntiphonError:
                pass  # a clear error is an answer
            except Exception as error:  # anything else is what this test is looking for
                failures[label] = f"{type(error).__name__}: {error}"
        assert not failures, "\n".join(f"{label}: {failure}" for label, failure in failures.items())

    def test_closing_a_session_leaves_the_component_usable(
        self, component: Any, conversations: tuple[Conversation, Conversation]
    ) -> None:
        for seed in range(2):
            session = component.session(seed)
            self.check(conversations[0][0], conversations[0][0].on(session))
            close(session)

    def test_all_can_cross_to_a_worker_process(
        self,
        provider: Provider,
        chosen: Any,
        pipeline: Setup,
        component: Any,
        conversations: tuple[Conversation, Conversation],
    ) -> None:
        if "process" not in provider.capabilities:
            pytest.skip("runs in the engine's process")
        answers = results(component.session(0), conversations[0])
        for value in (provider, chosen, pipeline, answers):
            assert same(pickle.loads(pickle.dumps(value)), value)

    def _needs_repeatable(self) -> None:
        if not self.repeatable:
            pytest.skip("its results cannot be repeated")


@functools.cache
def _discover(modules: tuple[tuple[str, Any], ...]) -> Plugins:
    """Plugins do not change while tests run, so they are looked for once."""
    return Plugins(modules)
