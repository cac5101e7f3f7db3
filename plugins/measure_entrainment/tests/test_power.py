"""Power by simulation: against theory, by chance, and through the command."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from antiphon.errors import InputError
from antiphon_corpus.simulate import Dynamics, simulate
from antiphon_measure_entrainment.commands.power import power as command
from antiphon_measure_entrainment.studies.journal import Journal, beside
from antiphon_measure_entrainment.studies.power import Method, Study, blocks, coupling_of, power, smallest
from click.testing import CliRunner
from scipy import stats
from statsmodels.stats.proportion import proportion_confint


@pytest.mark.parametrize("effect", [0.0, 0.1, 0.4])
def test_the_effect_is_the_correlation_of_turns_and_answers(effect):
    dynamics = Dynamics(coupling=coupling_of(effect, Dynamics()), mean_exchanges=60)
    simulation = simulate(300, dynamics, seed=1)
    settled = simulation.exchange >= 8
    partner = simulation.latent[~simulation.is_us & settled].ravel()
    us = simulation.latent[simulation.is_us & settled].ravel()
    assert np.corrcoef(partner, us)[0, 1] == pytest.approx(effect, abs=0.02)


def test_an_effect_that_cannot_be_is_refused():
    with pytest.raises(InputError, match="cannot be reached"):
        coupling_of(1.0, Dynamics())
    with pytest.raises(InputError, match="cannot be reached"):
        power([Study(0.999, 10, 5)])
    with pytest.raises(InputError, match="no feature love is simulated"):
        power([Study(0.1, 10, 5)], Method(feature="love"))


def test_blocks_cover_all_simulations_once():
    planned = blocks([Study(0.1, 10, 5), Study(0.1, 10, 6)], 45)
    assert [(block.study.dyads, block.first, block.count) for block in planned] == [
        *((dyads, first, count) for dyads in (5, 6) for first, count in ((0, 20), (20, 20), (40, 5)))
    ]
    assert len({block.key for block in planned}) == len(planned)


def test_power_is_a_share_with_wilsons_interval_and_the_same_by_the_same_seed():
    studies = [Study(0.6, 10, 16), Study(0.0, 10, 16)]
    method = Method(permutations=39)
    found = power(studies, method, simulations=10)
    strong, none = found.to_dict("records")
    assert strong["low"] > none["high"]
    for row in (strong, none):
        low, high = proportion_confint(row["significant"], row["simulations"], method="wilson")
        assert (row["power"], row["low"], row["high"]) == (row["significant"] / 10, low, high)
    pd.testing.assert_frame_equal(found, power(studies, method, simulations=10))


def test_studies_too_small_for_the_measure_say_so():
    row = power([Study(0.1, 4, 1)], Method(measures=("global_convergence",), permutations=19), simulations=3).iloc[0]
    assert row["simulations"] == 0
    assert np.isnan(row["power"])
    assert "not computable" in row["note"]


def test_the_smallest_study_is_the_first_that_reaches_the_target():
    """A curve Φ(c + d √n) of which the point is known."""
    dyads = np.array([4, 9, 16, 25, 36, 49])
    share = stats.norm.cdf(-1.0 + 0.4 * np.sqrt(dyads))
    counts = np.rint(10_000 * share).astype(int)
    curve = {"measure": "m", "effect": 0.1, "exchanges": 30, "dyads": dyads, "power": counts / 10_000}
    powers = pd.DataFrame({**curve, "low": 0.0, "high": 1.0, "significant": counts, "simulations": 10_000})
    row = smallest(powers, 0.8).iloc[0]
    needed = ((stats.norm.ppf(0.8) + 1.0) / 0.4) ** 2
    assert row["dyads"] == 25
    assert row["dyads"] >= needed
    assert row["interpolated"] == np.ceil(needed)
    unreached = smallest(powers[powers["dyads"] < 20], 0.8).iloc[0]
    assert pd.isna(unreached["dyads"])
    assert pd.isna(unreached["interpolated"])


def arguments(*more):
    small = ("--effect", "0.5", "--dyads", "2,3", "--exchanges", "6", "--simulations", 21, "--permutations", 19)
    return [str(each) for each in (*small, *more)]


def test_the_command_writes_numbers_and_says_the_smallest_study(tmp_path):
    out = tmp_path / "power.csv"
    result = CliRunner().invoke(command, arguments("-o", out), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    written = pd.read_csv(out)
    assert written["dyads"].tolist() == [2, 3]
    assert (written["low"] <= written["power"]).all()
    assert (written["power"] <= written["high"]).all()
    assert "dyads" in result.output
    assert not beside(out).exists()


@pytest.mark.long
def test_the_command_goes_on_where_it_was_killed(tmp_path, monkeypatch):
    out = tmp_path / "power.csv"
    CliRunner().invoke(command, arguments("-o", out), catch_exceptions=False)
    whole = out.read_text()
    out.unlink()
    added = Journal.add

    def killed(self, key, value):
        added(self, key, value)
        if len(self.found) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "add", killed)
    result = CliRunner().invoke(command, arguments("-o", out))
    assert "the same command goes on" in result.output
    assert not out.exists()
    kept = beside(out).read_text().splitlines()
    assert len(kept) == 3
    monkeypatch.undo()
    CliRunner().invoke(command, arguments("-o", out), catch_exceptions=False)
    assert out.read_text() == whole


@pytest.mark.parametrize(
    "wrong",
    [("--dyads", "5,a"), ("--dyads", "0"), ("--effect", "1"), ("--exchanges", "3"), ("-o", "x.tex"), ("-o", "x.pdf")],
)
def test_bad_options_are_refused(wrong):
    assert CliRunner().invoke(command, list(wrong)).exit_code == 2


@pytest.mark.long
def test_chance_finds_no_more_than_alpha_and_size_helps():
    studies = [Study(0.0, 20, 20), Study(0.25, 20, 5), Study(0.25, 20, 20)]
    none, few, many = power(studies, simulations=200).to_dict("records")
    assert none["low"] <= 0.05
    assert few["high"] < many["low"]
