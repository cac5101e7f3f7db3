"""Silence around speech, gain and limiting."""

import numpy as np
import pytest
from antiphon_tts_espeak.signal import amplified, without_outer_silence
from hypothesis import given
from hypothesis import strategies as st

pcm = st.lists(
    st.lists(st.sampled_from([0, 0, 0, 5, -7]), min_size=1, max_size=6).map(lambda v: np.array(v, np.int16)), max_size=8
)


@given(pcm)
def test_outer_silence_goes_and_inner_silence_stays(chunks: list[np.ndarray]) -> None:
    whole = np.concatenate([np.zeros(0, np.int16), *chunks])
    pieces = list(without_outer_silence(chunks))
    assert all(len(piece) for piece in pieces)
    assert np.array_equal(np.concatenate([np.zeros(0, np.int16), *pieces]), np.trim_zeros(whole))


@given(st.lists(st.integers(-32768, 32767), min_size=1), st.floats(-40, 20))
def test_amplified_speech_stays_in_order_and_in_range(values: list[int], gain_db: float) -> None:
    samples = np.array(sorted(values), np.int16)
    louder = amplified(samples, gain_db)
    assert louder.dtype == np.float32
    assert np.abs(louder).max() <= 1
    assert (np.diff(louder) >= 0).all()


def test_gain_is_exact_below_the_knee() -> None:
    assert amplified(np.array([16384], np.int16), 20 * np.log10(1.5)) == pytest.approx([0.75])
