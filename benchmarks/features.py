"""How long the feature extractor ``praat`` takes, next to Praat's commands themselves, on the same real utterances.

All contenders take turns on each utterance, so what else the machine does hits them alike; the figures are medians, and
the ratios are medians of the ratios of single utterances.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import parselmouth
from antiphon.payloads import Audio, Utterance
from antiphon.stages import Setup
from antiphon_features_praat.extractor import Praat
from antiphon_features_praat.options import FeatureName, PraatOptions
from parselmouth.praat import call

from benchmarks.common import Report, Settings, command, figure, sentences, stopwatch

PITCH = (0.0, 75.0, 600.0)
PERIODS = (0.0001, 0.02, 1.3)
AMPLITUDE = 1.6
REPORT = (0.0, 0.0, 75.0, 600.0, 1.3, 1.6, 0.03, 0.45)

ALL = "all features"
ONE_PASS = "all but jitter, shimmer and what is voiced"
SHARED = "one pitch pass, pulses, voice report"
SEPARATE = "separate commands, with harmonicity"

WITHOUT_CHAIN: tuple[FeatureName, ...] = (
    "duration", "pitch_mean", "pitch_05", "pitch_95", "pitch_range", "pitch_sd", "intensity_mean", "nhr",
)  # fmt: skip


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


def run(settings: Settings) -> Report:
    """Time the feature extractor against Praat's own commands on the same utterances."""
    spoken = [sentence.audio for sentence in sentences(settings.data, 4 if settings.quick else 30)]
    seconds = _time(_contenders(), spoken, repeats=3 if settings.quick else 5)

    def per_second(name: str) -> float:
        return 1e3 * statistics.median(t / audio.duration_s for t, audio in zip(seconds[name], spoken, strict=True))

    def ratio(name: str, other: str) -> float:
        return statistics.median(a / b for a, b in zip(seconds[name], seconds[other], strict=True))

    return Report(
        "Prosodic features by Praat",
        [
            *(figure(f"{name}, per second of speech", per_second(name), "ms") for name in seconds),
            figure(f"{ALL}, by: {SHARED}", ratio(ALL, SHARED), "times", at_most=1.3),
            figure(f"{ONE_PASS}, by: {SHARED}", ratio(ONE_PASS, SHARED), "times", at_most=1.3),
            figure(f"{SEPARATE}, by: {ALL}", ratio(SEPARATE, ALL), "times", at_least=4),
        ],
        [
            f"{len(spoken)} utterances. Jitter, shimmer and the features of the voiced parts are measured on the "
            "voiced parts alone, joined, which takes a second pitch analysis: with it the extractor needs about half "
            "as long again as the one pass. A profile that asks for none of them (`options.features`) is spared it.",
        ],
    )


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
    contenders: Mapping[str, Callable[[Audio], object]], spoken: Sequence[Audio], repeats: int
) -> dict[str, list[float]]:
    """The median time of each utterance, by contender, in seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for audio in spoken:
        times: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(repeats):
            for name, contender in contenders.items():
                with stopwatch(times[name]):
                    contender(audio)
        for name, of_utterance in times.items():
            seconds[name].append(statistics.median(of_utterance))
    return seconds


main = command(run)

if __name__ == "__main__":
    main()
