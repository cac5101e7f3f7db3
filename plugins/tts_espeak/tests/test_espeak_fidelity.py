"""The voices do what they are told: requested against measured prosody, on sentences that were not calibrated on."""

from pathlib import Path

import pytest
from antiphon.calibration import Fidelity, Meter, fidelity
from antiphon.calibration.sentences import TEST
from antiphon.calibration.table import Calibration
from antiphon.stages import Setup
from antiphon_tts_espeak.calibrate import calibrate
from antiphon_tts_espeak.commands import espeak
from antiphon_tts_espeak.options import VOICES, EspeakOptions
from antiphon_tts_espeak.synthesizer import Espeak
from click.testing import CliRunner

parselmouth = pytest.importorskip("parselmouth")


def measured(name: str, sentences: tuple[str, ...], vectors: int) -> dict[str, Fidelity]:
    component = Espeak(EspeakOptions(name=name), Setup())
    try:
        results = fidelity(
            component.calibration.card(), component.session(0), Meter(), sentences=sentences, vectors=vectors
        )
    finally:
        component.close()
    return {result.control.feature.name: result for result in results}


def holds(found: dict[str, Fidelity]) -> None:
    for name, result in found.items():
        assert result.r_within > 0.93, result.row()
        assert 0.8 < result.slope < 1.25, result.row()
        assert abs(result.crosstalk) < 0.2, result.row()
        assert name == "rate" or result.r > 0.85, result.row()  # the rate of a sentence is mostly its text
    assert found["pitch_mean"].error < 0.05
    assert found["pitch_range"].error < 0.10
    assert found["intensity_mean"].error < 1.0
    assert found["rate"].error < 0.15


def test_default_voice_does_what_it_is_told() -> None:
    holds(measured("en-us", TEST[:4], vectors=8))


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(path.stem for path in VOICES.glob("*.json")))
def test_every_voice_does_what_it_is_told(name: str) -> None:
    holds(measured(name, TEST, vectors=20))


def test_command_prints_the_table() -> None:
    result = CliRunner().invoke(espeak, ["fidelity", "en-us", "--vectors", "2"], catch_exceptions=False)
    assert result.exit_code == 0
    for name in ("pitch_mean", "pitch_range", "intensity_mean", "rate"):
        assert f"| {name} |" in result.output


@pytest.mark.long
def test_calibrating_again_gives_the_same(tmp_path: Path) -> None:
    again = calibrate("en-us", Meter(), lambda done, total: None)
    shipped = Calibration.load(VOICES / "en-us.json")
    if again.synthesizer != shipped.synthesizer:
        pytest.skip(f"this is {again.synthesizer}, the calibration is of {shipped.synthesizer}")
    for control, expected in zip(again.card().controls, shipped.card().controls, strict=True):
        assert control.mean == pytest.approx(expected.mean, abs=0.1 * expected.sd)
