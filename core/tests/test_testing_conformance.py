"""The conformance suites fail where an implementation is wrong; that good ones pass, the fakes' own tests show."""

import textwrap
from collections.abc import Callable

import pytest
from antiphon.testing.conformance.imports import imported_by

pytest_plugins = ["pytester"]

INNER = ("--assert=plain", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
"""Options of the inner runs, which need no explanations."""

PLUGIN = """
    from antiphon import Provider, hookimpl

    @hookimpl
    def antiphon_register_strategy(register):
        register(Provider("wrong", "A strategy", "wrong_strategy:Wrong", options="wrong_options:Options"))
"""
OPTIONS = """
    from attrs import frozen
    from antiphon import option

    @frozen
    class Options:
        weight: float = option(1.0, help="How much.")
"""
STRATEGY = """
    import random

    from antiphon.features import present
    from antiphon.payloads import Target
    from antiphon.stages import Component

    class Wrong(Component):
        def session(self, seed):
            return Session(self.options, seed)

    class Session:
        def __init__(self, options, seed):
            self.latest = {}
            self.random = random.Random(seed)
            self.weight = options.weight

        def observe(self, observation):
            self.latest.update(present(observation.normalised))

        def propose(self, reply):
            noise = self.random.gauss(0, 0.1)
            return Target({name: self.weight * z + noise for name, z in self.latest.items()})

        def realised(self, observation):
            pass
"""
TEST = """
    import wrong_plugin
    from antiphon.testing import conformance

    class TestWrong(conformance.StrategySuite):
        name = "wrong"
        modules = [("wrong", wrong_plugin)]
"""


@pytest.fixture
def failures(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., set[str]]:
    """The tests that fail, of those that a pytest argument selects, when `old` is written as `new`."""
    pytester.syspathinsert()
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))
    imported_by.cache_clear()

    def run(old: str = "", new: str = "", select: str = "test_wrong.py") -> set[str]:
        modules = {"wrong_plugin": PLUGIN, "wrong_options": OPTIONS, "wrong_strategy": STRATEGY, "test_wrong": TEST}
        for name, text in modules.items():
            text = text.replace(old, new) if old else text
            pytester.path.joinpath(f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
        passed, skipped, failed = pytester.inline_run(*INNER, select).listoutcomes()
        assert passed or skipped or failed
        return {report.nodeid.rpartition("::")[2] for report in failed}

    return run


def test_a_strategy_that_is_right_passes(failures: Callable[..., set[str]]) -> None:
    assert failures() == set()


@pytest.mark.parametrize(
    ("old", "new", "failing"),
    [
        ('"A strategy"', '"A\\nstrategy"', "test_provider_describes_itself"),
        ('options="wrong_options:Options"', 'capabilities=["mel"]', "test_capabilities_belong_to_the_stage"),
        (
            "from antiphon import Provider",
            "import numpy\n    from antiphon import Provider",
            "test_listing_imports_nothing_heavy",
        ),
        (
            "from attrs import frozen",
            "import numpy\n    from attrs import frozen",
            "test_listing_imports_nothing_heavy",
        ),
        ('option(1.0, help="How much.")', "1.0", "test_options_are_documented"),
        ('option(1.0, help="How much.")', 'option("much", help="How much.")', "test_defaults_are_valid"),
        ("import frozen", "import define as frozen", "test_options_are_frozen"),
        (
            "seed):\n            self.latest = {}",
            "seed, latest={}):\n            self.latest = latest",
            "test_interleaved_sessions_equal_sessions_apart",
        ),
        ("random.Random(seed)", "random.Random()", "test_same_seed_gives_same_results"),
        ("def realised", "def realized", "test_session_has_the_methods_of_its_stage"),
        ("return Target(", "return dict(", "test_results_are_right"),
        ("self.weight * z", "float('nan') * z", "test_results_are_right"),
        ("self.weight * z", "1 / (abs(z) < 1e5) * z", "test_odd_input_gives_results_or_errors_for_users"),
        ("Target({name:", "Target({name + '_':", "test_it_asks_only_for_features_that_exist"),
    ],
)
def test_what_is_wrong_fails(failures: Callable[..., set[str]], old: str, new: str, failing: str) -> None:
    assert failing in failures(old, new, f"test_wrong.py::TestWrong::{failing}")


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        ("AudioInSuite", "fake-audio"),
        ("EndpointerSuite", "fake"),
        ("RecognizerSuite", "fake"),
        ("RecognizerSuite", "fake-streaming"),
        ("FeaturesSuite", "fake"),
        ("NormalizerSuite", "fake"),
        ("ResponderSuite", "fake"),
        ("ResponderSuite", "fake-streaming"),
        ("TransformSuite", "fake"),
        ("SynthesizerSuite", "fake"),
        ("SynthesizerSuite", "fake-streaming"),
        ("VocoderSuite", "fake"),
        ("AudioOutSuite", "fake"),
    ],
)
def test_a_result_of_no_known_type_fails_in_every_suite(pytester: pytest.Pytester, suite: str, name: str) -> None:
    pytester.makepyfile(
        f"""
        from antiphon.testing import conformance, plugin

        class TestWrong(conformance.{suite}):
            name = "{name}"
            modules = [("fakes", plugin)]
            options = {{"fault": "garbage", "fault_calls": 1000}}
        """
    )
    _, _, failed = pytester.inline_run(*INNER, "-k", "results_are_right").listoutcomes()
    assert len(failed) == 1
