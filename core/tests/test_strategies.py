"""The rule strategies, formula by formula."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from antiphon.discovery import Plugins
from antiphon.errors import PipelineError, RecordingError
from antiphon.features import INTENSITY_MEAN, PITCH_MEAN, PROSODY, RATE, Measurement, missing
from antiphon.payloads import Control, Observation, Reply, VoiceCard
from antiphon.recording import TurnRecord
from antiphon.recording.serialize import to_json
from antiphon.stages import Setup
from hypothesis import given
from hypothesis import strategies as st

PITCH, LEVEL = PITCH_MEAN.name, INTENSITY_MEAN.name
ON_Z = Setup(specs={spec.name: spec.on("z") for spec in PROSODY})
VOICE = VoiceCard(
    "test",
    16000,
    (
        Control(PITCH_MEAN, math.log(200.0), 0.1, 80.0, 400.0),
        Control(INTENSITY_MEAN, 70.0, 3.0, 50.0, 85.0),
        Control(RATE, math.log(4.0), 0.2, 1.0, 9.0),
    ),
)
RAW = Setup(specs={spec.name: spec for spec in PROSODY}, voice=VOICE)
PLUGINS = Plugins(installed=False)
NAMES = [r.provider.name for r in PLUGINS.registered("strategy")]
z = st.floats(-4, 4)
conversations = st.lists(z, min_size=1, max_size=8)


def component(name: str, setup: Setup = ON_Z, **options: Any) -> Any:
    provider = PLUGINS.find("strategy", name).provider
    return provider.open(provider.options_class()(**options), setup)


def heard(turn: int, values: Mapping[str, float | None], duration_s: float = 1.0, speaker: Any = "user") -> Observation:
    measured = {n: missing([n], "unvoiced")[n] if v is None else Measurement(v) for n, v in values.items()}
    return Observation(turn, speaker, "", measured, measured, duration_s)


def targets(session: Any, turns: Sequence[Mapping[str, float | None]]) -> list[dict[str, float]]:
    """What a session asks for after every turn of the user, of a voice that does as it is told."""
    asked = []
    for i, values in enumerate(turns):
        session.observe(heard(i, values))
        asked.append(dict(session.propose(Reply("so")).values))
        session.realised(heard(i, asked[-1], speaker="agent"))
    return asked


def pitch(name: str, user: Sequence[float | None], setup: Setup = ON_Z, seed: int = 0, **options: Any) -> list[Any]:
    """Pitch targets for a user whose pitch alone is measured."""
    session = component(name, setup, **options).session(seed)
    return [target.get(PITCH) for target in targets(session, [{PITCH: u} for u in user])]


# -- formulas, with numbers worked by hand ------------------------------------------------------------------------


def test_neutral_asks_for_the_voices_own_mean() -> None:
    assert targets(component("neutral").session(0), [{PITCH: 2.0}]) == [dict.fromkeys(ON_Z.specs, 0.0)]
    assert targets(component("neutral", RAW).session(0), [{PITCH: 300.0}]) == [{}]


def test_matching_is_the_users_last_turn_on_any_scale() -> None:
    assert pitch("matching", [1.0, -2.0]) == [1.0, -2.0]
    assert pitch("matching", [123.4, 231.5], RAW) == [123.4, 231.5]
    assert pitch("matching", [123.4], Setup(specs=RAW.specs)) == [123.4]


def test_partial_goes_a_share_of_the_way() -> None:
    assert pitch("partial", [1.0, -2.0], ratio=0.25) == [0.25, -0.5]
    assert pitch("partial", [100.0], RAW, ratio=0.5) == [pytest.approx(200 * (100 / 200) ** 0.5)]


def test_partial_of_decibels_is_linear() -> None:
    (target,) = targets(component("partial", RAW, ratio=0.5).session(0), [{LEVEL: 60.0}])
    assert target == {LEVEL: pytest.approx(65.0)}


def test_exponential_schedule() -> None:
    y = pitch("convergence-schedule", [1.0] * 3, maximum=0.8, time_constant=2.0)
    assert y == pytest.approx([0.0, 0.8 * (1 - math.exp(-0.5)), 0.8 * (1 - math.exp(-1))])


def test_linear_schedule_stays_within_its_bounds() -> None:
    assert pitch("convergence-schedule", [1.0] * 5, shape="linear", start=0.5, step=0.25, maximum=0.9) == pytest.approx(
        [0.5, 0.75, 0.9, 0.9, 0.9]
    )
    falling = pitch("convergence-schedule", [1.0] * 3, shape="linear", start=0.5, step=-0.3)
    assert falling == pytest.approx([0.5, 0.2, 0.0])


def test_global_convergence_is_to_the_mean_of_what_was_measured() -> None:
    assert pitch("global-convergence", [1.0, 3.0, None, 5.0], ratio=0.5) == [0.5, 1.0, 1.0, 1.5]


def test_lagged_weighs_the_last_turns() -> None:
    assert pitch("lagged", [1.0, 2.0, 4.0], weights=(0.5, 0.25)) == [0.5, 1.25, 2.5]


def test_levitan_entrains_three_features_within_bounds() -> None:
    session = component("levitan2016").session(0)
    user = {PITCH: 3.0, LEVEL: -1.0, "rate": -2.5, "jitter": 1.0}
    assert targets(session, [user]) == [{PITCH: 2.0, LEVEL: -1.0, "rate": -2.0}]


def test_levitans_bounds_are_the_voices_on_raw_features() -> None:
    assert pitch("levitan2016", [400.0, 210.0], RAW) == pytest.approx([200 * math.exp(0.2), 210.0])


def test_lubold_shifts_pitch_alone() -> None:
    session = component("lubold-pitch-shift").session(0)
    assert targets(session, [{PITCH: 1.5, LEVEL: 2.0}]) == [{PITCH: 1.5}]
    # six of twelve semitones down
    assert pitch("lubold-pitch-shift", [100.0], RAW, ratio=0.5) == pytest.approx([200 * 2 ** (-6 / 12)])


def test_synchrony_moves_with_the_user_and_leaks() -> None:
    assert pitch("synchrony", [3.0, 4.0, 4.0, 2.0], gain=0.5, retention=0.5) == [0.0, 0.5, 0.25, -0.875]


def test_disentrainment_has_two_kinds() -> None:
    assert pitch("disentrain", [1.0, -2.0], strength=0.5) == [-0.5, 1.0]
    against = {"kind": "anti-synchrony", "strength": 0.5, "retention": 1.0}
    assert pitch("disentrain", [3.0, 4.0, 2.0], **against) == [0.0, -0.5, 0.5]


def test_octave_rule_spares_the_voice_the_other_gender() -> None:
    for name in ("matching", "lubold-pitch-shift"):
        assert pitch(name, [110.0, 210.0, 390.0], RAW, octave_rule=True) == pytest.approx([220.0, 210.0, 195.0])
    assert pitch("partial", [110.0], RAW, ratio=0.5, octave_rule=True) == pytest.approx([200 * 1.1**0.5])
    assert pitch("matching", [3.0], octave_rule=True) == [3.0]


# -- properties ---------------------------------------------------------------------------------------------------


@given(conversations, st.floats(0, 1))
def test_partial_is_linear_and_disentrainment_its_opposite(user: list[float], ratio: float) -> None:
    partial = pitch("partial", user, ratio=ratio)
    assert partial == [ratio * u for u in user]
    assert pitch("disentrain", user, strength=ratio) == [-y for y in partial]
    assert pitch("partial", user, ratio=1.0) == pitch("matching", user)


@given(conversations, st.floats(-3, 3), st.floats(0, 1), st.floats(0, 2))
def test_synchrony_does_not_see_an_offset(user: list[float], offset: float, retention: float, gain: float) -> None:
    options = {"retention": retention, "gain": gain}
    shifted = pitch("synchrony", [u + offset for u in user], **options)
    assert shifted == pytest.approx(pitch("synchrony", user, **options), abs=1e-9)


@given(conversations)
def test_synchrony_that_forgets_nothing_is_the_change_since_the_first_turn(user: list[float]) -> None:
    y = pitch("synchrony", user, gain=1.0, retention=1.0)
    assert y == pytest.approx([u - user[0] for u in user], abs=1e-9)


# -- a turn that lacks a feature ----------------------------------------------------------------------------------

FOLLOWERS = ["matching", "partial", "convergence-schedule", "global-convergence", "levitan2016", "lubold-pitch-shift"]


@pytest.mark.parametrize("name", [*FOLLOWERS, "lagged", "weise", "synchrony", "disentrain"])
def test_before_the_first_measurement_the_voice_is_left_alone(name: str) -> None:
    first, second = pitch(name, [None, 1.0])
    assert first is None
    assert second is not None


@pytest.mark.parametrize("name", ["matching", "partial", "disentrain", "levitan2016", "lubold-pitch-shift"])
def test_the_last_known_value_holds(name: str) -> None:
    first, second = pitch(name, [1.0, None])
    assert first == second


# -- Weise's entrainer --------------------------------------------------------------------------------------------


def weise_reference(
    default: float,
    user: Sequence[float],
    heard_of_agent: Sequence[float],
    w_g: float,
    w_l: float,
    step_g: float,
    step_l: float,
    k: int,
) -> list[float]:
    """Straight from the formula, in the units of the feature, for one utterance a turn."""
    proposed = []
    for n in range(1, len(user) + 1):
        scale = max(w_g + w_l, 1)
        now_g, now_l = w_g / scale, w_l / scale
        average = sum(user[: min(n, k)]) / min(n, k)
        catch_up = n * average - sum(heard_of_agent[: n - 1])
        proposed.append((1 - now_g - now_l) * default + now_l * user[n - 1] + now_g * catch_up)
        w_g, w_l = max(w_g + step_g, 0), max(w_l + step_l, 0)
    return proposed


weights = st.floats(0, 1.5)
steps = st.floats(-0.5, 0.5)


@given(
    st.lists(st.tuples(st.floats(50, 90), st.floats(50, 90)), min_size=1, max_size=8),
    weights,
    weights,
    steps,
    steps,
    st.integers(1, 10),
)
def test_weise_equals_the_formula_whatever_the_voice_did(
    turns: list[tuple[float, float]], w_g: float, w_l: float, step_g: float, step_l: float, k: int
) -> None:
    session = component(
        "weise", RAW, global_weight=w_g, local_weight=w_l, global_step=step_g, local_step=step_l, first_turns=k
    ).session(0)
    proposed = []
    for i, (user, agent) in enumerate(turns):
        session.observe(heard(i, {LEVEL: user}))
        proposed.append(session.propose(Reply("")).values[LEVEL])
        session.realised(heard(i, {LEVEL: agent}, speaker="agent"))
    user, agent = zip(*turns, strict=True)
    assert proposed == pytest.approx(weise_reference(70.0, user, agent, w_g, w_l, step_g, step_l, k), abs=1e-6)


def test_weise_without_weights_is_neutral_and_with_local_weight_alone_is_partial() -> None:
    assert pitch("weise", [1.0, 2.0], local_weight=0.0) == [0.0, 0.0]
    assert pitch("weise", [1.0, 2.0], local_weight=0.3) == pytest.approx(pitch("partial", [1.0, 2.0], ratio=0.3))


def test_weise_takes_what_was_asked_for_where_the_voice_was_not_measured() -> None:
    options = {"global_weight": 1.0, "local_weight": 0.0}
    silent = component("weise", **options).session(0)
    asked = []
    for i, u in enumerate((1.0, 3.0)):
        silent.observe(heard(i, {PITCH: u}))
        asked.append(silent.propose(Reply("")).values[PITCH])
        silent.realised(heard(i, {PITCH: None}, speaker="agent"))
    assert asked == pitch("weise", [1.0, 3.0], **options) == [1.0, 3.0]


def test_weise_weighs_the_utterances_of_a_turn_by_duration() -> None:
    session = component("weise", global_weight=0.5, local_weight=0.5).session(0)
    session.observe(heard(0, {PITCH: 1.0}, 1.0))
    session.observe(heard(0, {PITCH: 4.0}, 3.0))
    assert session.propose(Reply("")).values[PITCH] == pytest.approx(0.5 * 3.25 + 0.5 * 3.25)
    session.realised(heard(0, {PITCH: 1.0}, 1.0, "agent"))
    session.realised(heard(0, {PITCH: 2.0}, 3.0, "agent"))
    session.observe(heard(1, {PITCH: 1.25}, 2.0))
    assert session.propose(Reply("")).values[PITCH] == pytest.approx(0.5 * 1.25 + 0.5 * (2 * 2.25 - 1.75))


# -- controls -----------------------------------------------------------------------------------------------------


def record(folder: Path, user: Sequence[float | None]) -> Path:
    """A recorded session whose user had these pitches; its agent had others."""
    folder.mkdir()
    lines = []
    for i, value in enumerate(user):
        said, answered = heard(i, {PITCH: value}), heard(i, {PITCH: 9.0})
        lines.append(to_json(TurnRecord(i, "user", i, i + 0.5, "", normalised=said.normalised)))
        lines.append(to_json(TurnRecord(i, "agent", i + 0.5, i + 1, "", normalised=answered.normalised)))
    (folder / "turns.jsonl").write_text("\n".join([*lines, '{"turn": 9, "speak']), "utf-8")
    return folder


@given(conversations)
def test_sham_follows_another_user_and_never_this_one(tmp_path_factory: Any, user: list[float]) -> None:
    other = record(tmp_path_factory.mktemp("sham") / "other", [1.0, None, -1.0])
    y = pitch("sham", [*user, 0.0, 0.0], sessions=(other,), ratio=0.5)
    assert y == [0.5, 0.5, *[-0.5] * (len(user))]


def test_the_seed_draws_the_other_user(tmp_path: Path) -> None:
    others = tuple(record(tmp_path / str(i), [float(i)]) for i in range(4))
    drawn = [pitch("sham", [0.0], seed=seed, sessions=others)[0] for seed in range(30)]
    assert set(drawn) == {0.0, 1.0, 2.0, 3.0}
    assert drawn == [pitch("sham", [3.0], seed=seed, sessions=others)[0] for seed in range(30)]


def test_sham_says_when_a_recording_is_of_no_use(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no turn of its user has normalised features"):
        component("sham", sessions=(record(tmp_path / "silent", [None]),))
    with pytest.raises(RecordingError, match="not a session folder"):
        component("sham", sessions=(tmp_path,))


def test_random_is_normal_with_the_sd_that_is_asked_for_and_owes_nothing_to_the_user() -> None:
    session = component("random", sd=0.7).session(3)
    drawn = [y for target in targets(session, [{PITCH: 3.0}] * 600) for y in target.values()]
    assert len(drawn) == 600 * 7
    assert sum(drawn) / len(drawn) == pytest.approx(0, abs=0.05)
    assert math.sqrt(sum(y * y for y in drawn) / len(drawn)) == pytest.approx(0.7, rel=0.05)
    here, elsewhere, other_seed = (pitch("random", [u] * 5, seed=s) for u, s in ((1.0, 3), (-1.0, 3), (1.0, 4)))
    assert here == elsewhere != other_seed


def test_random_of_raw_features_is_on_the_voices_scale() -> None:
    logs = [math.log(y / 200) / 0.1 for y in pitch("random", [150.0] * 400, RAW)]
    assert math.sqrt(sum(y * y for y in logs) / len(logs)) == pytest.approx(1.0, rel=0.1)


def test_permuted_targets_are_earlier_turns_out_of_order() -> None:
    user = [float(u) for u in range(1, 30)]
    y = pitch("random", user, kind="permuted", ratio=0.5)
    assert y[0] == 0.0
    assert all(target in {0.5 * u for u in user[:i]} for i, target in enumerate(y) if i)
    assert y != pitch("random", user, kind="permuted", ratio=0.5, seed=1)


# -- sessions and pipelines ---------------------------------------------------------------------------------------

EXAMPLES: dict[str, dict[str, Any]] = {"weise": {"global_weight": 0.3, "local_step": 0.1}}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "sham"])
@pytest.mark.parametrize("kind", ["default", "other"])
def test_interleaved_sessions_equal_sessions_apart(name: str, kind: str) -> None:
    other = {"random": {"kind": "permuted"}, "disentrain": {"kind": "anti-synchrony"}}
    options = {**EXAMPLES.get(name, {}), **(other.get(name, {}) if kind == "other" else {})}
    a, b = [{PITCH: u, "rate": -u} for u in (1.0, 2.0, -1.0)], [{PITCH: u} for u in (-1.0, None, 0.5)]
    made = component(name, **options)
    apart = targets(made.session(1), a), targets(made.session(2), b)
    one, other_session = made.session(1), made.session(2)
    together: tuple[list, list] = ([], [])
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        for session, turn, asked in ((one, x, together[0]), (other_session, y, together[1])):
            session.observe(heard(i, turn))
            asked.append(dict(session.propose(Reply("")).values))
            session.realised(heard(i, asked[-1], speaker="agent"))
    assert together == apart


def test_raw_features_without_a_voice_cannot_be_measured_from_it() -> None:
    with pytest.raises(PipelineError, match="choose a normalizer"):
        component("partial", Setup(specs=RAW.specs))


def test_raw_features_that_the_voice_lacks_are_left_alone() -> None:
    session = component("partial", RAW).session(0)
    assert set(targets(session, [{PITCH: 180.0, "jitter": 0.02}])[0]) == {PITCH}
