"""Whether a result is what its stage promises; each function fails with what is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from antiphon.features import FeatureSpec, Measurement
from antiphon.payloads import Audio, Transcript

TOLERANCE_S = 0.1
"""How far a word's end may lie behind the audio: recognisers count in frames."""


def check_audio(audio: Any) -> None:
    """Audio; that it is mono and finite, `Audio` itself has seen to."""
    assert isinstance(audio, Audio), f"{audio!r} is no Audio"


def check_transcript(transcript: Any, duration_s: float | None) -> None:
    """A transcript, its words in order and within the audio."""
    assert isinstance(transcript, Transcript), f"{transcript!r} is no Transcript"
    assert isinstance(transcript.text, str)
    check_confidence(transcript.confidence)
    before_s = 0.0
    for word in transcript.words:
        assert before_s <= word.start_s <= word.end_s, f"{word} ends before it starts, or starts before the last one"
        assert duration_s is None or word.end_s <= duration_s + TOLERANCE_S, f"{word} ends behind the audio"
        check_confidence(word.confidence)
        before_s = word.start_s


def check_confidence(confidence: float | None) -> None:
    """A probability, or None."""
    assert confidence is None or 0 <= confidence <= 1, f"a confidence is a probability, not {confidence}"


def check_measurements(measurements: Any, names: Iterable[str]) -> None:
    """One measurement, or the reason for its absence, for exactly these features."""
    assert isinstance(measurements, Mapping), f"{measurements!r} is no mapping"
    assert set(measurements) == set(names), f"measured {sorted(measurements)}, not {sorted(names)}"
    for name, measurement in measurements.items():
        assert isinstance(measurement, Measurement), f"{name} is {measurement!r}, no Measurement"
        assert measurement.value is None or isinstance(measurement.value, float | int), f"{name} is {measurement!r}"


def check_specs(specs: Any) -> Mapping[str, FeatureSpec]:
    """Feature specifications under their own names."""
    assert isinstance(specs, Mapping), f"convert() returned {specs!r}, no mapping"
    for name, spec in specs.items():
        assert isinstance(spec, FeatureSpec), f"convert() made {name} {spec!r}, no FeatureSpec"
        assert spec.name == name, f"convert() put {spec.name} under the name {name}"
    return specs


def check_extras(extras: Any) -> None:
    """A mapping whose keys are texts, as the turn record keeps it."""
    assert isinstance(extras, Mapping), f"extras are a mapping, not {extras!r}"
    assert all(isinstance(key, str) for key in extras), f"keys of extras are texts: {list(extras)}"


def check_values(values: Any) -> None:
    """Finite numbers by name."""
    assert isinstance(values, Mapping), f"{values!r} is no mapping"
    for name, value in values.items():
        assert isinstance(name, str), f"{name!r} is no feature name"
        assert math.isfinite(value), f"{name} is {value}; leave out what has no value"
