"""Calibrations: the grid of what a voice does, and its inverse."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from antiphon.calibration import Axis, Calibration, fidelity, find_calibration, lowest_pitch, raised, sweep
from antiphon.errors import AudioError, ModelError
from antiphon.payloads import Audio, Spoken
from hypothesis import given
from hypothesis import strategies as st

AXES = (
    Axis("pitch", "pitch_mean", 50, (0, 25, 50, 100)),
    Axis("width", "pitch_range", 50, (0, 50, 100)),
    Axis("gain_db", "intensity_mean", 0, (-20, 6), exact=True),
    Axis("speed", "rate", 100, (50, 100, 200)),
)


def voice_does(settings: dict[str, float]) -> dict[str, float]:
    """A voice whose settings all move other features, too."""
    pitch, width, speed = settings["pitch"], settings["width"], settings["speed"]
    return {
        "pitch_mean": math.exp(4.8 + 0.006 * pitch + 0.001 * width),
        "pitch_range": math.exp(0.05 + 0.005 * width - 0.001 * pitch + 0.1),
        "intensity_mean": 70 + 0.02 * pitch - 1.5 * math.log(speed / 100) + settings["gain_db"],
        "rate": 0.05 * speed,
    }


class SameVoice:
    """Stands for the extractors: reads the settings that `speak` wrote into the samples."""

    def measure(self, audio: Audio, text: str) -> dict[str, float]:
        names = [axis.setting for axis in AXES]
        return voice_does(dict(zip(names, audio.samples.astype(float) * 1000, strict=True)))


def speak(text: str, settings: dict[str, float]) -> Audio:
    return Audio(np.array([settings[axis.setting] for axis in AXES]) / 1000, 16_000)


SWEPT = sweep("somebody", "test", AXES, speak, SameVoice(), ["one", "two"])  # type: ignore[arg-type]


@pytest.fixture
def calibration() -> Calibration:
    return SWEPT


def test_points_of_the_grid_are_what_was_measured(calibration: Calibration) -> None:
    at = {"pitch": 25, "width": 100, "gain_db": 6, "speed": 200}
    assert calibration.predict(at) == pytest.approx(voice_does(at), rel=1e-3)


def test_an_exact_setting_counts_between_its_points(calibration: Calibration) -> None:
    louder = calibration.predict({"gain_db": 3.0})["intensity_mean"]
    assert louder == pytest.approx(calibration.predict({})["intensity_mean"] + 3.0, abs=1e-6)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(-20, 6), st.floats(50, 200))
def test_settings_are_the_inverse_of_what_they_do(pitch: float, width: float, gain: float, speed: float) -> None:
    calibration = SWEPT
    reachable = calibration.predict({"pitch": pitch, "width": width, "gain_db": gain, "speed": speed})
    settings = calibration.settings(reachable)
    assert calibration.predict(settings) == pytest.approx(reachable, rel=2e-3)
    assert not calibration.out_of_reach(reachable, settings)


def test_what_is_not_asked_for_stays_natural(calibration: Calibration) -> None:
    natural = calibration.predict({})
    assert calibration.settings({}) == pytest.approx(calibration.natural)
    wide = calibration.predict(calibration.settings({"pitch_range": 1.6}))
    assert wide["pitch_range"] == pytest.approx(1.6, rel=1e-2)
    assert wide["pitch_mean"] == pytest.approx(natural["pitch_mean"], rel=1e-3)
    assert wide["intensity_mean"] == pytest.approx(natural["intensity_mean"], abs=0.05)


def test_beyond_the_limits_the_nearest_is_done_and_told(calibration: Calibration) -> None:
    settings = calibration.settings({"rate": 100.0, "pitch_mean": 180.0})
    assert settings["speed"] == 200
    missed = calibration.out_of_reach({"rate": 100.0, "pitch_mean": 180.0, "unknown": 1.0}, settings)
    assert missed == {"rate": pytest.approx(10.0, rel=1e-3)}


def test_card_holds_mean_deviation_and_limits(calibration: Calibration) -> None:
    card = calibration.card()
    assert (card.name, card.sample_rate) == ("somebody", 16_000)
    pitch = card.control("pitch_mean")
    assert pitch is not None
    assert pitch.mean == pytest.approx(4.8 + 0.3 + 0.05, abs=1e-3)
    assert (pitch.low, pitch.high) == pytest.approx((math.exp(4.85), math.exp(5.45)), rel=1e-3)
    assert pitch.from_z(1) / pitch.from_z(0) == pytest.approx(10**0.033, rel=1e-3)  # the spread of LJ Speech
    intensity = card.control("intensity_mean")
    assert intensity is not None
    assert intensity.from_z(1) - intensity.from_z(0) == pytest.approx(1.28)


def test_falling_measurements_do_not_turn_a_setting_round() -> None:
    axes = (Axis("speed", "rate", 1, (0, 1, 2, 3)),)
    noisy = Calibration("v", "s", 8000, axes, {"rate": 0.1}, {"rate": (1.0, 1.5, 1.4, 2.0)})
    found = [noisy.settings({"rate": math.exp(value)})["speed"] for value in np.linspace(0.9, 2.1, 40)]
    assert found == sorted(found)


def test_deep_voice_is_raised_and_a_high_one_left(calibration: Calibration) -> None:
    assert raised(calibration) == calibration
    axes = (Axis("pitch", "pitch_mean", 40, (40, 90)),)
    deep = Calibration("v", "s", 8000, axes, {"pitch_mean": 0.1}, {"pitch_mean": (math.log(90), math.log(200))})
    assert raised(deep).predict({})["pitch_mean"] == pytest.approx(90 * math.exp(0.2), rel=0.02)


class Tracker:
    """Hears an F0 quantile of one Hertz per unit of the setting, below 75 Hz an octave higher."""

    def measure(self, audio: Audio, text: str) -> dict[str, float]:
        pitch = float(audio.samples[0])
        return {"pitch_05": pitch if pitch > 75 else 2 * pitch}


def test_lowest_pitch_is_the_last_that_can_be_followed() -> None:
    def speak_pitch(text: str, settings: Mapping[str, float]) -> Audio:
        return Audio([settings["pitch"]], 8000)

    assert lowest_pitch("v", range(100, 40, -5), speak_pitch, {"rate": 1}, Tracker()) == 85  # type: ignore[arg-type]
    with pytest.raises(AudioError, match="v: its pitch"):
        lowest_pitch("v", [80, 70], speak_pitch, {}, Tracker())  # type: ignore[arg-type]


def test_file_gives_the_same_calibration_back(calibration: Calibration, tmp_path: Path) -> None:
    calibration.save(tmp_path / "somebody.json")
    assert Calibration.load(tmp_path / "somebody.json") == calibration


@pytest.mark.parametrize(
    "damage",
    [
        lambda table: table.update(schema=99),
        lambda table: table.pop("axes"),
        lambda table: table.update(unheard_of=1),
        lambda table: table["means"].update(rate=[1.0]),
        lambda table: table["means"].update(rate=["fast"] * 36),
        lambda table: table["means"]["rate"].__setitem__(0, float("nan")),
        lambda table: table["sd"].update(rate=0),
        lambda table: table["axes"][0].update(points=[3, 2, 1, 0]),
        lambda table: table["axes"][0].update(natural=1000),
        lambda table: table["axes"][0].update(feature="charm"),
    ],
)
def test_damaged_files_are_told(calibration: Calibration, tmp_path: Path, damage) -> None:
    path = tmp_path / "somebody.json"
    calibration.save(path)
    table = json.loads(path.read_text())
    damage(table)
    path.write_text(json.dumps(table))
    with pytest.raises(ModelError, match="somebody"):
        Calibration.load(path)


@pytest.mark.parametrize("content", ["", "[]", "null", "{", "\x00"])
def test_files_that_are_no_calibration_are_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "somebody.json"
    path.write_text(content)
    with pytest.raises(ModelError, match=r"somebody\.json"):
        Calibration.load(path)


def test_voice_is_found_by_name_or_file(calibration: Calibration, tmp_path: Path) -> None:
    calibration.save(tmp_path / "somebody.json")
    assert find_calibration("tts", "somebody", tmp_path) == calibration
    assert find_calibration("tts", "somebody", tmp_path / "empty", tmp_path / "somebody.json") == calibration
    with pytest.raises(ModelError, match=r"those that are: somebody.*antiphon tts calibrate nobody"):
        find_calibration("tts", "nobody", tmp_path)
    with pytest.raises(ModelError, match='"somebody", not "nobody"'):
        find_calibration("tts", "nobody", tmp_path, tmp_path / "somebody.json")


def test_sweep_says_where_nothing_could_be_measured() -> None:
    class Deaf:
        def measure(self, audio: Audio, text: str) -> dict[str, float]:
            return {}

    with pytest.raises(AudioError, match=r"somebody at .*pitch_mean could be measured in only 0 of 2"):
        sweep("somebody", "test", AXES, speak, Deaf(), ["one", "two"])  # type: ignore[arg-type]


class Obedient:
    """A voice that does what the calibration says; `stiff` names a setting that it ignores."""

    def __init__(self, calibration: Calibration, stiff: str = "") -> None:
        self._calibration = calibration
        self._stiff = stiff

    def synthesize(self, request) -> Spoken:
        settings = self._calibration.settings(request.controls)
        if self._stiff:
            settings[self._stiff] = self._calibration.natural[self._stiff]
        return Spoken(speak(request.text, settings))


def test_fidelity_of_an_obedient_voice_is_perfect(calibration: Calibration) -> None:
    for result in fidelity(calibration.card(), Obedient(calibration), SameVoice(), sentences=["a", "b"]):  # type: ignore[arg-type]
        assert result.slope == pytest.approx(1, abs=0.02)
        assert result.r > 0.99
        assert abs(result.crosstalk) < 0.1


def test_fidelity_finds_a_control_that_does_nothing(calibration: Calibration) -> None:
    voice = Obedient(calibration, stiff="speed")
    results = fidelity(calibration.card(), voice, SameVoice(), sentences=["a", "b"])  # type: ignore[arg-type]
    found = {result.control.feature.name: result for result in results}
    assert found["rate"].r == 0
    assert found["rate"].slope == pytest.approx(0, abs=0.02)
    assert found["pitch_mean"].slope == pytest.approx(1, abs=0.05)
