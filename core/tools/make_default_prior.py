"""Makes the prior that comes with Antiphon, from real conversations and from one voice that was recorded well.

    python core/tools/make_default_prior.py CONVERSATIONS VOICE core/src/antiphon/normalization/default_prior.json

CONVERSATIONS holds ``rhapsodie/turns.csv``, ``naija_nsc/turns.csv`` and ``spjallromur/turns.csv``: a turn a line with
``conversation_id``, ``speaker``, ``n_syllables``, ``speech_rate_syll_per_s`` and, in the first, ``pitch_mean_hz``,
``pitch_range_syll_hz`` and ``intensity_mean_db``. VOICE holds ``metadata.csv`` (``id|...``) and ``wavs/ID.flac``.
Needs praat-parselmouth.
"""

from __future__ import annotations

import csv
import math
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean, variance

import parselmouth
from antiphon.features import INTENSITY_MEAN, JITTER, NHR, PITCH_MEAN, PITCH_RANGE, RATE, SHIMMER, FeatureSpec
from antiphon.normalization import FeaturePrior, Prior
from antiphon.normalization.estimate import corpus_sha256, estimate_feature
from parselmouth.praat import call

MIN_SYLLABLES = 8
"""Shorter turns are mostly backchannels, whose rate and pitch are of another kind."""

MIN_TURNS = 3
"""Of a speaker in a conversation."""

EVERY = 4
"""Of the voice's sentences every fourth is measured."""

BETWEEN_TO_WITHIN = 1.5
"""Assumed ratio of the standard deviations between and within speakers, where one speaker is all there is."""

INTENSITY_BETWEEN_DB = 10.0
"""Assumed: the level of a microphone is arbitrary."""

SOURCES = {
    "rhapsodie": "Rhapsodie, French (CC BY-SA 4.0)",
    "naija_nsc": "Naija NSC, Nigerian Pidgin (CC BY-SA 4.0)",
    "spjallromur": "Spjallrómur, Icelandic (CC BY 4.0, Reykjavík University and Tiro)",
}
VOICE_SOURCE = "Kathleen, read English of one speaker (CC0 1.0)"

Groups = list[list[float]]


def groups(folder: Path, corpus: str, value: Callable[[dict[str, str]], float]) -> Groups:
    """The values of all longer turns, a list per speaker and conversation."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    with (folder / corpus / "turns.csv").open(encoding="utf-8", newline="") as file:
        for turn in csv.DictReader(file):
            if int(turn["n_syllables"]) >= MIN_SYLLABLES:
                try:
                    found[turn["conversation_id"], turn["speaker"]].append(value(turn))
                except ValueError:  # an empty cell, or nothing that was measured
                    continue
    return [turns for turns in found.values() if len(turns) >= MIN_TURNS]


def pitch_mean(turn: dict[str, str]) -> float:
    return math.log(float(turn["pitch_mean_hz"]))


def pitch_range(turn: dict[str, str]) -> float:
    """Only p95 - p5 of syllable means is known: taken to lie evenly about the mean."""
    mean, spread = float(turn["pitch_mean_hz"]), float(turn["pitch_range_syll_hz"])
    return math.log((mean + spread / 2) / (mean - spread / 2))


def intensity_mean(turn: dict[str, str]) -> float:
    level = float(turn["intensity_mean_db"])
    if level <= 0:
        raise ValueError("no level was measured")
    return level


def rate(turn: dict[str, str]) -> float:
    return math.log(float(turn["speech_rate_syll_per_s"]))


def voice_quality(folder: Path) -> Iterator[dict[str, float]]:
    """Jitter and shimmer of the voiced intervals and noise-to-harmonics ratio of whole sentences, raw."""
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        names = [line["id"] for line in csv.DictReader(file, delimiter="|")][::EVERY]
    for name in names:
        sound = parselmouth.Sound(str(folder / "wavs" / f"{name}.flac"))
        pitch = call(sound, "To Pitch", 0, 75, 600)
        pulses = call([sound, pitch], "To PointProcess (cc)")
        grid = call(pulses, "To TextGrid (vuv)", 0.02, 1 / call(pitch, "Get mean", 0, 0, "Hertz"))
        parts = call([sound, grid], "Extract intervals where", 1, False, "is equal to", "V")
        chain = call(parts, "Concatenate") if isinstance(parts, list) else parts
        chain_pulses = call(chain, "To PointProcess (periodic, cc)", 75, 600)
        whole_pulses = call(sound, "To PointProcess (periodic, cc)", 75, 600)
        report = call([sound, pitch, whole_pulses], "Voice report", 0, 0, 75, 600, 1.3, 1.6, 0.03, 0.45)
        yield {
            JITTER.name: call(chain_pulses, "Get jitter (local)", 0, 0, 0.0001, 0.02, 1.3),
            SHIMMER.name: call([chain, chain_pulses], "Get shimmer (local)", 0, 0, 0.0001, 0.02, 1.3, 1.6),
            NHR.name: float(re.search(r"noise-to-harmonics ratio: (\S+)", report).group(1)),  # type: ignore[union-attr]
        }


def from_one_speaker(values: list[float], feature: FeatureSpec) -> FeaturePrior:
    """One speaker's mean and variance; how far speakers lie apart is assumed."""
    within = variance(values)
    return FeaturePrior(
        feature.on("log"),
        mean=fmean(values),
        within_variance=within,
        between_variance=within * BETWEEN_TO_WITHIN**2,
        source=f"{VOICE_SOURCE}; assumed: standard deviation between speakers {BETWEEN_TO_WITHIN} times that within",
        corpus_sha256=corpus_sha256([values]),
    )


