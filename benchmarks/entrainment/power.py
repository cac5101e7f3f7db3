"""How often a partner's effect is claimed that is not there, and how often one that is."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

import click
from antiphon_corpus.simulate import Dynamics, simulate
from antiphon_entrain_neural.evaluation.baselines.all import EVERYTHING
from antiphon_entrain_neural.evaluation.evaluate import ask, evaluate
from antiphon_entrain_neural.evaluation.material import Material
from antiphon_entrain_neural.evaluation.metrics import POOLED
from antiphon_entrain_neural.evaluation.resampling import Resampling
from scipy.stats import binomtest

from benchmarks.entrainment.known_voice import prepare_simulation
from benchmarks.entrainment.training import kept, load_trained, settings, trained

CONVERSATIONS = 200
EXCHANGES = 12.0
SMALL = (
    "data.shares=[0.6,0.1,0.3]",
    *(f"model.{part}=16" for part in ("prenet", "encoder", "attention_size", "decoder_units")),
    "model.head=0",
    "text.dims=4",
    "text.size=4",
    "training.batch=30",
    "training.epochs=25",
    "training.learning_rate=1e-2",
)


@click.command()
@click.option("--coupling", type=float, required=True, help="0 for false claims.")
@click.option("--seeds", type=click.IntRange(1), default=40, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of what is done already.")
def power(coupling: float, seeds: int, out: Path) -> None:
    """Share of small simulated corpora in which the verdict is that the partner's prosody helped; beside it, in which
    a linear model with the partner's turns is better than one without.

    Each seed has its own corpus (200 conversations of 12 exchanges; 120 to train on, 20 to choose the epoch by, 60 to
    judge by), model and resamples.
    """
    results = []
    for seed in range(seeds):
        found = kept(out / f"coupling-{coupling:g}" / f"seed-{seed:03d}.json", partial(_once, coupling, seed, out))
        results.append(found)
        click.echo(f"seed {seed}: {'helped' if found['helped'] else 'not shown'}")
    for what, key in (("neural", "helped"), ("linear", "linear_helped")):
        claimed = sum(found[key] for found in results)
        ends = binomtest(claimed, len(results)).proportion_ci(method="wilson")
        click.echo(
            f"coupling {coupling:g}, {what}: claimed for {claimed} of {len(results)} corpora, "
            f"{claimed / len(results):.1%} [{ends.low:.1%}, {ends.high:.1%}]"
        )


def _once(coupling: float, seed: int, out: Path) -> dict[str, Any]:
    simulation = simulate(CONVERSATIONS, Dynamics(coupling=coupling, mean_exchanges=EXCHANGES), seed=seed)
    config = settings(*SMALL, f"training.seed={seed}", f"data.seed={seed}")
    prepared = prepare_simulation(simulation, config, name=f"coupling {coupling:g}, seed {seed}")
    folder = out / f"coupling-{coupling:g}" / f"model-{seed:03d}"
    trained(lambda: prepared, config, folder)
    model = load_trained(folder).predictor
    material = Material(prepared.train, prepared.test)
    resampling = Resampling(bootstrap=1000, permutations=999, seed=seed)
    evaluation = evaluate(ask(material, model, seed=seed), resampling)
    shutil.rmtree(folder)
    linear = next(
        d for d in evaluation.differences if (d.model, d.mode, d.feature) == (EVERYTHING, "free-running", POOLED)
    )
    return {
        "helped": evaluation.verdict.helped,
        "linear_helped": linear.better,
        "differences": {d.against: [d.difference, d.low, d.high] for d in (*evaluation.verdict.differences, linear)},
    }
