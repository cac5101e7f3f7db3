"""Reading the audio of turns."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from antiphon.errors import AudioError
from antiphon_corpus.importing.audio import SpeakerAudio, track_of
from antiphon_corpus.importing.source import Source, Track

RATE = 8_000


def ramp(path: Path, seconds: float, **how: str) -> np.ndarray:
    samples = np.linspace(-1, 1, round(seconds * RATE), dtype=np.float32)
    soundfile.write(path, samples, RATE, **how)
    return samples


def test_a_turn_is_cut_at_its_samples_and_may_end_a_little_late(tmp_path: Path) -> None:
    samples = ramp(tmp_path / "a.wav", 2, subtype="FLOAT")
    with SpeakerAudio(Track(tmp_path / "a.wav"), end_s=2.1, slack_s=0.25) as audio:
        np.testing.assert_array_equal(audio.between(0.5, 0.75).samples, samples[4000:6000])
        np.testing.assert_array_equal(audio.between(1.9, 2.1).samples, samples[15200:])
        np.testing.assert_array_equal(audio.between(0.0, 0.5).samples, samples[:4000])
        assert len(audio.between(1.0, 1.0).samples) == 0
        assert len(audio.between(2.05, 2.1).samples) == 0
    with pytest.raises(AudioError, match=r"a\.wav: the transcript goes on to 2\.10 s, but the audio ends at 2\.00 s"):
        SpeakerAudio(Track(tmp_path / "a.wav"), end_s=2.1, slack_s=0.0)


def test_a_long_recording_is_not_held_in_memory(tmp_path: Path) -> None:
    ramp(tmp_path / "a.wav", 600)
    with SpeakerAudio(Track(tmp_path / "a.wav"), end_s=600, slack_s=0) as audio:
        tracemalloc.start()
        for start_s in range(0, 600, 10):
            audio.between(start_s, start_s + 10)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 3 * 4 * 10 * RATE, "three times the samples of one turn"


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_recording_that_breaks_off_is_refused(tmp_path: Path, kept: float) -> None:
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "a.flac", 0.1 * rng.standard_normal(20 * RATE), RATE)
    content = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(content[: round(kept * len(content))])
    with (
        pytest.raises(AudioError, match=r"a\.flac: (it breaks off|damaged after)"),
        SpeakerAudio(Track(tmp_path / "a.flac"), end_s=20, slack_s=0) as audio,
    ):
        audio.between(0, 20)


def test_a_sphere_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    ramp(tmp_path / "a.sph", 10, format="NIST")
    content = (tmp_path / "a.sph").read_bytes()
    (tmp_path / "a.sph").write_bytes(content[: len(content) // 2])
    with (
        pytest.raises(AudioError, match=r"a\.sph: "),
        SpeakerAudio(Track(tmp_path / "a.sph"), end_s=9, slack_s=0) as audio,
    ):
        audio.between(8, 9)


def test_who_is_where_must_be_known() -> None:
    shared = Source("c1", (), shared=Path("c1.wav"))
    assert [track_of(shared, label).channel for label in ("A", "B", "a", "2", "RIGHT")] == [0, 1, 0, 1, 1]
    with pytest.raises(AudioError, match=r"c1\.wav: which channel is ann\? Name the speakers by --channels"):
        track_of(shared, "ann")
    with pytest.raises(AudioError, match=r"c1: there is no audio of ann, only of bob"):
        track_of(Source("c1", (), tracks={"bob": Track(Path("b.wav"))}), "ann")
