"""``antiphon tacotron2``: prepares corpora and trains voices."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from antiphon.errors import InputError, PluginBroken
from attrs import evolve
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from antiphon_tts_tacotron2.training.checkpoint import Position

_PROBLEMS_SHOWN = 20


@click.group()
def tacotron2() -> None:
    """Prepare corpora and train voices for the synthesizer tacotron2."""


@tacotron2.command()
@click.argument("corpus", type=click.Path(path_type=Path, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--variants", type=click.IntRange(0, 9), default=2, show_default=True, help="Of each recording, moved by Praat."
)
@click.option(
    "--gain-db", type=click.FloatRange(0, 20), default=6.0, show_default=True, help="Louder or softer, at most."
)
@click.option("--jobs", type=click.IntRange(1), default=None, help="Worker processes; one a core if not given.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of variants and splits.")
def prepare(corpus: Path, out: Path, variants: int, gain_db: float, jobs: int | None, seed: int) -> None:
    """Measure the recordings of CORPUS (metadata.csv and audio files) and write what training needs to OUT.

    Run again, it goes on where it was interrupted.
    """
    from antiphon_tts_tacotron2.preparation.prepare import Preparation, prepare

    console = Console()
    preparation = Preparation(variants=variants, gain_db=gain_db, seed=seed)
    with _counting("measuring") as progress:
        prepared = prepare(corpus, out, preparation, jobs or os.cpu_count() or 1, progress)
    counts = {split: Counter(item.variant == 0 for item in items) for split, items in prepared.items.items()}
    for split, count in counts.items():
        console.print(f"{split:<10} {count[True]:>6} recordings {count[False]:>6} variants", highlight=False)
    if prepared.problems:
        console.print(f"[yellow]{len(prepared.problems)} recordings are left out:[/]")
        for id_, problem in list(prepared.problems.items())[:_PROBLEMS_SHOWN]:
            console.print(f"  {escape(id_)}: {escape(problem)}", highlight=False, soft_wrap=True)
        if len(prepared.problems) > _PROBLEMS_SHOWN:
            console.print(f"  ... all of them in {escape(str(out))}/preparation.json", highlight=False, soft_wrap=True)


@tacotron2.command()
@click.argument("sentences", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--voice", default="espeak", show_default=True, help="The synthesizer that speaks them.")
@click.option("--option", "options", multiple=True, metavar="NAME=TEXT", help="An option of that voice; repeatable.")
@click.option("--takes", type=click.IntRange(1), default=1, show_default=True, help="Of each sentence.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the prosody.")
def synthesise(sentences: Path, out: Path, voice: str, options: tuple[str, ...], takes: int, seed: int) -> None:
    """Write a corpus to OUT in which another voice says the lines of the file SENTENCES with random prosody.

    A voice that is to learn from little speech may learn to read from such a corpus first (train --start-from).
    """
    from antiphon_tts_tacotron2.preparation.synthetic import read_sentences, speak_corpus

    pairs = [text.partition("=") for text in options]
    if wrong := [text for text, pair in zip(options, pairs, strict=True) if not (pair[0] and pair[1])]:
        raise click.BadParameter(f'"{wrong[0]}" is not of the form NAME=TEXT', param_hint="--option")
    with _counting("speaking") as progress:
        speak_corpus(
            read_sentences(sentences), out, voice, {name: text for name, _, text in pairs}, takes, seed, progress
        )


@tacotron2.command()
@click.argument("prepared", type=click.Path(path_type=Path, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--config", default="small", show_default=True, help="small, full, or a TOML file like theirs.")
@click.option("--steps", type=click.IntRange(1), help="In place of the configuration's.")
@click.option("--batch", type=click.IntRange(1), help="In place of the configuration's.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="End of training if the steps last longer.")
@click.option("--name", default="voice", show_default=True, help="Of the voice.")
@click.option("--licence", default="not stated", show_default=True, help="Of the voice.")
@click.option("--data", default="not stated", show_default=True, help="Source, amount and licence of the recordings.")
@click.option("--start-from", type=click.Path(path_type=Path), help="Begin with these weights (safetensors).")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--device", default=None, help="cpu, cuda, ...; the best there is if not given.")
@click.option(
    "--precision",
    type=click.Choice(["float32", "bfloat16", "float16"]),
    default=None,
    help="Of the arithmetic; bfloat16 where the device is fast at it, if not given.",
)
@click.option("--threads", type=click.IntRange(1), help="Of the CPU.")
@click.option("--save-minutes", type=click.FloatRange(0), default=5.0, show_default=True)
@click.option("--validate-minutes", type=click.FloatRange(0), default=15.0, show_default=True)
def train(
    prepared: Path,
    out: Path,
    config: str,
    steps: int | None,
    batch: int | None,
    minutes: float | None,
    name: str,
    licence: str,
    data: str,
    start_from: Path | None,
    seed: int,
    device: str | None,
    precision: str | None,
    threads: int | None,
    save_minutes: float,
    validate_minutes: float,
) -> None:
    """Train a voice on the corpus that was prepared into PREPARED, in the folder OUT.

    Run again, it goes on from the last checkpoint; Ctrl-C and SIGTERM write one first. The voice is in OUT/voice.
    """
    _need_train()
    import torch

    from antiphon_tts_tacotron2.training.config import read_config
    from antiphon_tts_tacotron2.training.run import Plan, train

    if threads:
        torch.set_num_threads(threads)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    chosen = read_config(config)
    training = evolve(chosen.training, steps=steps or chosen.training.steps, batch=batch or chosen.training.batch)
    plan = Plan(
        config=evolve(chosen, training=training),
        name=name,
        licence=licence,
        data=data,
        minutes=minutes,
        seed=seed,
        device=_existing(device),
        precision=precision or _fast_precision(device),
        start_from=start_from,
        save_minutes=save_minutes,
        validate_minutes=validate_minutes,
    )
    console = Console()
    for number in (signal.SIGINT, signal.SIGTERM):  # both end it in order, also where the shell has them ignored
        signal.signal(number, signal.default_int_handler)
    with _TrainingProgress(console) as progress:
        try:
            validation = train(prepared, out, plan, progress.on_step)
        except KeyboardInterrupt:
            console.print(f"interrupted at step {progress.step}; run the same command again to go on")
            raise click.exceptions.Exit(130) from None
    for measure, value in validation.measures.items():
        console.print(f"{measure:<16} {value:.4f}", highlight=False)
    console.print(f"voice            {out / 'voice'}", soft_wrap=True, highlight=False)


@contextmanager
def _counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, to be told how many of how many are done."""
    console = Console()
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("")
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _TrainingProgress:
    """A bar on a terminal; elsewhere a line now and then."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("training"), BarColumn(), TextColumn("{task.percentage:.1f} %  {task.description}"))
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task("", total=1.0)
        self._console = console
        self.step = 0

    def __enter__(self) -> _TrainingProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def on_step(self, position: Position, progress: float, measured: Mapping[str, float]) -> None:
        self.step = position.step
        told = f"step {position.step}  mel {measured['postnet']:.3f}  guidance {measured['guidance']:.3f}"
        self._bar.update(self._task, completed=progress, description=told)
        if not self._console.is_terminal and position.step % 50 == 0:
            self._console.print(f"{progress:6.1%}  {position.elapsed_s / 60:7.1f} min  {told}", highlight=False)


def _need_train() -> None:
    """Raises PluginBroken where what training needs is not installed."""
    missing = [name for name in ("torch", "safetensors") if importlib.util.find_spec(name) is None]
    if missing:
        raise PluginBroken(f"training needs {' and '.join(missing)}: pip install 'antiphon-tts-tacotron2[train]'")


def _existing(device: str) -> str:
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"device {device}: {str(error).splitlines()[0]}") from error
    return device


def _fast_precision(device: str) -> str:
    """bfloat16 on GPUs and on processors with matrix instructions for it."""
    import torch

    if device.startswith("cuda"):
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    amx: Any = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return "bfloat16" if device == "cpu" and amx is not None and amx() else "float32"
