"""Audio files in any condition."""

import contextlib
import resource
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from antiphon.audio_files import AudioFile, WavWriter, read_audio, write_wav
from antiphon.errors import AudioError, RecordingError
from antiphon.payloads import Audio
from hypothesis import given, settings
from hypothesis import strategies as st

RATE = 16_000
TONE = (0.5 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    ("name", "subtype", "step"),
    [
        ("a.wav", "PCM_U8", 2**-7),
        ("a.wav", "PCM_16", 2**-15),
        ("a.wav", "PCM_24", 2**-23),
        ("a.wav", "PCM_32", 2**-24),
        ("a.wav", "FLOAT", 0),
        ("a.wav", "DOUBLE", 0),
        ("a.flac", "PCM_24", 2**-23),
        ("a.aiff", "PCM_16", 2**-15),
    ],
)
def test_reads_any_depth_and_rate(tmp_path: Path, name: str, subtype: str, step: float, rate: int) -> None:
    soundfile.write(tmp_path / name, TONE, rate, subtype=subtype)
    audio = read_audio(tmp_path / name)
    assert audio.sample_rate == rate
    np.testing.assert_allclose(audio.samples, TONE, atol=1.01 * step)


def test_reads_lossy_formats(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", TONE, RATE)
    audio = read_audio(tmp_path / "a.ogg")
    assert np.corrcoef(audio.samples[: len(TONE)], TONE[: len(audio.samples)])[0, 1] > 0.99


def test_channels_are_mixed_or_chosen(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([TONE, -0.5 * TONE], axis=1), RATE, subtype="FLOAT")
    np.testing.assert_allclose(read_audio(path).samples, 0.25 * TONE, atol=1e-6)
    np.testing.assert_array_equal(read_audio(path, channel=1).samples, -0.5 * TONE)
    with pytest.raises(AudioError, match=r"stereo\.wav: has no channel 2; choose one from 0 to 1"):
        read_audio(path, channel=2)
    with AudioFile(path, channel=1) as file:
        assert (file.channels, file.frames) == (2, len(TONE))


def test_one_sample_is_audio(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "one.wav", TONE[1:2], RATE, subtype="FLOAT")
    assert len(read_audio(tmp_path / "one.wav").samples) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_refused_with_its_place(tmp_path: Path, bad: float) -> None:
    samples = TONE.copy()
    samples[8000] = bad
    soundfile.write(tmp_path / "nan.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"nan\.wav: sample 8000 \(at 0\.50 s\).*export it again"):
        read_audio(tmp_path / "nan.wav")


def wav_bytes(folder: Path) -> bytes:
    write_wav(folder / "whole.wav", Audio(TONE, RATE))
    return (folder / "whole.wav").read_bytes()


@pytest.mark.parametrize("length", [0, 1, 4, 12, 20, 36, 43, 44])
def test_a_header_that_breaks_off_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(wav_bytes(tmp_path)[:length])
    with pytest.raises(AudioError, match=r"cut\.wav: .*; (give|record)"):
        read_audio(path)


def test_audio_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(wav_bytes(tmp_path)[: 44 + 2 * 1000])
    assert len(read_audio(path).samples) == 1000


def test_a_length_that_lies_takes_no_memory(tmp_path: Path) -> None:
    content = bytearray(wav_bytes(tmp_path)[: 44 + 2 * 1000])
    content[40:44] = struct.pack("<I", 2**32 - 100)
    (tmp_path / "lies.wav").write_bytes(content)
    assert len(read_audio(tmp_path / "lies.wav").samples) == 1000


@pytest.mark.parametrize("length", [4, 42, 100, 5000])
def test_flac_that_breaks_off_is_refused(tmp_path: Path, length: int) -> None:
    soundfile.write(tmp_path / "whole.flac", TONE, RATE)
    (tmp_path / "cut.flac").write_bytes((tmp_path / "whole.flac").read_bytes()[:length])
    with pytest.raises(AudioError, match=r"cut\.flac: "):
        read_audio(tmp_path / "cut.flac")


@pytest.mark.parametrize("name", ["text.wav", "text.txt", "text.raw", "text.flac", "text"])
def test_what_is_no_audio_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("This is a text, no audio. " * 50)
    with pytest.raises(AudioError, match=rf"{name}: is not audio.*WAV"):
        read_audio(tmp_path / name)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"none\.wav: .*No such file.*check the path"):
        read_audio(tmp_path / "none.wav")
    with pytest.raises(AudioError, match="check the path"):
        read_audio(tmp_path)


@pytest.mark.parametrize("rate", [1_000, 384_000])
def test_rates_that_hold_no_speech_are_refused(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "odd.wav", TONE, rate)
    with pytest.raises(AudioError, match=rf"{rate} Hz; convert it"):
        read_audio(tmp_path / "odd.wav")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 200))
def test_no_content_gives_anything_but_audio_or_an_audio_error(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, position: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    content = bytearray(wav_bytes(folder)[:400])
    content[position : position + len(noise)] = noise
    (folder / "fuzzed.wav").write_bytes(content)
    with contextlib.suppress(AudioError):
        assert len(read_audio(folder / "fuzzed.wav").samples) > 0


def test_an_hour_is_read_in_bounded_memory(tmp_path: Path) -> None:
    with WavWriter(tmp_path / "hour.wav", 8_000) as file:
        file.write_silence(3600 * 8_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with AudioFile(tmp_path / "hour.wav") as track:
        blocks = [(block.start_sample, len(block.samples)) for block in track.blocks(80_000)]
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert blocks == [(start, 80_000) for start in range(0, 3600 * 8_000, 80_000)]
    assert grown_kib < 20 * 1024  # the samples alone would take 110 MiB


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=50))
def test_sixteen_bits_come_back_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, values: list[int]) -> None:
    path = tmp_path_factory.getbasetemp() / "round.wav"
    soundfile.write(path, np.asarray(values, np.int16), RATE)
    first = read_audio(path)
    write_wav(path, first)
    assert read_audio(path) == first
    np.testing.assert_array_equal(first.samples * 2**15, values)


def test_samples_beyond_full_scale_are_clipped_not_wrapped(tmp_path: Path) -> None:
    write_wav(tmp_path / "loud.wav", Audio(5 * TONE, RATE))
    np.testing.assert_allclose(read_audio(tmp_path / "loud.wav").samples, np.clip(5 * TONE, -1, 1), atol=2**-15)


def test_a_growing_file_is_whole_after_every_write(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "grows.wav"
    with WavWriter(path, RATE) as file:
        for count in range(4):
            with wave.open(str(path)) as seen:  # another reader, as after a kill: the writer is still open
                assert seen.getnframes() == count * 1000
                assert seen.getframerate() == RATE
            file.write(TONE[:1000])
        file.write_silence(10_000)
        file.write_silence(500)
    samples = read_audio(path).samples
    assert len(samples) == 10_000
    assert not samples[4000:].any()


def test_a_file_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match=r"a\.wav: cannot be written"):
        WavWriter(tmp_path / "file" / "a.wav", RATE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_says_so() -> None:
    with pytest.raises(RecordingError, match="No space left"):
        WavWriter(Path("/dev/full"), RATE).write(TONE)
