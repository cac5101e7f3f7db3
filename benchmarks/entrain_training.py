"""How fast models of entrainment are trained: turns a second, and what feeding predictions back costs.

Free-running training goes turn by turn in Python, for every turn depends on the prediction of the one before. The same
modules run over all turns at once where nothing is fed back (teacher forcing); that is what the loop is compared with.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from antiphon_entrain_neural.config import Config, load_config
from antiphon_entrain_neural.conversation import Conversation
from antiphon_entrain_neural.training.batches import Conversations
from antiphon_entrain_neural.training.losses import counted, summed_loss
from antiphon_entrain_neural.training.module import EntrainmentModule
from antiphon_entrain_neural.training.texts import Texts
from antiphon_entrain_neural.training.unroll import unroll
from antiphon_entrain_neural.words import Vocabulary

from benchmarks.common import Report, Settings, command, figure

FEATURES = ("pitch_mean", "pitch_range", "intensity_mean", "jitter", "shimmer", "nhr", "rate")
WORDS = 8
SIZES = (("default", 32), ("first-version-words-next", 128))


def conversation(turns: int, rng: np.random.Generator) -> Conversation:
    """A conversation of numbers and words without meaning."""
    shape = (turns, len(FEATURES))
    return Conversation(
        "c",
        "us",
        FEATURES,
        np.arange(turns) % 2 == 1,
        rng.normal(size=shape).astype(np.float32),
        np.ones(shape, bool),
        tuple(" ".join(f"w{word}" for word in rng.integers(1000, size=WORDS)) for _ in range(turns)),
        np.ones(turns, np.float32),
    )


def trainer(config: Config, batch: int, turns: int) -> tuple[Callable[[float], None], Callable[[], object]]:
    """A step of training, given the probability of the truth, and the making of its batch."""
    rng = np.random.default_rng(0)
    conversations = [conversation(turns, rng) for _ in range(batch)]
    vocabulary = Vocabulary(tuple(f"w{number}" for number in range(1000)))
    data = Conversations(conversations, Texts((t for c in conversations for t in c.texts), vocabulary))
    dims = config.text.dims if config.text.reads else 0
    module = EntrainmentModule(config, FEATURES, len(vocabulary) if dims else None, dims)
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-4)
    made = data.collate(range(batch))

    def step(truth: float) -> None:
        counts = counted(made, "us")
        predicted = unroll(module.model, module.reader, made, truth=truth)
        loss = summed_loss(predicted, made, counts, "smooth-l1").sum() / counts.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step, lambda: data.collate(range(batch))


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, of one core's time, so that what else the machine does counts less."""
    started = time.process_time()
    work()
    return time.process_time() - started


def run(settings: Settings) -> Report:
    """Time steps of training at the default's size and at the first version's, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    turns, repeats = (20, 2) if settings.quick else (60, 5)
    figures = []
    try:
        for name, batch in SIZES:
            step, collate = trainer(load_config(name), batch, turns)
            work = (partial(step, 0.0), partial(step, 1.0), collate)
            times = [tuple(map(seconds, work)) for _ in range(repeats + 1)][1:]  # the first warms up
            free, forced, _ = (statistics.median(column) for column in zip(*times, strict=True))
            ratio = statistics.median(one / other for one, other, _ in times)
            share = statistics.median(100 * third / one for one, _, third in times)
            figures += [
                figure(f"{name}, batch {batch}: free-running", batch * turns / free, "turns/s"),
                figure(f"{name}, batch {batch}: all turns at once", batch * turns / forced, "turns/s"),
                figure(f"{name}, batch {batch}: free-running against all at once", ratio, "times", at_most=2),
                figure(f"{name}, batch {batch}: making a batch", share, "% of a step", at_most=10),
            ]
    finally:
        torch.set_num_threads(threads)
    notes = (
        f"{turns} turns a conversation of {WORDS} words, 7 features; forward, backward, Adam; CPU time of one thread",
        "all turns at once: the same modules under teacher forcing, where no prediction is fed back",
    )
    return Report("Training of entrainment models", figures, notes)


main = command(run)

if __name__ == "__main__":
    main()
