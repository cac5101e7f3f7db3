import numpy as np
import pytest
from antiphon_measure_entrainment.measures.tama import (
    cross_correlation,
    frames,
    tama_synchrony,
    window_correlations,
    windowed_correlation,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from statsmodels.tsa.stattools import ccf

START, END, VALUE = np.array([0.0, 4.0, 14.0]), np.array([2.0, 7.0, 20.0]), np.array([1.0, 2.0, 5.0])


def test_a_frame_weights_the_whole_turns_that_it_touches():
    found = frames(START, END, VALUE, begin=0, until=40)
    # 0–16: durations 2, 3, 6; 8–24: only the third; 16–32: its rest; 24–40: nothing.
    assert found[:3] == pytest.approx([(2 * 1 + 3 * 2 + 6 * 5) / 11, 5, 5])
    assert np.isnan(found[3])
    assert found.size == 4


def test_a_clipped_frame_weights_what_lies_in_it():
    found = frames(START, END, VALUE, begin=0, until=16, clip=True)
    assert found == pytest.approx([(2 * 1 + 3 * 2 + 2 * 5) / 7])


def test_a_turn_that_ends_where_a_frame_begins_is_not_in_it():
    assert np.isnan(frames(START[:1], END[:1], VALUE[:1], begin=2, until=20)[0])


def test_a_conversation_shorter_than_a_frame_has_one():
    assert frames(START, END, VALUE, begin=0, until=5).size == 1


@pytest.mark.parametrize("lag", [0, 1, 5])
def test_the_cross_correlation_is_the_textbooks(lag):
    a, b = np.random.default_rng(lag).normal(size=(2, 30))
    assert cross_correlation(a, b, lag) == pytest.approx(ccf(a, b, adjusted=False)[lag])


def test_missing_frames_count_in_no_sum():
    a, b = np.random.default_rng(1).normal(size=(2, 20))
    a[[2, 7]], b[[7, 11]] = np.nan, np.nan
    x, y = a - np.nanmean(a), b - np.nanmean(b)
    expected = np.nansum(x[3:] * y[:-3]) / np.sqrt(np.nansum(x**2) * np.nansum(y**2))
    assert cross_correlation(a, b, 3) == pytest.approx(expected)


def test_three_terms_are_no_correlation():
    assert np.isnan(cross_correlation(np.arange(5.0), np.arange(5.0), 2))
    assert np.isfinite(cross_correlation(np.arange(5.0), np.arange(5.0), 1))
    assert np.isnan(cross_correlation(np.ones(9), np.arange(9.0), 0))


values = arrays(float, 12, elements=st.floats(-100, 100))


@given(values, values, st.integers(-6, 6))
def test_speakers_swap_with_the_sign_of_the_lag(a, b, lag):
    one, other = cross_correlation(a, b, lag), cross_correlation(b, a, -lag)
    assert one == pytest.approx(other, nan_ok=True)


def test_windows_are_spearmans_also_when_shifted():
    a, b = np.random.default_rng(3).normal(size=(2, 14))
    found = window_correlations(a, b, 10)
    assert found.shape == (14, 5)
    for shift in (0, 1, 9):
        for window in range(5):
            part = slice(window, window + 10)
            expected = stats.spearmanr(a[part], np.roll(b, -shift)[part])[0]
            assert found[shift, window] == pytest.approx(expected)


def test_synchrony_is_the_strongest_lag_and_unsigned_its_magnitude(dialogue):
    table = dialogue(list(np.random.default_rng(5).normal(size=80)))
    table["start_s"], table["end_s"] = table["start_s"] * 3, table["end_s"] * 3
    signed, unsigned = tama_synchrony(table, ["f"], permutations=9)
    a, b = (
        frames(*side[["start_s", "end_s", "z"]].to_numpy().T, begin=0, until=table["end_s"].max())
        for _, side in table.assign(z=table.groupby("speaker")["f"].transform(stats.zscore, ddof=1)).groupby("speaker")
    )
    by_lag = [cross_correlation(a, b, lag) for lag in range(-6, 7)]
    assert signed.estimate == pytest.approx(max(by_lag, key=abs))
    assert unsigned.estimate == pytest.approx(abs(signed.estimate))


@pytest.mark.parametrize("measure", [tama_synchrony, windowed_correlation])
@pytest.mark.parametrize(
    ("values", "speakers", "why"),
    [
        ([1.0, 2.0, 3.0, 4.0], "AB", "frames"),
        ([2.0] * 80, "AB", "constant"),
        ([1.0, 2.0] * 40, "A", "exactly two speakers"),
    ],
)
def test_what_cannot_be_measured_says_why(dialogue, measure, values, speakers, why):
    for effect in measure(dialogue(values, speakers=speakers), ["f"], permutations=9):
        assert effect.note.startswith("not computable: ")
        assert why in effect.note
