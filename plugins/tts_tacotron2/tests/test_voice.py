"""Voices on disk."""

from __future__ import annotations

import json
import math
from pathlib import Path

import attrs
import pytest
from antiphon.errors import ModelError
from antiphon_tts_tacotron2.controls import ControlScale, ExpectedDuration
from antiphon_tts_tacotron2.mel import STANDARD
from antiphon_tts_tacotron2.model.config import ModelConfig
from antiphon_tts_tacotron2.text.front_end import FrontEnd
from antiphon_tts_tacotron2.voice import CARD, SCHEMA, WEIGHTS, Voice, checked_file, read_voice, write_card

PITCH = ControlScale("pitch_mean", math.log(200.0), 0.1, math.log(210.0), 0.05)
PACE = ControlScale("rate", 0.0, 0.1, math.log(4.0), 0.16)
VOICE = Voice(
    schema=SCHEMA,
    name="kim",
    licence="CC0-1.0",
    data="an hour of Kim",
    model=ModelConfig(symbols=len(FrontEnd().symbols), controls=2),
    front_end=FrontEnd(),
    mel=STANDARD,
    controls=(PITCH, PACE),
    offered=("pitch_mean", "rate"),
    expected_duration=ExpectedDuration(0.2, {"AA1": 0.1}),
    measured={"steps": 7, "validation": {"mel": 0.5}},
)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / WEIGHTS).write_bytes(b"weights")
    write_card(tmp_path, VOICE)
    return tmp_path


def test_a_voice_is_read_as_it_was_written(folder):
    voice = read_voice(folder)
    assert attrs.evolve(voice, files={}) == VOICE
    assert list(voice.files) == [WEIGHTS]
    assert checked_file(folder, voice, WEIGHTS).read_bytes() == b"weights"


def test_the_engine_is_told_what_z_means_and_how_far_the_voice_goes():
    pitch, rate = VOICE.card().controls
    assert pitch.from_z(1.0) == pytest.approx(210.0 * math.exp(0.05))
    assert (pitch.low, pitch.high) == pytest.approx((200.0 * math.exp(-0.3), 200.0 * math.exp(0.3)))
    assert (rate.feature.unit, rate.from_z(0.0)) == ("syll/s", pytest.approx(4.0))
    assert (rate.low, rate.high) == pytest.approx((4.0 * math.exp(-0.3), 4.0 * math.exp(0.3)))


def test_only_what_is_offered_can_be_controlled():
    card = attrs.evolve(VOICE, offered=("rate",)).card()
    assert [control.feature.name for control in card.controls] == ["rate"]


def changed(folder: Path, **changes: object) -> None:
    content = json.loads((folder / CARD).read_text("utf-8"))
    (folder / CARD).write_text(json.dumps(content | changes), "utf-8")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"schema": 2}, "no voice of version 1"),
        ({"surprise": 1}, "surprise"),
        ({"offered": ["jitter"]}, "offers controls that it does not have: jitter"),
        ({"controls": []}, "has 0 controls where the model has 2"),
        ({"controls": [attrs.asdict(PITCH), attrs.asdict(PITCH)]}, "has 2 controls"),
        ({"controls": [attrs.asdict(PITCH), attrs.asdict(PACE) | {"feature": "mood"}]}, "unknown features: mood"),
        ({"controls": [attrs.asdict(PITCH), attrs.asdict(PACE) | {"sd": 0.0}]}, "finite and positive"),
        ({"mel": attrs.asdict(STANDARD) | {"bands": 40}}, "has 40 mel bands"),
        ({"front_end": {"kind": "phonemes", "symbols": ["a"]}}, "reads 1 symbols"),
        ({"model": {"symbols": "many"}}, "model"),
        ({"name": None, "files": 3}, "files"),
    ],
)
def test_cards_that_do_not_fit_are_refused(folder, changes, problem):
    changed(folder, **changes)
    with pytest.raises(ModelError, match=problem):
        read_voice(folder)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b"null", b'{"schema": 1}', b"[" * 100_000, b'{"schema": NaN}']
)
def test_cards_that_are_none_are_refused(tmp_path, content):
    (tmp_path / CARD).write_bytes(content)
    with pytest.raises(ModelError, match=CARD):
        read_voice(tmp_path)


def test_a_folder_without_a_card_is_refused(tmp_path):
    with pytest.raises(ModelError, match="a voice is a folder"):
        read_voice(tmp_path)


def test_files_that_were_changed_are_refused(folder):
    voice = read_voice(folder)
    (folder / WEIGHTS).write_bytes(b"others'")
    with pytest.raises(ModelError, match="is not the file that the voice's card describes"):
        checked_file(folder, voice, WEIGHTS)
    (folder / WEIGHTS).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        checked_file(folder, voice, WEIGHTS)


@pytest.mark.parametrize("name", ["encoder.onnx", "../outside", "/etc/passwd"])
def test_only_files_that_the_card_lists_are_opened(folder, name):
    with pytest.raises(ModelError, match="has no"):
        checked_file(folder, read_voice(folder), name)
