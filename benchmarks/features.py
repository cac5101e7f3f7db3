"""How long the feature extractor ``praat`` takes, next to Praat's commands themselves, on the same real utterances.

All contenders take turns on each utterance, so what else the machine does hits them alike; the figures are medians, and
the ratios are medians of the ratios of single utterances.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import numpy as np
import parselmouth
import soundfile
from antiphon.payloads import Audio, Utterance
from antiphon.stages import Setup
from antiphon_features_praat.extractor import Praat
from antiphon_features_praat.options import FeatureName, PraatOptions
from attrs import frozen
from parselmouth.praat import call
from rich.console import Console
from rich.table import Table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
PITCH = (0.0, 75.0, 600.0)
PERIODS = (0.0001, 0.02, 1.3)
AMPLITUDE = 1.6
REPORT = (0.0, 0.0, 75.0, 600.0, 1.3, 1.6, 0.03, 0.45)

ALL = "extractor: all features"
ONE_PASS = "extractor: no voiced chain"
SHARED = "pitch, pulses, voice report"
SEPARATE = "separate, with harmonicity"

WITHOUT_CHAIN: tuple[FeatureName, ...] = (
    "duration", "pitch_mean", "pitch_05", "pitch_95", "pitch_range", "pitch_sd", "intensity_mean", "nhr",
)  # fmt: skip


@frozen
class Timing:
    """Of one contender: milliseconds per second of speech, and how many times as long the whole extractor takes."""

    ms_per_s: float
    ratio: float


def shared_objects(audio: Audio) -> None:
    """What any extraction of these features must at least do."""
    sound = parselmouth.Sound(audio.samples.astype(np.float64), audio.sample_rate)
    pitch = call(sound, "To Pitch", *PITCH)
    pulses = call([sound, pitch], "To PointProcess (cc)")
    call([sound, pitch, pulses], "Voice report", *REPORT)


def separate_commands(audio: Audio) -> None:
    """One command for each feature, as scripts are often written: every feature makes what it needs."""
    sound = parselmouth.Sound(audio.samples.astype(np.float64), audio.sample_rate)
    call(call(sound, "To Pitch", *PITCH), "Get mean", 0, 0, "Hertz")
    call(call(sound, "To Pitch", *PITCH), "Get quantile", 0, 0, 0.05, "Hertz")
    call(call(sound, "To Pitch", *PITCH), "Get quantile", 0, 0, 0.95, "Hertz")
    call(call(sound, "To Intensity", 100.0, 0.0, "no"), "Get mean", 0, 0, "energy")
    call(call(sound, "To PointProcess (periodic, cc)", 75.0, 600.0), "Get jitter (local)", 0, 0, *PERIODS)
    pulses = call(sound, "To PointProcess (periodic, cc)", 75.0, 600.0)
    call([sound, pulses], "Get shimmer (local)", 0, 0, *PERIODS, AMPLITUDE)
    call(call(sound, "To Harmonicity (cc)", 0.01, 75.0, 0.1, 1.0), "Get mean", 0, 0)


def utterances(data: Path, count: int) -> list[Audio]:
    """Recordings spread over the corpus; empty if it is not there."""
    files = sorted(data.glob("voices/kathleen/wavs/*.flac"))
    chosen = files[:: max(1, len(files) // count)][:count]
    return [Audio(*soundfile.read(file, dtype="float32")) for file in chosen]


def run(data: Path, count: int = 30, repeats: int = 5) -> Mapping[str, Timing]:
    """Time every contender.

    Raises:
        FileNotFoundError: there is no speech under `data`.
    """
    speech = utterances(data, count)
    if not speech:
        raise FileNotFoundError(
            f"no recordings in {data / 'voices' / 'kathleen' / 'wavs'}; give their folder by --data"
        )
    seconds = _time(_contenders(), speech, repeats)
    return {
        name: Timing(
            ms_per_s=1000 * statistics.median(t / audio.duration_s for t, audio in zip(times, speech, strict=True)),
            ratio=statistics.median(own / other for own, other in zip(seconds[ALL], times, strict=True)),
        )
        for name, times in seconds.items()
    }


def _contenders() -> Mapping[str, Callable[[Audio], object]]:
    whole = Praat(PraatOptions(), Setup()).session(0)
    part = Praat(PraatOptions(features=WITHOUT_CHAIN), Setup()).session(0)
    return {
        ALL: lambda audio: whole.extract(Utterance("user", "", audio), {}),
        ONE_PASS: lambda audio: part.extract(Utterance("user", "", audio), {}),
        SHARED: shared_objects,
        SEPARATE: separate_commands,
    }


def _time(
    contenders: Mapping[str, Callable[[Audio], object]], speech: Sequence[Audio], repeats: int
) -> dict[str, list[float]]:
    """The median time of each utterance, by contender, in seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for audio in speech:
        times: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(repeats):
            for name, contender in contenders.items():
                start = time.perf_counter()
                contender(audio)
                times[name].append(time.perf_counter() - start)
        for name, of_utterance in times.items():
            seconds[name].append(statistics.median(of_utterance))
    return seconds


def table(timings: Mapping[str, Timing]) -> Table:
    """The figures to read."""
    shown = Table(title="Prosodic features by Praat")
    shown.add_column("what")
    shown.add_column("ms per s of speech", justify="right")
    shown.add_column("all features take", justify="right")
    for name, timing in timings.items():
        shown.add_row(name, f"{timing.ms_per_s:.2f}", "" if name == ALL else f"{timing.ratio:.2f} times")
    return shown


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA, show_default=True, help="Folder of the corpora.")
@click.option("--count", default=30, show_default=True, help="Utterances.")
@click.option("--repeats", default=5, show_default=True, help="How often each is measured.")
def main(data: Path, count: int, repeats: int) -> None:
    """Time the feature extractor against Praat's own commands on the same utterances."""
    try:
        timings = run(data, count, repeats)
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    Console().print(table(timings))


if __name__ == "__main__":
    main()
