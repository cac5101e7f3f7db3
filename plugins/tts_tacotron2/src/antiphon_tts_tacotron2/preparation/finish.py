"""From measured recordings to a prepared corpus: doubtful transcripts, splits, scales."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from antiphon.errors import InputError
from antiphon.features import INTENSITY_MEAN, RATE
from antiphon.payloads import MelSettings

from antiphon_tts_tacotron2.controls import (
    CONTROLLED,
    ControlScale,
    ExpectedDuration,
    fit_expected_duration,
)
from antiphon_tts_tacotron2.preparation.item import NATURAL, Item, Outcome
from antiphon_tts_tacotron2.preparation.prepared import SCHEMA, Prepared, load_mel
from antiphon_tts_tacotron2.preparation.splits import Split, split_by_phrase
from antiphon_tts_tacotron2.text.front_end import FrontEnd

DOUBTFUL_SD = 5.0
"""Robust standard deviations of ln(expected / real duration) beyond which a transcript is taken for wrong."""

DOUBTFUL_LEAST = math.log(1.4)
"""What is closer to the expectation than this is never doubted."""

_LEAST_SD = 1e-3
_FRONT_END = FrontEnd("phonemes")


def finish(
    outcomes: Sequence[Outcome], folder: Path, corpus: str, mel: MelSettings, gain_db: float, seed: int
) -> Prepared:
    """Everything that training has to know.

    Raises:
        InputError: too few usable recordings.
    """
    problems = {outcome.id: outcome.problem for outcome in outcomes if outcome.problem}
    items = [item for outcome in outcomes for item in outcome.items]
    symbols = {item.id: _FRONT_END.read(item.text) for item in items}
    problems |= {id_: "nothing to say in the text" for id_, read in symbols.items() if not read}
    items = [item for item in items if item.id not in problems]
    problems |= doubtful(items, symbols, mel)
    items = [item for item in items if item.id not in problems]
    if len({item.id for item in items}) < 3:
        raise InputError(f"{corpus}: {len(items)} usable recordings; training needs more. {_first(problems)}")
    splits = split_by_phrase({item.id: item.text for item in items}, seed)
    by_split: dict[Split, tuple[Item, ...]] = {
        name: tuple(item for item in items if splits[item.id] == name) for name in ("train", "validation", "test")
    }
    train = by_split["train"]
    expected = _expected_duration([item for item in train if item.variant == NATURAL], symbols, mel)
    mean, sd = _bands(folder, train)
    return Prepared(
        schema=SCHEMA,
        corpus=corpus,
        seed=seed,
        mel=mel,
        gain_db=gain_db,
        controls=tuple(_scale(name, train, symbols, expected, mel, gain_db) for name in CONTROLLED),
        expected_duration=expected,
        mel_mean=mean,
        mel_sd=sd,
        items=by_split,
        problems=problems,
    )


def duration_s(item: Item, mel: MelSettings) -> float:
    """How long an utterance is; its last frame is centred on its last hop."""
    return item.frames * mel.hop / mel.sample_rate


def control_x(name: str, item: Item, symbols: Sequence[str], expected: ExpectedDuration, mel: MelSettings) -> float:
    """x of a measured utterance (see `antiphon_tts_tacotron2.controls`)."""
    if name == RATE.name:
        return math.log(expected.of(symbols) / duration_s(item, mel))
    return CONTROLLED[name].to_log(item.features[name])


def doubtful(items: Sequence[Item], symbols: Mapping[str, Sequence[str]], mel: MelSettings) -> dict[str, str]:
    """Recordings whose duration does not fit their text."""
    natural = [item for item in items if item.variant == NATURAL]
    if len(natural) < 20:
        return {}
    expected = _expected_duration(natural, symbols, mel)
    off = np.array([math.log(duration_s(item, mel) / expected.of(symbols[item.id])) for item in natural])
    centre = float(np.median(off))
    limit = max(DOUBTFUL_SD * 1.4826 * float(np.median(np.abs(off - centre))), DOUBTFUL_LEAST)
    return {
        item.id: f"{math.exp(value):.2f} times as long as its text lets expect; the transcript seems wrong"
        for item, value in zip(natural, off, strict=True)
        if abs(value - centre) > limit
    }


def _expected_duration(
    items: Sequence[Item], symbols: Mapping[str, Sequence[str]], mel: MelSettings
) -> ExpectedDuration:
    return fit_expected_duration([symbols[item.id] for item in items], [duration_s(item, mel) for item in items])


def _scale(
    name: str,
    train: Sequence[Item],
    symbols: Mapping[str, Sequence[str]],
    expected: ExpectedDuration,
    mel: MelSettings,
    gain_db: float,
) -> ControlScale:
    xs = [control_x(name, item, symbols[item.id], expected, mel) for item in train]
    natural = [CONTROLLED[name].to_log(item.features[name]) for item in train if item.variant == NATURAL]
    by_gain = gain_db / math.sqrt(3.0) if name == INTENSITY_MEAN.name else 0.0  # SD of a uniform distribution
    return ControlScale(
        feature=name,
        median=float(np.median(xs)),
        sd=max(math.hypot(float(np.std(xs)), by_gain), _LEAST_SD),
        natural_mean=float(np.mean(natural)),
        natural_sd=max(float(np.std(natural)), _LEAST_SD),
    )


def _bands(folder: Path, train: Sequence[Item]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of every mel band."""
    count, total, squares = 0, 0.0, 0.0
    for item in train:
        mel = load_mel(folder, item).astype(np.float64)
        count += len(mel)
        total = total + mel.sum(0)
        squares = squares + (mel**2).sum(0)
    mean = np.asarray(total) / count
    sd = np.sqrt(np.maximum(np.asarray(squares) / count - mean**2, 1e-4))
    return tuple(map(float, mean)), tuple(map(float, sd))


def _first(problems: Mapping[str, str | None]) -> str:
    told = [f"{id_}: {problem}" for id_, problem in problems.items()]
    return f"The first problems: {'; '.join(told[:3])}" if told else ""
