"""Priors: estimation, the JSON file, and the one that comes with Antiphon."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from antiphon.errors import ModelError
from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, PROSODY, RATE, FeatureSpec, Measurement
from antiphon.normalization import FeaturePrior, Prior

LEVEL = INTENSITY_MEAN.name


def corpus(sizes: list[int], within: float, between: float, dof: float | None, seed: int = 0) -> list[list[Any]]:
    """Turns of speakers whose variances are scaled inverse chi square with `dof` degrees of freedom, or all equal."""
    rng = np.random.default_rng(seed)
    speakers = []
    for size in sizes:
        sd = within * math.sqrt(dof / rng.chisquare(dof)) if dof else within
        values = rng.normal(60 + rng.normal(0, between), sd, size)
        speakers.append([{LEVEL: Measurement(float(v))} for v in values])
    return speakers


def test_estimation_by_hand() -> None:
    groups = [[1.0, 3.0], [4.0, 8.0], [11.0, 9.0], [None]]
    speakers = [[{LEVEL: Measurement(v, None if v else "silence")} for v in group] for group in groups]
    prior = Prior.estimate(speakers, [INTENSITY_MEAN]).features[LEVEL]
    # means 2, 6, 10 with variance 16; variances 2, 8, 2 with mean 4 and variance 12
    assert prior.mean == 6.0
    assert prior.within_variance == pytest.approx(4.0)
    assert prior.between_variance == pytest.approx(16 - 4 / 2)
    assert prior.variance_dof == 50.0  # 12 - 2 * 4² / 1 < 0: no sign that variances differ
    assert prior.strength == pytest.approx(4 / 14)


def test_estimation_recovers_what_made_the_corpus() -> None:
    sizes = list(np.random.default_rng(9).integers(3, 60, 3000))
    prior = Prior.estimate(corpus(sizes, 2.0, 3.0, dof=None), [INTENSITY_MEAN]).features[LEVEL]
    assert prior.mean == pytest.approx(60, abs=0.2)
    assert math.sqrt(prior.within_variance) == pytest.approx(2.0, rel=0.02)
    assert math.sqrt(prior.between_variance) == pytest.approx(3.0, rel=0.05)
    assert prior.variance_dof == 50.0


def test_speakers_of_different_variability_lower_the_degrees_of_freedom() -> None:
    equal, different = (
        Prior.estimate(corpus([40] * 400, 2.0, 3.0, dof), [INTENSITY_MEAN]).features[LEVEL].variance_dof
        for dof in (None, 8.0)
    )
    assert 2 <= different < 15 < equal <= 50


def test_raw_and_log_measurements_give_the_same_prior() -> None:
    rng = np.random.default_rng(4)
    hertz = [[float(v) for v in rng.lognormal(5, 0.1, 5)] for _ in range(4)]
    raw = [[{"pitch_mean": Measurement(v)} for v in group] for group in hertz]
    logs = [[{"pitch_mean": Measurement(math.log(v))} for v in group] for group in hertz]
    assert Prior.estimate(raw, [PITCH_MEAN]) == Prior.estimate(logs, [PITCH_MEAN.on("log")])


def test_the_corpus_digest_is_of_the_numbers_not_of_the_order_of_speakers() -> None:
    speakers = corpus([3, 4, 5], 1, 1, None)
    digests = [
        Prior.estimate(s, [INTENSITY_MEAN]).features[LEVEL].corpus_sha256
        for s in (speakers, speakers[::-1], corpus([3, 4, 5], 1, 1, None, seed=1))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_too_small_a_corpus_is_refused() -> None:
    with pytest.raises(ModelError, match="two speakers with two measured turns, not 1"):
        Prior.estimate(corpus([5, 1], 1, 1, None), [INTENSITY_MEAN])


def example() -> Prior:
    return Prior.estimate(corpus([5, 6, 7], 1 / 3, 1.1, None), [INTENSITY_MEAN], name="example", provenance="made up")


def test_files_are_exact(tmp_path: Path) -> None:
    prior = example()
    prior.save(tmp_path / "prior.json")
    assert Prior.load(tmp_path / "prior.json") == prior
    assert Prior.load(tmp_path / "prior.json").digest == prior.digest


def change(path: tuple[str, ...], value: Any) -> str:
    tables = json.loads(example().to_json())
    table = tables
    for key in path[:-1]:
        table = table[key]
    if value is None:
        del table[path[-1]]
    else:
        table[path[-1]] = value
    return json.dumps(tables)


FEATURE = ("features", LEVEL)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Expecting value"),
        ("[]", "not a prior"),
        ("null", "not a prior"),
        ("[" * 5000, "not a prior"),
        (change(("schema",), 2), "schema 2"),
        (change(("schema",), None), "'schema' is missing"),
        (change(("features",), 3), "not a prior"),
        (change((*FEATURE, "mean"), None), "lacks mean"),
        (change((*FEATURE, "mean"), "60"), "mean is a finite number"),
        (change((*FEATURE, "mean"), math.nan), "mean is a finite number"),
        (change((*FEATURE, "within_variance"), 0.0), "within_variance"),
        (change((*FEATURE, "between_variance"), -1.0), "between_variance"),
        (change((*FEATURE, "transform"), "ln"), "transform 'ln' does not fit"),
        (change((*FEATURE, "unheard_of"), 1), "unheard_of"),
        (change((*FEATURE, "feature", "scale"), "raw"), "on the log scale, not raw"),
        (change((*FEATURE, "feature", "name"), "loudness"), "filed under intensity_mean"),
    ],
)
def test_damaged_files_are_refused(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "prior.json").write_text(text)
    with pytest.raises(ModelError, match=r"prior\.json is not a prior") as caught:
        Prior.load(tmp_path / "prior.json")
    assert says in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    for name in ("nothing.json", "builtin:nothing"):
        with pytest.raises(ModelError, match=r"builtin:default.* always exists"):
            Prior.load(tmp_path / name)


def test_a_prior_of_another_unit_definition_or_floor_is_refused() -> None:
    default = Prior.load("builtin:default")
    for other in (
        FeatureSpec("rate", "syll/min", RATE.definition, floor=RATE.floor),
        FeatureSpec("rate", RATE.unit, "words per second", floor=RATE.floor),
        FeatureSpec("rate", RATE.unit, RATE.definition, floor=1.0),
    ):
        with pytest.raises(ModelError, match="measure the same or estimate a prior"):
            default.accept({"rate": other})


def test_the_digest_changes_with_every_figure_and_not_with_words() -> None:
    base = FeaturePrior(RATE.on("log"), 1.4, 0.1, 0.04, 6.0)
    digest = Prior({"rate": base}).digest
    figures = [(1.5, 0.1, 0.04, 6.0), (1.4, 0.2, 0.04, 6.0), (1.4, 0.1, 0.05, 6.0), (1.4, 0.1, 0.04, 7.0)]
    others = {Prior({"rate": FeaturePrior(RATE.on("log"), *f)}).digest for f in figures}
    assert len(others | {digest}) == 5
    assert Prior({"rate": FeaturePrior(RATE.on("log"), 1.4, 0.1, 0.04, 6.0, "a corpus")}, "named").digest == digest


def test_the_prior_that_comes_along_knows_the_seven_features_and_real_speakers() -> None:
    default = Prior.load(Path("/somewhere/builtin:default"))
    assert default.accept({spec.name: spec for spec in PROSODY}).keys() == {spec.name for spec in PROSODY}
    typical = {"pitch_mean": (90, 260), "rate": (2, 6), "intensity_mean": (45, 80), "jitter": (0.01, 0.05)}
    for name, values in typical.items():
        prior = default.features[name]
        total = math.sqrt(prior.within_variance + prior.between_variance)
        for value in values:
            assert abs(prior.feature.to_log(value) - prior.mean) / total < 2.5, name
    assert all(prior.source and len(prior.corpus_sha256 or "") == 64 for prior in default.features.values())
    assert all(licence in default.provenance for licence in ("CC BY-SA 4.0", "CC BY 4.0", "CC0 1.0"))
