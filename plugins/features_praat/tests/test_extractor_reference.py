"""The extractor against the separate commands of the extraction script that the entrainment literature shares."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import parselmouth
import pytest
import soundfile
from antiphon.features import present
from antiphon.payloads import Audio, Utterance
from antiphon.stages import Setup
from antiphon_features_praat.extractor import Praat
from antiphon_features_praat.options import PraatOptions
from antiphon_features_praat.specs import ALL
from parselmouth.praat import call

REPORT = (0.0, 0.0, 75.0, 600.0, 1.3, 1.6, 0.03, 0.45)
NHR = re.compile(r"noise-to-harmonics ratio: ([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)")


def extract(audio: Audio) -> dict[str, float]:
    return present(Praat(PraatOptions(), Setup()).session(0).extract(Utterance("user", "", audio), {}))


def script(audio: Audio) -> dict[str, float]:
    """What the script measures, every object made as it makes it; its quantiles' ratio and semitones are ours."""
    sound = parselmouth.Sound(audio.samples.astype(np.float64), audio.sample_rate)
    pitch = call(sound, "To Pitch", 0.0, 75.0, 600.0)
    mean = call(pitch, "Get mean", 0, 0, "Hertz")
    low, high = (call(pitch, "Get quantile", 0, 0, share, "Hertz") for share in (0.05, 0.95))
    voicing = call(call([sound, pitch], "To PointProcess (cc)"), "To TextGrid (vuv)", 0.02, 1 / mean)
    parts = call([sound, voicing], "Extract intervals", 1, "no", "V")
    chain = call(parts, "Concatenate") if isinstance(parts, list) else parts
    chain_pulses = call(call(chain, "To Pitch", 0.0, 75.0, 600.0), "To PointProcess")
    return {
        "duration": call(sound, "Get total duration"),
        "duration_voiced": call(chain, "Get total duration"),
        "pitch_mean": mean,
        "pitch_05": low,
        "pitch_95": high,
        "pitch_range": high / low,
        "pitch_sd": call(pitch, "Get standard deviation", 0, 0, "semitones"),
        "intensity_mean": intensity(sound),
        "intensity_mean_voiced": intensity(chain),
        "jitter": call(chain_pulses, "Get jitter (local)", 0, 0, 0.0001, 0.02, 1.3),
        "shimmer": call([chain, chain_pulses], "Get shimmer (local)", 0, 0, 0.0001, 0.02, 1.3, 1.6),
        "nhr": noise(sound),
        "nhr_voiced": noise(chain),
    }


def intensity(sound: parselmouth.Sound) -> float:
    return float(call(call(sound, "To Intensity", 100.0, 0.0, "no"), "Get mean", 0, 0, "energy"))


def noise(sound: parselmouth.Sound) -> float:
    pitch = call(sound, "To Pitch", 0.0, 75.0, 600.0)
    found = NHR.search(call([sound, pitch, call(pitch, "To PointProcess")], "Voice report", *REPORT))
    assert found is not None
    return float(found[1])


def assert_same(audio: Audio) -> None:
    measured, expected = extract(audio), script(audio)
    assert measured.keys() == expected.keys() == {spec.name for spec in ALL}
    for name, value in expected.items():
        tolerance = 1e-6 if name.startswith("nhr") else 1e-9 * max(1.0, abs(value))  # the report has six decimals
        assert math.isclose(measured[name], value, rel_tol=0.0, abs_tol=tolerance), name


@pytest.mark.parametrize("sample_rate", [8000, 22050])
def test_measures_a_noisy_sentence_of_vowels_as_the_script_does(vowel, sample_rate):
    random = np.random.default_rng(1)
    pieces = [random.normal(0, 1e-3, sample_rate // 10)]
    for start, end, seconds in ((110, 160, 0.4), (180, 120, 0.6), (140, 135, 0.3)):
        contour = np.linspace(start, end, round(seconds * sample_rate))
        sound = vowel(contour, seconds, sample_rate).samples
        pieces += [sound + random.normal(0, 5e-3, len(sound)), random.normal(0, 1e-3, sample_rate // 5)]
    assert_same(Audio(np.concatenate(pieces), sample_rate))


def test_measures_real_speech_as_the_script_does(kathleen: Path, reader_ids):
    for name in reader_ids[::400]:
        assert_same(Audio(*soundfile.read(kathleen / "wavs" / f"{name}.flac")))
