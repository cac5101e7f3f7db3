"""The transforms: values, scales, and the way of a user's value to the voice's control."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from antiphon.builtin.normalizers.options import Distribution
from antiphon.builtin.transforms.limits import Limits
from antiphon.discovery import Plugins
from antiphon.errors import PipelineError
from antiphon.features import (
    DURATION,
    INTENSITY_MEAN,
    PITCH_05,
    PITCH_95,
    PITCH_MEAN,
    PITCH_RANGE,
    PROSODY,
    RATE,
    FeatureSpec,
    Measurement,
    Measurements,
)
from antiphon.normalization import Prior
from antiphon.payloads import Control, Observation, Reply, VoiceCard
from antiphon.stages import Setup
from hypothesis import given
from hypothesis import strategies as st

PLUGINS = Plugins(installed=False)
RAW = {spec.name: spec for spec in PROSODY}
ON_Z = {spec.name: spec.on("z") for spec in PROSODY}
VOICE = VoiceCard(
    "test",
    16000,
    (
        Control(PITCH_MEAN, math.log(200.0), 0.1, 100.0, 300.0),
        Control(INTENSITY_MEAN, 70.0, 3.0, 50.0, 85.0),
        Control(RATE, math.log(4.0), 0.2, 1.0, 9.0),
    ),
)
GAP = Measurement(None, "silence")


def chain(specs: dict[str, FeatureSpec], *steps: tuple[str, str, dict[str, Any]]) -> tuple[list[Any], dict[str, Any]]:
    """Sessions of some stages in a row, each given the specs that the one before it promises; and the last specs."""
    sessions = []
    for stage, name, options in steps:
        provider = PLUGINS.find(stage, name).provider
        chosen = provider.options_class()(**options)
        sessions.append(provider.open(chosen, Setup(specs=specs, voice=VOICE)).session(0))
        specs = dict(chosen.convert(specs))
    return sessions, specs


def transform(name: str, specs: dict[str, FeatureSpec], **options: Any) -> Any:
    return chain(specs, ("transform", name, options))[0][0]


def convert(name: str, specs: dict[str, FeatureSpec], **options: Any) -> Any:
    return PLUGINS.find("transform", name).provider.options_class()(**options).convert(specs)


def values(session: Any, feature: str, raw: Sequence[float | None]) -> list[float | None]:
    turns = [{feature: GAP if x is None else Measurement(x)} for x in raw]
    return [session.apply(turn)[feature].value for turn in turns]


def run(sessions: Sequence[Any], turn: Measurements) -> Measurements:
    for session in sessions:
        turn = session.apply(turn)
    return turn


# -- log and pitch-range ------------------------------------------------------------------------------------------


def test_log_takes_logarithms_above_the_floor_and_leaves_decibels() -> None:
    turn = {
        "pitch_mean": Measurement(150.0),
        "jitter": Measurement(0.0),
        "intensity_mean": Measurement(61.0),
        "nhr": GAP,
    }
    specs = {name: RAW[name] for name in turn}
    assert transform("log", specs).apply(turn) == {
        "pitch_mean": Measurement(math.log(150.0)),
        "jitter": Measurement(math.log(1e-4)),
        "intensity_mean": Measurement(61.0),
        "nhr": GAP,
    }
    assert {spec.scale for spec in convert("log", specs).values()} == {"log"}


def test_log_of_some_features_leaves_the_others() -> None:
    session = transform("log", RAW, features=("rate",))
    assert session.apply({"rate": Measurement(4.0), "pitch_mean": Measurement(100.0)}) == {
        "rate": Measurement(math.log(4.0)),
        "pitch_mean": Measurement(100.0),
    }
    assert convert("log", RAW, features=("rate",)) == {**RAW, "rate": RATE.on("log")}


QUANTILES = {spec.name: spec for spec in (PITCH_05, PITCH_95)}
LOG, RANGE = ("transform", "log", {}), ("transform", "pitch-range", {})


@given(st.floats(50, 300), st.floats(1, 4))
def test_both_orders_of_log_and_pitch_range_are_equal(low: float, ratio: float) -> None:
    turn = {"pitch_05": Measurement(low), "pitch_95": Measurement(low * ratio)}
    outcomes = []
    for steps in ((LOG, RANGE), (RANGE, LOG)):
        sessions, specs = chain(QUANTILES, *steps)
        assert specs["pitch_range"] == PITCH_RANGE.on("log")
        outcomes.append(run(sessions, turn)["pitch_range"].value)
    assert outcomes == pytest.approx([math.log(ratio)] * 2, abs=1e-9)


def test_pitch_range_of_raw_quantiles_is_their_ratio() -> None:
    session = transform("pitch-range", QUANTILES)
    assert session.apply({"pitch_05": Measurement(100.0), "pitch_95": Measurement(180.0)})["pitch_range"].value == 1.8


@pytest.mark.parametrize("log", [False, True])
def test_a_pitch_range_that_cannot_be_formed_is_missing(log: bool) -> None:
    sessions, _ = chain(QUANTILES, *([LOG] if log else []), RANGE)
    for low, high in ((GAP, Measurement(200.0)), (Measurement(90.0), GAP), (Measurement(200.0), Measurement(100.0))):
        formed = run(sessions, {"pitch_05": low, "pitch_95": high})["pitch_range"]
        assert formed.value is None
        assert formed.reason


# -- map and expand -----------------------------------------------------------------------------------------------


def test_map_goes_from_the_users_moments_to_the_voices() -> None:
    session = transform("map", {"rate": RATE}, target={"rate": Distribution(10.0, 2.0)})
    # 4; 6: mean 5, sd 1, z 1; 8: mean 6, sd √(8/3), z 2/√(8/3)
    last = pytest.approx(10 + 2 * 2 / math.sqrt(8 / 3))
    assert values(session, "rate", [4.0, None, 6.0, 8.0]) == [None, None, 12.0, last]


def test_map_uses_the_voices_own_range_in_its_log_domain() -> None:
    session = transform("map", RAW)
    assert values(session, "rate", [4.0, 6.0]) == [None, pytest.approx(4.0 * math.exp(0.2))]
    on_logs = transform("map", {"rate": RATE.on("log")})
    assert values(on_logs, "rate", [1.0, 2.0]) == [None, pytest.approx(math.log(4.0) + 0.2)]


def test_map_starts_from_the_speakers_range_where_one_is_given() -> None:
    options = {"target": {"rate": Distribution(10.0, 2.0)}, "speaker": {"rate": Distribution(4.0, 0.5)}}
    session = transform("map", {"rate": RATE}, **options)
    assert values(session, "rate", [5.0, 5.0, 6.0]) == [14.0, 14.0, pytest.approx(10 + 2 * math.sqrt(2))]
    assert values(transform("map", {"rate": RATE}, **options, min_turns=3), "rate", [5.0, 4.0]) == [14.0, 10.0]


def test_map_never_gives_what_cannot_be() -> None:
    impossible = {"target": {"rate": Distribution(1.0, 2.0)}}
    assert values(transform("map", {"rate": RATE}, **impossible), "rate", [6.0, 4.0]) == [None, None]
    speaker = {"speaker": {"rate": Distribution(4.0, 8.0)}}
    assert values(transform("map", {"rate": RATE}, **impossible, **speaker), "rate", [6.0, 4.0]) == [1.5, 1.0]
    decibels = transform("map", {"intensity_mean": INTENSITY_MEAN}, target={"intensity_mean": Distribution(-9.0, 2.0)})
    assert values(decibels, "intensity_mean", [50.0, 52.0]) == [None, -7.0]


def test_map_says_why_a_feature_has_no_range() -> None:
    mapped = transform("map", RAW).apply({"jitter": Measurement(0.02)})["jitter"]
    assert mapped == Measurement(None, "the voice has no range of it, and none is given in target")


def test_expand_gives_z_a_mean_and_sd() -> None:
    given = {"rate": Distribution(4.0, 0.5)}
    assert values(transform("expand", ON_Z, features=given), "rate", [2.0, -9.0, None]) == [5.0, None, None]
    logs = {"rate": Distribution(math.log(4.0), 0.5)}
    assert values(transform("expand", ON_Z, features=logs, domain="log"), "rate", [2.0]) == [pytest.approx(4 * math.e)]
    assert convert("expand", ON_Z, features=given) == {**ON_Z, "rate": RATE}


# -- to-voice -----------------------------------------------------------------------------------------------------


def test_to_voice_is_the_voices_own_scale_within_its_limits() -> None:
    session = transform("to-voice", ON_Z)
    within = [pytest.approx(200 * math.exp(z / 10)) for z in (0.0, 1.0, -1.0)]
    told = values(session, "pitch_mean", [0.0, 1.0, -1.0, 40.0, -40.0, 1e6, None])
    assert told == [*within, 300.0, 100.0, 300.0, None]
    assert values(session, "intensity_mean", [1.0]) == [73.0]
    assert convert("to-voice", ON_Z) == RAW


def test_to_voice_spreads_what_it_is_told_to() -> None:
    session = transform("to-voice", ON_Z, spread={"intensity_mean": 0.5})
    assert (values(session, "intensity_mean", [2.0]), values(session, "rate", [1.0])) == (
        [73.0],
        [pytest.approx(4 * math.exp(0.2))],
    )


def test_to_voice_tells_the_voice_only_what_it_can_be_told() -> None:
    told = transform("to-voice", ON_Z).apply({"jitter": Measurement(1.0), "rate": Measurement(0.0)})
    assert told["jitter"] == Measurement(None, "the voice cannot be told this feature")
    assert told["rate"].value == pytest.approx(4.0)


# -- clip, slew and the engine's limits ---------------------------------------------------------------------------

targets = st.lists(st.dictionaries(st.sampled_from(["a", "b"]), st.floats(-50, 50)), max_size=12)


@given(targets, st.floats(0.1, 5), st.floats(0.1, 5))
def test_limits_hold(asked: list[dict[str, float]], clip: float, slew: float) -> None:
    limits = Limits(clip, slew)
    last: dict[str, float] = {}
    for target in asked:
        limited = limits.apply(target)
        assert limited.keys() == target.keys()
        for name, y in limited.items():
            assert abs(y) <= clip
            assert abs(y - last.get(name, y)) <= slew * (1 + 1e-9)
            nearest = min(max(target[name], -clip), clip)
            assert name in last or y == nearest
        last |= limited


def test_without_limits_nothing_changes() -> None:
    assert Limits(None, None).apply({"a": 1e9}) == {"a": 1e9}


def test_clipping_comes_before_the_slew_limit() -> None:
    limits = Limits(2.5, 1.5)
    assert [limits.apply({"a": y})["a"] for y in (9.0, -9.0, -9.0, 0.9)] == [2.5, 1.0, -0.5, 0.9]


def test_raw_targets_are_not_limited_as_if_they_were_z() -> None:
    specs = {"rate": RATE.on("z"), "pitch_mean": PITCH_MEAN}
    assert Limits(2.5, 1.5, specs).apply({"rate": 3.0, "pitch_mean": 180.0}) == {"rate": 2.5, "pitch_mean": 180.0}


def test_clip_and_slew_as_transforms() -> None:
    assert values(transform("clip", ON_Z, limit=2.0), "rate", [3.0, None, -9.0, 1.0]) == [2.0, None, -2.0, 1.0]
    assert values(transform("slew", ON_Z, limit=1.0), "rate", [3.0, None, 1.0, 1.0]) == [3.0, None, 2.0, 1.0]


# -- what does not fit --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "specs", "says"),
    [
        ("log", {}, ON_Z, "z-score already"),
        ("log", {"features": ("rate",)}, {"rate": RATE.on("log")}, "a logarithm already"),
        ("log", {"features": ("loudness",)}, RAW, "there is no loudness"),
        ("pitch-range", {}, {"pitch_05": PITCH_05}, "there is no pitch_95"),
        ("pitch-range", {}, {"pitch_05": PITCH_05.on("z"), "pitch_95": PITCH_95.on("z")}, "z-score already"),
        ("pitch-range", {}, {"pitch_05": PITCH_05.on("log"), "pitch_95": PITCH_95}, "not on the same scale"),
        ("map", {}, ON_Z, "z-score already"),
        ("map", {"target": {"loudness": Distribution(1, 1)}}, RAW, "there is no loudness"),
        ("expand", {"features": {"rate": Distribution(1, 1)}}, RAW, "rate is raw, not a z-score"),
        ("to-voice", {}, RAW, "is raw, not a z-score"),
        ("to-voice", {}, {"rate": RATE.on("log")}, "is log, not a z-score"),
        ("to-voice", {"spread": {"loudness": 1.0}}, ON_Z, "there is no loudness"),
        ("clip", {}, RAW, "none of pitch_mean"),
        ("slew", {}, RAW, "none of pitch_mean"),
    ],
)
def test_nonsense_is_refused(name: str, options: dict[str, Any], specs: dict[str, FeatureSpec], says: str) -> None:
    with pytest.raises(PipelineError, match=f"^transform {name}: ") as caught:
        convert(name, specs, **options)
    assert says in str(caught.value)


# -- the whole way from the user's raw value to the voice's control -----------------------------------------------


@pytest.mark.parametrize("before", [(), (LOG,)], ids=["raw", "logs"])
def test_each_control_is_scaled_once_and_in_its_domain(before: tuple[Any, ...]) -> None:
    """A user one population SD up in pitch, and down in rate, moves the voice by one SD of its own, as a ratio."""
    prior = Prior.load("builtin:default").features
    sd = {name: math.sqrt(prior[name].within_variance + prior[name].between_variance) for name in prior}
    user = {
        "pitch_mean": Measurement(math.exp(prior["pitch_mean"].mean + sd["pitch_mean"])),
        "intensity_mean": Measurement(prior["intensity_mean"].mean + sd["intensity_mean"]),
        "rate": Measurement(math.exp(prior["rate"].mean - sd["rate"])),
        "duration": Measurement(6.1),
        "jitter": GAP,
    }
    specs = {name: {**RAW, "duration": DURATION}[name] for name in user}
    steps = [*before, ("normalizer", "causal", {}), ("strategy", "matching", {}), ("transform", "to-voice", {})]
    heard = user
    told: dict[str, float | None] = {}
    for stage, name, options in steps:
        provider = PLUGINS.find(stage, name).provider
        chosen = provider.options_class()(**options)
        session = provider.open(chosen, Setup(specs=specs, voice=VOICE)).session(0)
        if stage == "strategy":
            session.observe(Observation(0, "user", "", user, heard, 2.0))
            heard = {n: Measurement(y) for n, y in session.propose(Reply("so")).values.items()}
            continue
        heard = session.normalize(heard) if stage == "normalizer" else session.apply(heard)
        specs = dict(chosen.convert(specs))
    told = {name: measured.value for name, measured in heard.items()}
    assert told == {
        "pitch_mean": pytest.approx(200.0 * math.exp(0.1)),
        "intensity_mean": pytest.approx(73.0),
        "rate": pytest.approx(4.0 * math.exp(-0.2)),
    }
    assert {specs[name].scale for name in told} == {"raw"}
    assert {specs[name].unit for name in told} == {"Hz", "dB", "syll/s"}
