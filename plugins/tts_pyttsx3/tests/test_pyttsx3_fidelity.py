"""The voice does what it is told: requested against measured prosody, on sentences that it is not calibrated on."""

import pytest
from antiphon.calibration import Meter, fidelity
from antiphon.calibration.sentences import TEST
from antiphon.stages import Setup
from antiphon_tts_pyttsx3.options import Pyttsx3Options
from antiphon_tts_pyttsx3.synthesizer import Pyttsx3

parselmouth = pytest.importorskip("parselmouth")


@pytest.mark.parametrize(
    ("sentences", "vectors"), [(TEST[:3], 6), pytest.param(TEST, 20, marks=pytest.mark.long)], ids=["few", "all"]
)
def test_voice_does_what_it_is_told(sentences: tuple[str, ...], vectors: int) -> None:
    component = Pyttsx3(Pyttsx3Options(), Setup())
    try:
        results = fidelity(
            component.calibration.card(), component.session(0), Meter(), sentences=sentences, vectors=vectors
        )
    finally:
        component.close()
    assert [result.control.feature.name for result in results] == ["pitch_mean", "intensity_mean", "rate"]
    for result in results:
        assert result.r_within > 0.93, result.row()
        assert 0.8 < result.slope < 1.25, result.row()
        assert abs(result.crosstalk) < 0.2, result.row()
