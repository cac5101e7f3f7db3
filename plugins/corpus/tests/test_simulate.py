"""Simulated conversations: do they have the dynamics that are claimed?"""

import numpy as np
import pandas as pd
import pytest
from antiphon.errors import InputError
from antiphon.features import PITCH_MEAN, RATE
from antiphon_corpus.adjacency import log_values
from antiphon_corpus.best_loss import best_loss, best_predictions, expected_smooth_l1, smooth_l1
from antiphon_corpus.simulate import TYPICAL, Dynamics, Simulation, simulate

FEATURES = (PITCH_MEAN, RATE)
COUPLED = Dynamics(coupling={"pitch_mean": 0.3}, noise=0.7, features=FEATURES)


@pytest.fixture(scope="module")
def coupled() -> Simulation:
    return simulate(600, COUPLED, seed=3)


def regressors(values: np.ndarray, simulation: Simulation) -> tuple[np.ndarray, np.ndarray]:
    """Own previous turn, the partner's turn and the text length; and what they precede. Without first exchanges."""
    us = np.flatnonzero(simulation.is_us & (simulation.exchange > 0))
    length = simulation.text_length[us]
    return np.stack([values[us - 2], values[us - 1], length], axis=1), values[us]


def test_the_parameters_are_recovered_by_regression(coupled: Simulation) -> None:
    for column, coupling in enumerate([0.3, 0.0]):
        x, y = regressors(coupled.latent[:, column], coupled)
        found, residual, *_ = np.linalg.lstsq(x, y, rcond=None)
        error = np.sqrt(residual[0] / len(y) * np.diag(np.linalg.inv(x.T @ x)))
        assert np.all(np.abs(found - [0.4, coupling, 0.3]) < 4 * error)
        assert np.all(error < 0.01)
        assert np.sqrt(residual[0] / len(y)) == pytest.approx(0.7, rel=0.03)


def test_the_table_holds_the_process_behind_each_speakers_offset_and_scale(coupled: Simulation) -> None:
    values = log_values(coupled.table)
    for column, spec in enumerate(FEATURES):
        mean, sd = TYPICAL[spec.name]
        frame = pd.DataFrame(
            {
                "speaker": coupled.table.frame["speaker"].astype(str),
                "seen": (values[:, column] - mean) / sd,
                "latent": coupled.latent[:, column],
            }
        )
        lines = [np.polyfit(g["latent"], g["seen"], 1, full=True) for _, g in frame.groupby("speaker")]
        scale, offset = np.array([line[0] for line in lines]).T
        assert max(float(line[1][0]) for line in lines) < 1e-18, "seen is a straight line of latent"
        assert np.std(offset) == pytest.approx(1.5, rel=0.1)
        assert np.std(np.log(scale)) == pytest.approx(0.25, rel=0.1)


def test_partners_are_stationary_with_their_inertia(coupled: Simulation) -> None:
    partner = ~coupled.is_us
    later = np.flatnonzero(partner & (coupled.exchange > 0))
    p = coupled.latent[:, 0]
    assert np.std(p[partner]) == pytest.approx(1, rel=0.03)
    assert np.corrcoef(p[later], p[later - 2])[0, 1] == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize("free_running", [True, False])
def test_the_stated_best_loss_is_reached_and_not_beaten(coupled: Simulation, free_running: bool) -> None:
    stated = best_loss(coupled)
    expected = stated.free_running if free_running else stated.one_step
    us = coupled.is_us
    error = (best_predictions(coupled, free_running=free_running) - coupled.latent)[us]
    assert smooth_l1(error).mean() == pytest.approx(expected, rel=0.02)
    for other in (error + 0.1, 0.9 * error - 0.1 * coupled.latent[us]):
        assert smooth_l1(other).mean() > smooth_l1(error).mean()


def test_without_the_partner_the_loss_grows_by_what_is_stated(coupled: Simulation) -> None:
    blind = simulate(600, COUPLED, seed=3)
    blind.latent[~blind.is_us] = 0.0  # all that the predictor knows of the partner
    error = (best_predictions(blind, free_running=True) - blind.latent)[blind.is_us]
    stated = best_loss(coupled)
    assert smooth_l1(error).mean() == pytest.approx(stated.free_running_without_partner, rel=0.02)
    assert stated.free_running_without_partner > stated.free_running > stated.one_step


def test_uncoupled_conversations_lose_nothing_without_the_partner() -> None:
    stated = best_loss(simulate(5, Dynamics(coupling=0.0)))
    assert stated.free_running_without_partner == pytest.approx(stated.free_running, abs=1e-12)


@pytest.mark.parametrize("sd", [0.0, 0.05, 0.5, 1.0, 3.0, 20.0])
def test_the_expected_loss_is_the_integral_of_the_loss(sd: float) -> None:
    z = np.linspace(-12, 12, 400_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    integral = float((smooth_l1(sd * z) * density).sum() * (z[1] - z[0]))
    assert expected_smooth_l1(sd) == pytest.approx(integral, rel=1e-6, abs=1e-12)


def test_drift_and_missing_measurements_are_as_asked() -> None:
    drifting = Dynamics(drift_sd=3.0, noise=0.01, coupling=0.0, text_effect=0.0, features=FEATURES)
    simulation = simulate(300, drifting, seed=1)
    seen = (log_values(simulation.table)[:, 0] - TYPICAL["pitch_mean"][0]) / TYPICAL["pitch_mean"][1]
    codes = simulation.table.frame["conversation"].cat.codes.to_numpy()
    ours = pd.Series(seen[simulation.is_us]).groupby(codes[simulation.is_us])
    assert (ours.last() - ours.first()).std() == pytest.approx(3.0, rel=0.15)
    gaps = simulate(100, Dynamics(missing=0.3), seed=1).table.frame[[s.name for s in Dynamics().features]].isna()
    assert gaps.to_numpy().mean() == pytest.approx(0.3, abs=0.01)


def test_a_seed_decides_everything() -> None:
    one, again, other = (simulate(3, seed=seed).table.frame for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert not one["rate"].equals(other["rate"])


def test_turns_alternate_without_overlap() -> None:
    frame = simulate(4, seed=0).table.frame
    for name, turns in frame.groupby("conversation", observed=True):
        assert turns["speaker"].tolist() == [f"{name}:partner", f"{name}:us"] * (len(turns) // 2)
        assert turns["start_s"].iloc[0] == 0
        assert (turns["start_s"].to_numpy()[1:] > turns["end_s"].to_numpy()[:-1]).all()


def test_what_cannot_be_simulated_is_refused() -> None:
    with pytest.raises(InputError, match="no feature is called pitch; there are pitch_mean"):
        Dynamics(coupling={"pitch": 0.2})
    with pytest.raises(InputError, match="at least one"):
        simulate(0)
