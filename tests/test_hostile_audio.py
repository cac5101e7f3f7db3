"""Whatever somebody takes for audio: a dialogue, in which measurements may be missing, or one clear line."""

import asyncio
import functools
import io
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from antiphon.audio_files import WavWriter
from antiphon.discovery import Plugins
from antiphon.engine import Engine, SessionResult
from antiphon.payloads import Samples, SpeechRequest
from antiphon.profile import load_profile
from antiphon.recording.reader import read_recording
from antiphon.speaking import speak_all
from antiphon.stages import Setup

CommandLine = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "profiles" / "demo.toml"
RATE = 22_050
SENTENCE = "i feel tired today"
VOICE = load_profile(DEMO).audio_in.selection.options.voice
QUIET = 1e-3


def speech() -> Samples:
    """A sentence between two silences, at 22,050 Hz."""
    audio = speak_all(VOICE.provider.open(VOICE.options, Setup()).session(0), SpeechRequest(SENTENCE, {}))
    assert audio is not None
    assert audio.sample_rate == RATE
    samples = np.random.default_rng(7).normal(0, QUIET, round((2.0 + audio.duration_s) * RATE)).astype(np.float32)
    start = round(0.7 * RATE)
    samples[start : start + len(audio.samples)] += audio.samples
    return samples


SPEECH = speech()


def wav(samples: Samples, rate: int = RATE, **how: str) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=how.pop("format", "WAV"), **how)
    return out.getvalue()


def at(rate: int) -> bytes:
    return wav(soxr.resample(SPEECH, RATE, rate), rate)


def with_nan(share: float = 0.5) -> Samples:
    """Speech with a sample that is not a number, at a share of its length."""
    samples = SPEECH.copy()
    samples[int(share * (len(samples) - 1))] = np.nan
    return samples


UNDERSTOOD = {
    "8 kHz": lambda: at(8_000),
    "11.025 kHz": lambda: at(11_025),
    "16 kHz": lambda: at(16_000),
    "44.1 kHz": lambda: at(44_100),
    "48 kHz": lambda: at(48_000),
    "96 kHz": lambda: at(96_000),
    "stereo": lambda: wav(np.stack([SPEECH, SPEECH], axis=1)),
    "one silent channel": lambda: wav(np.stack([SPEECH, np.zeros_like(SPEECH)], axis=1)),
    "six channels": lambda: wav(np.repeat(SPEECH[:, None], 6, axis=1)),
    "24 bit": lambda: wav(SPEECH, subtype="PCM_24"),
    "32 bit float": lambda: wav(SPEECH, subtype="FLOAT"),
    "64 bit float": lambda: wav(SPEECH, subtype="DOUBLE"),
    "8 bit": lambda: wav(SPEECH, subtype="PCM_U8"),
    "A-law": lambda: wav(SPEECH, subtype="ALAW"),
    "FLAC": lambda: wav(SPEECH, format="FLAC"),
    "OGG": lambda: wav(SPEECH, format="OGG"),
    "clipping": lambda: wav(np.clip(SPEECH * 20, -1, 1).astype(np.float32)),
    "beyond full scale": lambda: wav(SPEECH * 10, subtype="FLOAT"),
    "very quiet": lambda: wav(SPEECH * 0.02, subtype="FLOAT"),
    "DC offset": lambda: wav(np.clip(SPEECH + 0.3, -1, 1).astype(np.float32)),
    "no silence at its end": lambda: wav(SPEECH[: -round(1.2 * RATE)]),
    "cut in the middle of a sample": lambda: wav(SPEECH)[:-101],
}
"""Speech all the same. How well its words are recognised depends on the quality; that it is a turn does not."""

SILENT = {
    "one sample": lambda: wav(np.zeros(1, np.float32)),
    "zeros": lambda: wav(np.zeros(2 * RATE, np.float32)),
    "DC": lambda: wav(np.full(2 * RATE, 0.5, np.float32)),
    "faint noise": lambda: wav(np.random.default_rng(1).normal(0, QUIET / 10, 2 * RATE).astype(np.float32)),
}
"""Nobody speaks."""

ANYTHING = {
    "loud noise": lambda: wav(np.random.default_rng(1).normal(0, 0.2, 2 * RATE).astype(np.float32)),
    "a tone": lambda: wav((0.5 * np.sin(np.arange(2 * RATE) * 2 * np.pi * 220 / RATE)).astype(np.float32)),
    "a square wave at full scale": lambda: wav(np.sign(np.sin(np.arange(2 * RATE) / 30)).astype(np.float32)),
    "clicks": lambda: wav((np.arange(2 * RATE) % 5_000 == 0).astype(np.float32)),
    "a burst": lambda: wav(np.concatenate([np.zeros(RATE), np.ones(300), np.zeros(RATE)]).astype(np.float32)),
}
"""Sound that is no speech: it may be taken for a turn or not."""

