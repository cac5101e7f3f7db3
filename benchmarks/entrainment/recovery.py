"""How much of what can be predicted of simulated conversations a trained model predicts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np
from antiphon_corpus.best_loss import best_loss, best_predictions
from antiphon_corpus.simulate import Dynamics, Simulation, simulate
from antiphon_entrain_neural.conversation import Array
from antiphon_entrain_neural.evaluation.baselines.all import (
    ENTRAINED,
    EVERYTHING,
    RUNNING_MEAN,
    TEXT_AND_OWN,
    fit_baselines,
)
from antiphon_entrain_neural.evaluation.judged import Floats, Judged, our_turns
from antiphon_entrain_neural.evaluation.metrics import Sums
from antiphon_entrain_neural.evaluation.resampling import Resampling
from antiphon_entrain_neural.predictor import predict_all
from antiphon_entrain_neural.training.prepare import Prepared
from attrs import frozen

from benchmarks.entrainment.known_voice import prepare_simulation
from benchmarks.entrainment.stranger import stranger_predictions
from benchmarks.entrainment.training import kept, load_trained, settings, trained

BEST, STRANGER = "best, knowing both speakers", "best, the partner being a stranger"
MODEL, DEAF = "trained model", "trained model without the partner"
SETTINGS = ("data.shares=[0.7,0.1,0.2]", "training.batch=50", "training.epochs=40", "training.patience=15")


@frozen
class World:
    """What is simulated: how strongly we follow, and whether speakers differ in level and range."""

    coupling: float
    strangers: bool

    @property
    def name(self) -> str:
        """For folders."""
        return f"coupling-{self.coupling:g}-{'strangers' if self.strangers else 'alike'}"

    def simulate(self, conversations: int, seed: int) -> Simulation:
        """The corpus."""
        offset, scale = (1.5, 0.25) if self.strangers else (0.0, 0.0)
        return simulate(conversations, Dynamics(coupling=self.coupling, offset_sd=offset, scale_sd=scale), seed=seed)


@click.command()
@click.option("--coupling", type=float, default=0.2, show_default=True)
@click.option("--alike", is_flag=True, help="All speakers have the same level and range, so that nobody is a stranger.")
@click.option("--conversations", type=click.IntRange(50), default=500, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of what is done already.")
def recovery(coupling: float, alike: bool, conversations: int, seed: int, out: Path) -> None:
    """Free-running smooth L1 on simulated conversations, beside the best possible predictors'."""
    world = World(coupling, not alike)
    folder = out / f"{world.name}-{conversations}-{seed}"
    found = kept(folder / "recovery.json", lambda: _measure(world, conversations, seed, folder))
    click.echo(f"{world.name}: {found['turns']} turns of {found['conversations']} conversations in the test split")
    for name, loss in found["losses"].items():
        click.echo(f"  {name:45} {loss:.4f}")
    for name, (share, low, high) in found["shares"].items():
        click.echo(f"  {name}: {share:.1%} [{low:.1%}, {high:.1%}]")


def _measure(world: World, conversations: int, seed: int, folder: Path) -> dict[str, Any]:
    simulation = world.simulate(conversations, seed)
    config = settings(*SETTINGS)
    prepared = prepare_simulation(simulation, config, name=world.name)
    test = prepared.test
    judged = Judged.of(test)
    rows: dict[str, Floats] = {}
    for predictor in fit_baselines(prepared.train):
        if predictor.name in (RUNNING_MEAN, ENTRAINED, TEXT_AND_OWN, EVERYTHING):
            rows[predictor.name] = our_turns(test, predict_all(predictor, test, free_running=True))
    rows[STRANGER] = our_turns(test, _of_test(stranger_predictions(simulation), simulation, prepared))
    best = best_predictions(simulation, free_running=True)
    rows[BEST] = our_turns(test, _of_test(best, simulation, prepared))
    for name, partner in ((MODEL, "true"), (DEAF, "false")):
        switched = settings(*SETTINGS, f"model.partner={partner}")
        trained(lambda: prepared, switched, folder / f"partner-{partner}")
        model = load_trained(folder / f"partner-{partner}").predictor
        rows[name] = our_turns(test, predict_all(model, test, free_running=True))
    everything = np.ones(len(judged.position), bool)
    sums = {name: Sums.of(judged, values, everything).smooth[:, -1] for name, values in rows.items()}
    known = best_loss(simulation)
    counts = Sums.of(judged, rows[BEST], everything).n[:, -1]
    losses = {name: float(of.sum() / counts.sum()) for name, of in sums.items()}
    return {
        "conversations": len(test),
        "turns": len(judged.position),
        "losses": {
            **losses,
            "closed form, knowing both speakers": known.free_running,
            "closed form, without the partner": known.free_running_without_partner,
        },
        "shares": {
            f"share of the reduction of the {reference}, by the {name}": _share(sums, name, reference)
            for reference in (STRANGER, BEST)
            for name in (MODEL, DEAF, EVERYTHING, ENTRAINED)
        },
    }


def _share(sums: Mapping[str, Floats], name: str, reference: str) -> tuple[float, float, float]:
    """Of the reduction of loss from the running mean to a reference, what a predictor reaches, with its interval."""

    def share(weights: Floats) -> Floats:
        start = weights @ sums[RUNNING_MEAN]
        ratio: Floats = (start - weights @ sums[name]) / (start - weights @ sums[reference])
        return ratio

    count = len(sums[name])
    low, high = np.quantile(share(Resampling().weights(count)), (0.025, 0.975))
    return float(share(np.ones((1, count)))[0]), float(low), float(high)


def _of_test(predictions: Floats, simulation: Simulation, prepared: Prepared) -> list[Array]:
    rows = simulation.table.frame.groupby("conversation", observed=True).indices
    return [predictions[rows[c.name]].astype(np.float32) for c in prepared.test]
