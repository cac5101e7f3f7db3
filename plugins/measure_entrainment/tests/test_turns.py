import numpy as np
import pandas as pd
import pytest
from antiphon_measure_entrainment.turns.exchanges import dyads, exchanges, features_of, speaker_z


def test_exchanges_are_adjacent_turns_of_different_speakers_of_one_conversation(dialogue):
    table = pd.concat([dialogue([1, 2, 3, 4]), dialogue([5, 6], "d")])
    table.loc[table["turn"] == 2, "speaker"] = "cB"  # A B B B, then A B
    found = exchanges(table.sample(frac=1, random_state=1), ["f"])
    assert found[["conversation", "f.first", "f.second"]].to_numpy().tolist() == [["c", 1, 2], ["d", 5, 6]]
    assert found["position"].tolist() == [0, 0]
    assert found["gap_s"].to_numpy() == pytest.approx(0.1)


def test_of_units_the_last_and_the_first_around_a_change_of_speaker_meet(dialogue):
    units = dialogue([1, 2, 3, 4, 5])
    units["speaker"] = ["A", "A", "B", "B", "A"]
    assert exchanges(units, ["f"])[["f.first", "f.second"]].to_numpy().tolist() == [[2, 3], [4, 5]]


def test_a_speakers_z_has_mean_zero_and_deviation_one_and_is_nan_for_constants(dialogue):
    scaled = speaker_z(dialogue([1, 7, 2, 7, 6, 7]), ["f"])["f"].to_numpy()
    own = np.array([1.0, 2.0, 6.0])
    assert scaled[::2] == pytest.approx((own - own.mean()) / own.std(ddof=1))
    assert np.isnan(scaled[1::2]).all()


def test_a_dyad_has_two_speakers_with_values(dialogue):
    table = pd.concat([dialogue([1, 2]), dialogue([1, 2, 3], "three", "ABC"), dialogue([1, np.nan, 2], "silent")])
    assert dyads(table, "f").index.tolist() == ["c"]


def test_a_missing_column_is_named(dialogue):
    with pytest.raises(ValueError, match="no column end_s, g"):
        exchanges(dialogue([1, 2]).drop(columns="end_s"), ["g"])


def test_features_are_the_numeric_columns_beyond_the_structure(dialogue):
    assert features_of(dialogue([1, 2]).assign(text="hello", mood="good", rate=4.0)) == ["f", "rate"]