UNUSABLE = {
    "an empty file": lambda: b"",
    "a header alone": lambda: wav(np.zeros(0, np.float32)),
    "a truncated header": lambda: wav(SPEECH)[:20],
    "a header without the data that it announces": lambda: wav(SPEECH)[:44],
    "text": lambda: b"Once upon a time there was no audio.\n" * 50,
    "an image": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "random bytes": lambda: np.random.default_rng(3).bytes(50_000),
    "zero bytes": lambda: bytes(50_000),
    "NaN": lambda: wav(with_nan(), subtype="FLOAT"),
    "NaN at its end": lambda: wav(with_nan(1.0), subtype="FLOAT"),
    "infinity": lambda: wav(np.where(np.isnan(with_nan()), np.inf, SPEECH).astype(np.float32), subtype="FLOAT"),
    "a rate of 1 Hz": lambda: wav(SPEECH, 1),
    "a rate of 1 MHz": lambda: wav(SPEECH, 1_000_000),
    "a rate of 0": lambda: wav(SPEECH)[:24] + struct.pack("<I", 0) + wav(SPEECH)[28:],
}
"""What is wrong is told."""


# -- in one engine ----------------------------------------------------------------------------------------------------


FILES = {**UNDERSTOOD, **SILENT, **ANYTHING, **UNUSABLE}
REPRESENTATIVE = {"8 kHz", "96 kHz", "stereo", "32 bit float", "clipping", "DC offset", "cut in the middle of a sample"}
Held = Callable[[str], SessionResult]


def each(names: Iterable[str]) -> pytest.MarkDecorator:
    """A test for each; those that are much like others are long, in sum."""
    quick = REPRESENTATIVE | SILENT.keys() | UNUSABLE.keys() | {"clicks", "a square wave at full scale"}
    marks = {name: () if name in quick else pytest.mark.long for name in names}
    return pytest.mark.parametrize("name", [pytest.param(name, marks=mark) for name, mark in marks.items()])


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """A session with a file, by its name; all sessions share one engine with the demo's stages."""
    folder = tmp_path_factory.mktemp("hostile")
    audio = folder / "audio.wav"
    audio.touch()
    source = f'audio_in={{use="file", options={{path="{audio}"}}}}'
    engine = Engine(load_profile(DEMO, [source, 'responder={use="constant"}']), Plugins())
    loop = asyncio.new_event_loop()

    @functools.cache
    def hold(name: str) -> SessionResult:
        audio.write_bytes(FILES[name]())
        result = loop.run_until_complete(engine.session(folder / "sessions"))
        loop.run_until_complete(asyncio.sleep(0))
        assert not asyncio.all_tasks(loop), "a session leaves no work behind"
        return result

    loop.run_until_complete(engine.__aenter__())
    yield hold
    loop.run_until_complete(engine.__aexit__())
    loop.close()


@each(FILES)
def test_every_session_is_recorded_to_its_end(held: Held, name: str) -> None:
    result = held(name)
    recording = read_recording(result.info.folder)
    assert recording.complete
    assert recording.turns == result.turns
    assert not [event for event in recording.events if event["kind"] == "stage_failed" and event["stage"] != "audio_in"]


@each(UNDERSTOOD)
def test_speech_is_a_turn_and_is_answered(held: Held, name: str) -> None:
    result = held(name)
    assert result.reason == "end of input"
    user, agent = result.turns
    assert 0.5 < user.start_s < 0.9
    assert 0.6 < user.end_s - user.start_s < 1.6
    natural = VOICE.options.voice().control("pitch_mean")
    assert user.features["pitch_mean"].value == pytest.approx(natural.from_z(0), rel=0.1)
    assert agent.text
    assert agent.end_s > agent.start_s


@each(["16 kHz", "44.1 kHz", "48 kHz", "96 kHz", "stereo", "24 bit", "32 bit float", "FLAC"])
def test_words_do_not_depend_on_the_format(held: Held, name: str) -> None:
    said = set(SENTENCE.split())
    assert len(said & set(held(name).turns[0].text.split())) >= 3, held(name).turns[0].text


@each(SILENT)
def test_silence_is_no_turn(held: Held, name: str) -> None:
    assert held(name).reason == "end of input"
    assert held(name).turns == ()


