"""Whatever the table, each measure has its rows, with a reason where it has no estimate, and the others go on."""

import numpy as np
import pandas as pd
import pytest
from antiphon_measure_entrainment import MEASURES, measure


def tables(dialogue):
    rng = np.random.default_rng(0)
    usual = pd.concat([dialogue(list(rng.normal(size=24)), conversation=f"c{i}") for i in range(5)])
    apart = usual.copy()
    later = apart["speaker"].str.endswith("B")
    apart.loc[later, ["start_s", "end_s"]] += 1000.0
    backwards = usual.assign(end_s=usual["start_s"])  # turns without any duration
    tiny = pd.concat([dialogue(list(rng.normal(size=2 + i % 2)), conversation=f"c{i}") for i in range(150)])
    return {
        "no turns": dialogue([]),
        "one turn": dialogue([1.0]),
        "one speaker": dialogue(list(rng.normal(size=30)), speakers="A"),
        "three speakers": dialogue(list(rng.normal(size=30)), speakers="ABC"),
        "nothing measured": usual.assign(f=np.nan),
        "one side measured": usual.assign(f=usual["f"].where(~later)),
        "constant": usual.assign(f=2.0),
        "two values": usual.assign(f=(usual["f"] > 0).astype(float)),
        "no common time": apart,
        "no durations": backwards,
        "many tiny conversations": tiny,
    }


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "name",
    [
        *("no turns", "one turn", "one speaker", "three speakers", "nothing measured", "one side measured"),
        *("constant", "two values", "no common time", "no durations", "many tiny conversations"),
    ],
)
def test_every_measure_has_its_rows(dialogue, name):
    table = tables(dialogue)[name].assign(text="so and so")
    # Training networks takes seconds; what keeps them from being trained is tested beside them.
    measures = [each for each in MEASURES if each != "neural_distance"]
    result = measure(table, ["f"], measures=measures, permutations=5)
    assert len(result) == 23
    without = result["estimate"].isna()
    assert result["note"][without].str.startswith("not computable: ").all()
    assert result["p"][without].isna().all()
    assert result.loc[~without, ["estimate", "p"]].notna().all(axis=None)
    assert (result["low"] <= result["estimate"] + 1e-9)[result["low"].notna()].all()
    if name in ("no turns", "one turn", "one speaker", "three speakers", "nothing measured", "constant"):
        of_feature = result[result["feature"] == "f"]
        assert of_feature["estimate"].isna().all()
