"""Named features: when one fits another, their logarithms, and measurements that are missing."""

import math

import pytest
from antiphon.features import (
    DURATION,
    INTENSITY_MEAN,
    JITTER,
    PITCH_MEAN,
    PROSODY,
    FeatureSpec,
    Measurement,
    missing,
    present,
)
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("spec", PROSODY, ids=lambda s: s.name)
def test_a_feature_fits_itself_and_no_other(spec: FeatureSpec) -> None:
    assert [other.name for other in PROSODY if spec.fits(other)] == [spec.name]


@pytest.mark.parametrize(
    "change", [{"name": "x"}, {"unit": "semitones"}, {"definition": "median F0"}, {"scale": "log"}], ids=str
)
def test_a_feature_that_means_something_else_does_not_fit(change: dict[str, str]) -> None:
    assert not PITCH_MEAN.fits(evolve(PITCH_MEAN, **change))


def test_the_floor_of_the_logarithm_is_no_part_of_the_meaning() -> None:
    assert PITCH_MEAN.fits(evolve(PITCH_MEAN, floor=2.0))


def test_the_same_feature_on_another_scale() -> None:
    assert PITCH_MEAN.on("z") == evolve(PITCH_MEAN, scale="z")
    assert str(PITCH_MEAN.on("log")) == "pitch_mean [Hz, log]"


def test_a_scale_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="semitone"):
        PITCH_MEAN.on("semitone")  # type: ignore[arg-type]


@given(st.sampled_from([*PROSODY, DURATION]), st.floats(1e-6, 1e6))
def test_logarithm_and_its_inverse(spec: FeatureSpec, raw: float) -> None:
    expected = raw if spec.floor is None else max(raw, spec.floor)
    assert spec.from_log(spec.to_log(raw)) == pytest.approx(expected, rel=1e-9)


def test_levels_are_logarithms_already() -> None:
    assert INTENSITY_MEAN.to_log(65.0) == 65.0
    assert PITCH_MEAN.to_log(200.0) == pytest.approx(math.log(200))


@pytest.mark.parametrize("raw", [0.0, -1.0, 1e-300])
def test_values_below_the_floor_count_as_the_floor(raw: float) -> None:
    assert JITTER.to_log(raw) == pytest.approx(math.log(1e-4))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_measurement_is_finite(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Measurement(value)


@pytest.mark.parametrize("reason", [None, ""])
def test_a_missing_measurement_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(ValueError, match="reason"):
        Measurement(None, reason)


def test_zero_is_a_measurement() -> None:
    assert present({"a": Measurement(0.0), "b": Measurement(None, "unvoiced")}) == {"a": 0.0}


def test_many_are_missing_for_one_reason() -> None:
    assert missing(["a", "b"], "silence") == {"a": Measurement(None, "silence"), "b": Measurement(None, "silence")}
