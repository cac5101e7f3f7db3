"""The normalisers as stages."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from antiphon.builtin.normalizers.causal import Causal
from antiphon.builtin.normalizers.fixed import Fixed
from antiphon.builtin.normalizers.none import Unnormalized
from antiphon.builtin.normalizers.options import (
    CausalOptions,
    Distribution,
    FixedOptions,
    NoneOptions,
    UserZOptions,
)
from antiphon.builtin.normalizers.user_z import UserZ
from antiphon.errors import PipelineError
from antiphon.features import DURATION, PITCH_05, PITCH_MEAN, PROSODY, RATE, FeatureSpec, Measurement, missing
from antiphon.normalization import CausalNormalizer, Prior
from antiphon.recording import TurnRecord
from antiphon.recording.serialize import to_json
from antiphon.stages import Setup

RAW = {spec.name: spec for spec in (*PROSODY, DURATION, PITCH_05)}
PITCH = PITCH_MEAN.name


def turns(n: int, seed: int = 0) -> list[dict[str, Measurement]]:
    """Raw measurements, some of them missing."""
    rng = np.random.default_rng(seed)
    typical = {"pitch_mean": 150.0, "pitch_range": 1.6, "intensity_mean": 65.0, "rate": 4.0, "duration": 3.0}
    made = []
    for _ in range(n):
        values = {name: Measurement(float(x * rng.lognormal(0, 0.1))) for name, x in typical.items()}
        values |= missing(rng.choice(list(typical), 1), "silence")
        made.append(values | missing(RAW.keys() - typical.keys(), "unvoiced"))
    return made


def test_live_and_training_z_are_equal_bit_for_bit() -> None:
    live = Causal(CausalOptions(), Setup(specs=RAW)).session(0)
    training = CausalNormalizer(Prior.load("builtin:default"))
    heard = turns(50)
    assert [live.normalize(turn) for turn in heard] == [training.step(turn) for turn in heard]


def test_interleaved_sessions_equal_sessions_apart() -> None:
    component = Causal(CausalOptions(), Setup(specs=RAW))
    a, b = turns(8, 1), turns(8, 2)
    apart = [[s.normalize(t) for t in ts] for ts, s in ((a, component.session(0)), (b, component.session(1)))]
    one, other = component.session(0), component.session(1)
    together = [(one.normalize(x), other.normalize(y)) for x, y in zip(a, b, strict=True)]
    assert [[x for x, _ in together], [y for _, y in together]] == apart


def test_causal_leaves_out_what_has_no_prior() -> None:
    out = CausalOptions().convert(RAW)
    assert set(out) == {spec.name for spec in PROSODY}
    assert {spec.scale for spec in out.values()} == {"z"}


def test_causal_normalises_the_features_that_it_is_told_to() -> None:
    options = CausalOptions(features=("rate", "pitch_mean"))
    assert set(options.convert(RAW)) == {"rate", "pitch_mean"}
    assert set(Causal(options, Setup(specs=RAW)).session(0).normalize(turns(1)[0])) == {"rate", "pitch_mean"}


@pytest.mark.parametrize(
    ("options", "specs", "says"),
    [
        (CausalOptions(features=("duration",)), RAW, 'no prior of duration; "default" is of'),
        (CausalOptions(features=("nhr",)), {"rate": RATE}, "nhr is not measured; the features that arrive are rate"),
        (CausalOptions(), {"duration": DURATION}, "no prior of duration"),
        (CausalOptions(), {"rate": RATE.on("z")}, "z-score already"),
        (CausalOptions(), {"rate": FeatureSpec("rate", "syll/min", RATE.definition)}, "syll/min"),
        (CausalOptions(prior=Path("nowhere.json")), RAW, "cannot read the prior nowhere.json"),
        (CausalOptions(warm_start=(Path("s"),)), {"rate": RATE.on("log")}, "warm_start needs raw features"),
        (UserZOptions(), {"rate": RATE.on("z")}, "z-score already"),
        (FixedOptions({"nhr": Distribution(0, 1)}), {"rate": RATE}, "there is no nhr"),
        (FixedOptions({"rate": Distribution(0, 1)}), {"rate": RATE.on("z")}, "z-score already"),
    ],
)
def test_what_cannot_be_normalised_is_told(options: CausalOptions, specs: dict[str, FeatureSpec], says: str) -> None:
    with pytest.raises(PipelineError, match=r"^normalizer ") as caught:
        options.convert(specs)
    assert says in str(caught.value)


def test_a_known_user_starts_warm_from_recorded_sessions(tmp_path: Path) -> None:
    for name, hertz in (("first", (100.0, 110.0)), ("second", (120.0,))):
        (tmp_path / name).mkdir()
        records = [
            record
            for i, hz in enumerate(hertz)
            for record in (
                TurnRecord(i, "user", i, i + 1, "", features={PITCH: Measurement(hz), **missing(["rate"], "no words")}),
                TurnRecord(i, "agent", i, i + 1, "", features={PITCH: Measurement(999.0)}),
            )
        ]
        (tmp_path / name / "turns.jsonl").write_text("".join(to_json(r) + "\n" for r in records))
    options = CausalOptions(warm_start=(tmp_path / "first", tmp_path / "second"))
    warm = Causal(options, Setup(specs=RAW)).session(0).normalizer
    n, mean, m2 = warm.state()["features"][PITCH]
    logs = np.log([100.0, 110.0, 120.0])
    assert (n, mean, m2) == (3, pytest.approx(logs.mean()), pytest.approx(logs.var() * 3))
    assert warm.state()["features"]["rate"] == [0, 0.0, 0.0]


def test_user_z_is_the_z_over_all_turns_so_far() -> None:
    values = [100.0, 130.0, 90.0, 160.0]
    session = UserZ(UserZOptions(), Setup(specs=RAW)).session(0)
    z = [session.normalize({PITCH: Measurement(v)})[PITCH].value for v in values]
    assert z[:2] == [0.0, pytest.approx(1.0)]
    assert z[3] == pytest.approx((160 - np.mean(values)) / np.std(values))


def test_user_z_of_equal_turns_is_zero_and_missing_ones_do_not_count() -> None:
    session = UserZ(UserZOptions(), Setup(specs=RAW)).session(0)
    gap = Measurement(None, "silence")
    heard = [Measurement(4.0), gap, Measurement(4.0), Measurement(6.0)]
    z = [session.normalize({"rate": m})["rate"] for m in heard]
    assert [m.value for m in z] == [0.0, None, 0.0, pytest.approx(math.sqrt(2))]
    assert z[1] == gap


def test_fixed_uses_what_it_is_given_and_leaves_out_the_rest() -> None:
    options = FixedOptions({"rate": Distribution(4.0, 0.5)})
    assert options.convert(RAW) == {"rate": RATE.on("z")}
    session = Fixed(options, Setup(specs=RAW)).session(0)
    assert session.normalize({"rate": Measurement(5.0), PITCH: Measurement(1.0)}) == {"rate": Measurement(2.0)}
    assert session.normalize({})["rate"].value is None


def test_none_changes_nothing() -> None:
    turn = turns(1)[0]
    assert Unnormalized(NoneOptions(), Setup(specs=RAW)).session(0).normalize(turn) == turn
    assert NoneOptions().convert(RAW) == RAW
