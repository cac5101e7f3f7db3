"""Agents with different strategies talk to the same simulated users; the measures must tell what each did."""

import runpy
from pathlib import Path

import pytest
from antiphon_measure_entrainment.agents.conditions import condition
from antiphon_measure_entrainment.agents.manipulation import manipulation_check
from antiphon_measure_entrainment.agents.realised import realised_turns
from antiphon_measure_entrainment.studies.inputs import read_inputs
from antiphon_measure_entrainment.studies.runner import run
from rich.console import Console

EXPERIMENT = Path(__file__).resolve().parent.parent / "benchmarks" / "strategies.py"
USERS, TURNS = 2, 12
FEATURES = ("pitch_mean", "intensity_mean")


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_measures_rank_the_strategies_as_they_are_defined(tmp_path: Path) -> None:
    experiment = runpy.run_path(str(EXPERIMENT))
    sessions = experiment["hold_all"](tmp_path, USERS, TURNS, Console(quiet=True))
    assert len(sessions) == USERS * len(experiment["STRATEGIES"])
    promised = {c.name: c.promised for c in map(condition, sessions)}
    assert promised == {"neutral": 0.0, "matching": 1.0, "partial 0.5": 0.5, "disentrain 0.5": -0.5, "sham 0.5": 0.0}

    check = manipulation_check(realised_turns(sessions), promised)
    slopes = check.set_index(["feature", "strategy", "on"])["slope"]
    synchrony = run(read_inputs(sessions, FEATURES).groups, ["local_synchrony"], permutations=99).effects
    r = synchrony.set_index(["feature", "group"])["estimate"]
    for feature in FEATURES:
        on_user = slopes[feature].xs("user", level="on")
        requested = slopes[feature].xs("requested", level="on")
        for strategy in ("matching", "partial 0.5", "disentrain 0.5", "sham 0.5"):
            assert requested[strategy] == pytest.approx(1.0, abs=0.35), (feature, strategy)
        for strategy, slope in promised.items():
            assert on_user[strategy] == pytest.approx(slope, abs=0.35), (feature, strategy)
        assert on_user["matching"] > on_user["partial 0.5"] > on_user["neutral"] > on_user["disentrain 0.5"]
        # A correlation does not see how far a voice goes with the user, only whether it does.
        for strategy in ("neutral", "sham 0.5"):
            assert min(r[feature]["matching"], r[feature]["partial 0.5"]) > r[feature][strategy], dict(r[feature])
            assert r[feature][strategy] > r[feature]["disentrain 0.5"], dict(r[feature])