@each(ANYTHING)
def test_other_sounds_do_no_harm(held: Held, name: str) -> None:
    assert held(name).reason == "end of input"
    assert held(name).error is None


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_used_is_told_in_one_line(held: Held, name: str) -> None:
    result = held(name)
    assert result.error is not None
    assert "\n" not in result.reason
    assert ".wav" in result.reason
    assert "Error(" not in result.reason


def test_what_was_heard_before_it_went_wrong_is_kept(held: Held) -> None:
    """The agent's turn is measured while the user's side goes on, which breaks here."""
    user, agent = held("NaN at its end").turns
    assert user.features["pitch_mean"].value
    assert agent.features["pitch_mean"].value


# -- by the command line ----------------------------------------------------------------------------------------------


def _run(antiphon: CommandLine, tmp_path: Path, audio: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return antiphon("run", DEMO, "--audio", audio, "-q", "--sessions", tmp_path / "sessions", *more, status=None)


def _assert_one_clear_line(process: subprocess.CompletedProcess[str], audio: Path) -> None:
    assert process.returncode in (1, 2)
    assert "Traceback" not in process.stderr
    (line,) = process.stderr.splitlines()
    assert audio.name in line


@pytest.mark.parametrize("name", ["an empty file", *(pytest.param(n, marks=pytest.mark.long) for n in [*UNUSABLE][1:])])
def test_the_command_line_tells_what_cannot_be_used(antiphon: CommandLine, tmp_path: Path, name: str) -> None:
    audio = tmp_path / "speech.wav"
    audio.write_bytes(UNUSABLE[name]())
    _assert_one_clear_line(_run(antiphon, tmp_path, audio), audio)


def test_a_file_that_is_not_there(antiphon: CommandLine, tmp_path: Path) -> None:
    audio = tmp_path / "nowhere.wav"
    _assert_one_clear_line(_run(antiphon, tmp_path, audio), audio)
    assert not (tmp_path / "sessions").exists(), "nothing was opened"


@pytest.mark.long
def test_a_folder_in_place_of_a_file(antiphon: CommandLine, tmp_path: Path) -> None:
    _assert_one_clear_line(_run(antiphon, tmp_path, tmp_path), tmp_path)


def test_a_file_that_may_not_be_read(antiphon: CommandLine, tmp_path: Path) -> None:
    audio = tmp_path / "secret.wav"
    audio.write_bytes(wav(SPEECH))
    audio.chmod(0)
    if os.access(audio, os.R_OK):
        pytest.skip("this user may read everything")
    _assert_one_clear_line(_run(antiphon, tmp_path, audio), audio)


@pytest.mark.long
@pytest.mark.parametrize("name", ["clipping", "96 kHz", "zeros", "DC", "a tone"])
def test_the_command_line_holds_a_dialogue_with_the_rest(antiphon: CommandLine, tmp_path: Path, name: str) -> None:
    audio = tmp_path / "speech.wav"
    audio.write_bytes(FILES[name]())
    process = _run(antiphon, tmp_path, audio)
    assert (process.returncode, process.stderr) == (0, "")
    assert read_recording(Path(process.stdout.strip())).complete


# -- an hour ----------------------------------------------------------------------------------------------------------

MEASURE = """
import resource, sys
from antiphon.cli.main import main
try:
    main(sys.argv[1:])
finally:
    kilobytes = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print("peak", *kilobytes, file=sys.stderr)
"""


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in kilobytes on Linux")
def test_an_hour_of_speech_needs_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    """The file is read, endpointed and recorded piece by piece; a turn that does not end is cut."""
    minute, hour = (_peaks(tmp_path, f"{minutes}.wav", minutes) for minutes in (1, 60))
    for short, long in zip(minute, hour, strict=True):
        assert long < short + 60_000, (minute, hour)  # kilobytes; the hour alone is 318,000 as float32


def _peaks(folder: Path, name: str, minutes: int) -> tuple[int, int]:
    with WavWriter(folder / name, RATE) as out:
        while out.written < minutes * 60 * RATE:
            out.write(SPEECH)
            out.write(np.random.default_rng(out.written).normal(0, QUIET, 57 * RATE).astype(np.float32))
    program = [sys.executable, "-c", MEASURE, "run", DEMO, "--audio", folder / name, "-q", "--sessions", folder / "s"]
    process = subprocess.run(
        [*map(str, program), "--set", "session.turns=1000"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "Traceback" not in process.stderr
    turns = read_recording(Path(process.stdout.strip())).turns
    assert len(turns) == 2 * minutes
    own, children = process.stderr.split("peak ")[1].split()[:2]
    return int(own), int(children)
