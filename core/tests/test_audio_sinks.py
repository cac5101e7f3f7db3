"""The agent's audio into a file."""

from pathlib import Path

import numpy as np
import pytest
from antiphon.audio_files import read_audio
from antiphon.builtin.audio.file_out import FileOut
from antiphon.builtin.audio.options import FileOutOptions
from antiphon.errors import RecordingError
from antiphon.payloads import Audio
from antiphon.stages import Setup

RATE = 16_000


def tone(seconds: float, rate: int = RATE, hz: float = 200) -> Audio:
    return Audio(0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate), rate)


def test_utterances_lie_on_the_time_line_of_the_session(tmp_path: Path) -> None:
    session = FileOut(FileOutOptions(tmp_path / "agent.wav"), Setup()).session(0)
    for start_s in (0.5, 2.0):
        session.begin(RATE, start_s)
        for start in range(0, RATE, 1000):
            session.play(tone(1.0).between(start, start + 1000))
    session.close()
    expected = np.zeros(3 * RATE, np.float32)
    expected[8_000:24_000] = expected[32_000:48_000] = tone(1.0).samples
    np.testing.assert_allclose(read_audio(tmp_path / "agent.wav").samples, expected, atol=2**-15)


def test_other_rates_are_resampled_to_the_first_without_seams(tmp_path: Path) -> None:
    session = FileOut(FileOutOptions(tmp_path / "agent.wav"), Setup()).session(0)
    session.begin(RATE, 0.0)
    session.play(tone(0.5))
    session.begin(22_050, 1.0)
    for start in range(0, 22_050, 700):
        session.play(tone(1.0, 22_050).between(start, start + 700))
    assert session.stop() == 22_050
    session.close()
    audio = read_audio(tmp_path / "agent.wav")
    assert audio.sample_rate == RATE
    assert len(audio.samples) == pytest.approx(2 * RATE, abs=1)
    inside = slice(RATE + 400, 2 * RATE - 400)
    expected = tone(1.0).samples[400:-400]
    np.testing.assert_allclose(audio.samples[inside][: len(expected)], expected, atol=1e-3)


def test_file_is_whole_while_the_agent_still_speaks(tmp_path: Path) -> None:
    session = FileOut(FileOutOptions(tmp_path / "agent.wav"), Setup()).session(0)
    session.begin(RATE, 0.25)
    session.play(tone(0.5))
    assert read_audio(tmp_path / "agent.wav").duration_s == 0.75


def test_sessions_of_one_process_write_files_of_their_own(tmp_path: Path) -> None:
    component = FileOut(FileOutOptions(tmp_path / "agent.wav"), Setup())
    first, second = component.session(0), component.session(1)
    for session, seconds in ((first, 0.1), (second, 0.2), (first, 0.3)):
        session.begin(RATE, 0.0)
        session.play(tone(seconds))
    assert read_audio(tmp_path / "agent.wav").duration_s == pytest.approx(0.4)
    assert read_audio(tmp_path / "agent-2.wav").duration_s == pytest.approx(0.2)


def test_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    session = FileOut(FileOutOptions(tmp_path / "file" / "agent.wav"), Setup()).session(0)
    with pytest.raises(RecordingError, match=r"agent\.wav: cannot be written"):
        session.begin(RATE, 0.0)