def intensity(conversations: Path) -> FeaturePrior:
    """Measured within recordings; between them only the microphone's level would be measured."""
    values = groups(conversations, "rhapsodie", intensity_mean)
    measured = estimate_feature(values, INTENSITY_MEAN.on("log"))
    return FeaturePrior(
        measured.feature,
        mean=measured.mean,
        within_variance=measured.within_variance,
        between_variance=INTENSITY_BETWEEN_DB**2,
        variance_dof=measured.variance_dof,
        source=f"{SOURCES['rhapsodie']}, mean and variance within a recording; assumed: standard deviation between "
        f"speakers {INTENSITY_BETWEEN_DB:g} dB, since the level of a microphone is arbitrary",
        corpus_sha256=measured.corpus_sha256,
    )


def main(conversations: Path, voice: Path, destination: Path) -> None:
    """Measure, estimate, write."""
    rhapsodie = SOURCES["rhapsodie"]
    rates = [group for corpus in ("naija_nsc", "spjallromur") for group in groups(conversations, corpus, rate)]
    rate_source = " and ".join(SOURCES[corpus] for corpus in ("naija_nsc", "spjallromur"))
    priors = [
        estimate_feature(
            groups(conversations, "rhapsodie", pitch_mean),
            PITCH_MEAN.on("log"),
            source=f"{rhapsodie}, mean over syllables, weighted by duration",
        ),
        estimate_feature(
            groups(conversations, "rhapsodie", pitch_range),
            PITCH_RANGE.on("log"),
            source=f"{rhapsodie}, approximated from the range of syllable means, evenly about the mean",
        ),
        intensity(conversations),
        estimate_feature(rates, RATE.on("log"), source=rate_source),
    ]
    measured = list(voice_quality(voice))
    for feature in (JITTER, SHIMMER, NHR):
        values = [feature.to_log(m[feature.name]) for m in measured if math.isfinite(m[feature.name])]
        priors.append(from_one_speaker(values, feature))
    provenance = (
        f"Made by core/tools/make_default_prior.py from {', '.join([*SOURCES.values(), VOICE_SOURCE])}. Turns of at "
        f"least {MIN_SYLLABLES} syllables, speakers with at least {MIN_TURNS} of them. Only moments were kept."
    )
    Prior({p.feature.name: p for p in priors}, "default", provenance).save(destination)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
