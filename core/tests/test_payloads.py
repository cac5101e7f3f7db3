"""Every payload and record: made from random values, pickled, written as JSON where it is recorded, and read again."""

import inspect
import math
import pickle
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import numpy as np
import pytest
from antiphon import features, payloads
from antiphon.errors import AudioError, RecordingError
from antiphon.features import PITCH_MEAN, Measurement
from antiphon.payloads import Audio, Control, Mel, MelSettings, VoiceCard
from antiphon.recording import records
from antiphon.recording.records import TurnRecord
from antiphon.recording.serialize import to_json, turn_from_json
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
audio = st.builds(
    Audio,
    hnp.arrays(np.float32, st.integers(0, 50), elements=finite),
    st.integers(1, 192000),
    st.integers(0, 2**40),
)
mel = st.builds(
    Mel,
    hnp.arrays(np.float32, st.tuples(st.integers(0, 5), st.just(4)), elements=finite),
    st.builds(MelSettings, *(st.integers(1, 9999),) * 4, finite, finite),
)
measurement = st.builds(Measurement, finite) | st.builds(Measurement, st.none(), st.text(min_size=1))


def classes(*modules: ModuleType) -> list[type]:
    """The attrs classes that modules define."""
    return [
        member
        for module in modules
        for _, member in inspect.getmembers(module, inspect.isclass)
        if attrs.has(member) and member.__module__ == module.__name__
    ]


def instances(type_: Any) -> st.SearchStrategy[Any]:
    """Random values of a type, as the annotations of payloads and records say it."""
    if type_ in BY_TYPE:
        return BY_TYPE[type_]
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(instances, arguments))
    if origin is tuple:
        return st.lists(instances(arguments[0]), max_size=3).map(tuple)
    if origin is Mapping:
        return st.dictionaries(instances(arguments[0]), instances(arguments[1]), max_size=3)
    if origin is Callable:
        return st.just(to_json)
    hints = get_type_hints(type_)
    return st.builds(type_, **{a.name: instances(hints[a.name]) for a in attrs.fields(type_)})


BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    Any: json_values,
    Audio: audio,
    Measurement: measurement,
    Mel: mel,
    Path: st.builds(Path, st.text("abc/", min_size=1)),
    bool: st.booleans(),
    float: finite,
    int: st.integers(-(2**53), 2**53),
    str: st.text(),
    type(None): st.none(),
}
PAYLOADS = classes(payloads, features)
RECORDS = classes(records)


def test_there_are_payloads_and_records() -> None:
    assert {Audio, Control, VoiceCard, Measurement} <= set(PAYLOADS)
    assert TurnRecord in RECORDS


@pytest.mark.parametrize("payload", [*PAYLOADS, *RECORDS], ids=lambda c: c.__name__)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_pickled_is_equal(payload: type, data: st.DataObject) -> None:
    value = data.draw(instances(payload))
    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize("payload", [*PAYLOADS, *RECORDS], ids=lambda c: c.__name__)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_a_payload_cannot_be_changed(payload: type, data: st.DataObject) -> None:
    value = data.draw(instances(payload))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, attrs.fields(payload)[0].name, None)


@settings(max_examples=25, deadline=None)
@given(record=instances(TurnRecord))
def test_a_turn_record_is_one_line_of_json_and_back(record: TurnRecord) -> None:
    line = to_json(record)
    assert "\n" not in line
    assert turn_from_json(line) == record


@pytest.mark.parametrize(
    "line", ["", "null", "[]", "{}", '{"turn": "one"}', '{"turn": 1, "speaker": "nobody"}', "nonsense"]
)
def test_a_line_that_is_no_turn_record_is_refused(line: str) -> None:
    with pytest.raises(RecordingError):
        turn_from_json(line)


# -- audio ------------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(audio, st.integers(-100, 200), st.integers(-100, 200))
def test_between_is_what_lies_in_both(whole: Audio, first: int, last: int) -> None:
    first, last = whole.start_sample + first, whole.start_sample + last
    part = whole.between(first, last)
    inside = [i for i in range(whole.start_sample, whole.end_sample) if first <= i < last]
    expected = whole.samples[[i - whole.start_sample for i in inside]] if inside else whole.samples[:0]
    assert np.array_equal(part.samples, expected)
    if inside:
        assert (part.start_sample, part.end_sample) == (inside[0], inside[-1] + 1)


def test_duration_is_samples_over_rate() -> None:
    assert Audio(np.zeros(24000), 16000).duration_s == 1.5


def test_samples_become_float32_without_a_copy_where_they_are() -> None:
    samples = np.zeros(10, dtype=np.float32)
    assert Audio(samples, 16000).samples is samples
    assert Audio([0, 1], 16000).samples.dtype == np.float32


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (np.zeros((2, 2)), 16000, "mono"),
        (np.zeros(2), 0, "sample rate"),
        (np.zeros(2), -1, "sample rate"),
        ([0.0, math.nan], 16000, "NaN"),
        ([0.0, math.inf], 16000, "NaN or infinite"),
    ],
)
def test_impossible_audio_is_refused(samples: Any, rate: int, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        Audio(samples, rate)


def test_audio_with_other_samples_is_not_equal() -> None:
    assert Audio([0.0, 0.5], 16000) == Audio([0.0, 0.5], 16000)
    assert Audio([0.0, 0.5], 16000) != Audio([0.0, 0.6], 16000)
    assert Audio([0.0, 0.5], 16000) != Audio([0.0], 16000)


# -- voices -----------------------------------------------------------------------------------------------------------

PITCH = Control(PITCH_MEAN, mean=math.log(200), sd=0.2, low=80, high=400)


@given(st.floats(-8, 8))
def test_raw_and_z_are_inverse(z: float) -> None:
    assert PITCH.to_z(PITCH.from_z(z)) == pytest.approx(z, abs=1e-9)


def test_z_is_counted_in_the_log_domain() -> None:
    assert PITCH.from_z(0) == pytest.approx(200)
    assert PITCH.from_z(1) == pytest.approx(200 * math.exp(0.2))


@given(st.floats(-1e6, 1e6))
def test_clipped_lies_within_the_limits_and_moves_no_more_than_it_must(raw: float) -> None:
    clipped = PITCH.clip(raw)
    assert PITCH.low <= clipped <= PITCH.high
    assert clipped == raw or clipped in (PITCH.low, PITCH.high)


def test_a_voice_knows_its_controls_by_name() -> None:
    card = VoiceCard("x", 16000, (PITCH,))
    assert card.control("pitch_mean") is PITCH
    assert card.control("rate") is None
