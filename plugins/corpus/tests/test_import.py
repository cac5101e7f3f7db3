"""Importing audio and transcripts, from the command to the table."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from antiphon.audio_files import read_audio
from antiphon.cli.main import main
from antiphon.discovery import Plugins
from antiphon.errors import InputError
from antiphon.features import Measurement
from antiphon.payloads import Audio, SpeechRequest, Utterance
from antiphon.stages import Setup
from antiphon_corpus.importing.choose import choose_extractors
from antiphon_corpus.turn_table import TurnTable, read_turn_table
from click.testing import CliRunner, Result

RATE = 16_000
Turn = tuple[str, float, float, str]

TALK: list[Turn] = [
    ("A", 0.5, 1.5, "so where were we"),
    ("B", 1.6, 2.4, "at the second page"),
    ("A", 2.5, 3.3, "מה 你好"),
    ("B", 3.25, 3.9, "yes"),
]
PITCH = {"A": 120.0, "B": 210.0}


def voice(f0: float, duration_s: float) -> np.ndarray:
    """A buzz with a pitch that is known."""
    t = np.arange(round(duration_s * RATE)) / RATE
    return 0.1 * sum(np.sin(2 * np.pi * f0 * k * t) / k for k in range(1, 12)).astype(np.float32)


def stereo(turns: Sequence[Turn]) -> np.ndarray:
    samples = np.zeros((round((max(end for _, _, end, _ in turns) + 0.5) * RATE), 2), np.float32)
    for speaker, start, end, _ in turns:
        buzz = voice(PITCH[speaker], end - start)
        samples[round(start * RATE) :][: len(buzz), "AB".index(speaker)] += buzz
    return samples


def words(turns: Sequence[Turn]) -> str:
    return "speaker,start,end,text\n" + "".join(f"{s},{a},{b},{t}\n" for s, a, b, t in turns)


def conversation(folder: Path, name: str, turns: Sequence[Turn] = TALK) -> None:
    folder.mkdir(exist_ok=True)
    soundfile.write(folder / f"{name}.wav", stereo(turns), RATE)
    (folder / f"{name}.csv").write_text(words(turns), "utf-8")


def antiphon(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["corpus", "import", *map(str, arguments)])


def audio(folder: Path, *arguments: object, status: int = 0) -> Result:
    given = ("--transcripts", "{conversation}.csv") if "--transcripts" not in arguments else ()
    result = antiphon("audio", folder, "-o", folder.parent / "table.csv", *given, *arguments)
    assert result.exit_code == status, result.output
    return result


def table(folder: Path) -> TurnTable:
    return read_turn_table(folder / "table.csv")


def record(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "table.import.json").read_text("utf-8"))
    return content


def test_channels_become_speakers_and_every_turn_is_measured(tmp_path: Path) -> None:
    for name in ("c1", "c2"):
        conversation(tmp_path / "talks", name)
    result = audio(tmp_path / "talks")
    assert "2 conversations, 4 speakers, 8 turns" in result.output
    frame = table(tmp_path).frame
    assert frame["speaker"].tolist()[:4] == ["c1:A", "c1:B", "c1:A", "c1:B"]
    assert frame["text"].tolist()[:4] == [text for *_, text in TALK]
    assert frame["start_s"].tolist()[:4] == [start for _, start, _, _ in TALK]
    pitch = frame["pitch_mean"].to_numpy()[:4]
    np.testing.assert_allclose(pitch, [PITCH[s] for s, *_ in TALK], rtol=0.01)
    assert frame["duration"].tolist()[:4] == pytest.approx([1.0, 0.8, 0.8, 0.65])
    assert frame["rate"][0] == pytest.approx(4 / 1.0)
    assert {"pitch_sd", "nhr_voiced"} <= {spec.name for spec in table(tmp_path).features}, "declared beside the table"
    assert not (tmp_path / "table.csv.parts").exists()


def test_the_extractors_are_those_of_live_dialogues(tmp_path: Path) -> None:
    conversation(tmp_path / "talks", "c1")
    audio(tmp_path / "talks", "--set", "praat.pitch_ceiling=400")
    plugins, known = Plugins(), dict[str, Measurement]()
    samples = read_audio(tmp_path / "talks/c1.wav", channel=1)
    _, start_s, end_s, text = TALK[1]
    utterance = Utterance("user", text, samples.between(round(start_s * RATE), round(end_s * RATE)))
    for name, options in (("praat", {"pitch_ceiling": 400.0}), ("rate", {})):
        provider = plugins.find("features", name).provider
        session = provider.open(provider.options_class()(**options), Setup()).session(0)
        known.update(session.extract(utterance, known))
    row = table(tmp_path).frame.iloc[1]
    assert {name: m.value for name, m in known.items()} == {name: row[name] for name in known}
    extractors = record(tmp_path)["extractors"]
    assert [(e["use"], e["distribution"]) for e in extractors] == [  # type: ignore[attr-defined]
        ("praat", "antiphon-features-praat"),
        ("rate", "antiphon-asr-sphinx"),
    ]
    assert extractors[0]["options"]["pitch_ceiling"] == 400.0  # type: ignore[index]


def test_a_profile_brings_its_extractors(tmp_path: Path) -> None:
    conversation(tmp_path / "talks", "c1")
    profile = tmp_path / "profile.toml"
    profile.write_text(
        'schema = 1\nname = "p"\n[audio_in]\nuse = "terminal"\n[[features]]\nuse = "constant"\n'
        "options.values = { pitch_mean = 100.0 }\noptions.fuzz = 0.1\n"
    )
    audio(tmp_path / "talks", "--profile", profile, "--jobs", 1)
    values = table(tmp_path).frame["pitch_mean"]
    assert values.between(90, 110).all()
    assert values.nunique() == 4, "a session a speaker, each with a seed of its own"
    audio(tmp_path / "talks", "--profile", profile, "--jobs", 2, "--force")
    assert table(tmp_path).frame["pitch_mean"].tolist() == values.tolist(), "whoever does the work"
    assert (
        "leave out --features"
        in audio(tmp_path / "talks", "--profile", profile, "--features", "praat", status=1).output
    )


def test_what_was_done_is_recorded(tmp_path: Path) -> None:
    turns = [*TALK, ("A", 4.5, 4.6, "[laughter]"), ("A", 5.0, 6.0, "and I said so"), ("B", 5.2, 5.3, "mhm")]
    conversation(tmp_path / "talks", "c1", turns)
    rules = (
        "--markup",
        "brackets",
        "--contained",
        "drop",
        "--max-pause",
        2,
        "--max-backchannel",
        0.2,
        "--silence",
        "X",
    )
    audio(tmp_path / "talks", *rules, "--features", "praat")
    done = record(tmp_path)
    assert done["rules"] == {
        "ipu_pause_s": 0.05,
        "silence": ["#", "sil", "sp", "<sil>", "<p:>", "<eps>", "[silence]", "X"],
        "markup": "brackets",
        "turns": {
            "max_pause_s": 2.0,
            "max_backchannel_s": 0.2,
            "max_backchannel_words": None,
            "contained": "drop",
            "keep_empty": False,
        },
    }
    (one,) = done["conversations"].values()  # type: ignore[attr-defined]
    assert one["left_out"] == {"empty": 1, "contained": 1}
    assert one["turns"] == 5
    hashed = subprocess.run(["sha256sum", tmp_path / "talks/c1.wav"], capture_output=True, text=True, check=True).stdout
    assert one["inputs"][str(tmp_path / "talks/c1.wav")] == hashed.split()[0]
    assert {"python", "antiphon", "antiphon-corpus", "praatio"} <= done["versions"].keys()  # type: ignore[attr-defined]


def test_missing_measurements_stay_rows_beside_the_others_and_their_reasons_are_counted(tmp_path: Path) -> None:
    silent = [TALK[0], ("B", 1.6, 2.4, "whispered"), TALK[2]]
    conversation(tmp_path / "talks", "c1", silent)
    samples, _ = soundfile.read(tmp_path / "talks/c1.wav")
    samples[:, 1] = 0
    soundfile.write(tmp_path / "talks/c1.wav", samples, RATE)
    audio(tmp_path / "talks")
    frame = table(tmp_path).frame
    assert frame["text"].tolist() == [text for *_, text in silent]
    assert frame["pitch_mean"].isna().tolist() == [False, True, False]
    assert frame["rate"].notna().tolist() == [True, True, False], (
        "Hebrew and Chinese have no syllables in its dictionary"
    )
    missing = record(tmp_path)["missing"]
    assert sum(missing["pitch_mean"].values()) == 1  # type: ignore[index]


def test_a_file_for_each_speaker(tmp_path: Path) -> None:
    talks = tmp_path / "talks"
    talks.mkdir()
    for channel, name in enumerate("AB"):
        soundfile.write(talks / f"c1_{name}.flac", stereo(TALK)[:, channel], RATE)
        mine = [turn for turn in TALK if turn[0] == name]
        (talks / f"c1_{name}.ctm").write_text("".join(f"c1 1 {a} {b - a} {t.split()[0]}\n" for _, a, b, t in mine))
    names = ("--audio", "{conversation}_{speaker}.flac", "--transcripts", "{conversation}_{speaker}.ctm")
    audio(talks, *names, "--features", "praat", "--shared-speakers")
    frame = table(tmp_path).frame
    assert frame["speaker"].tolist() == ["A", "B", "A", "B"]
    np.testing.assert_allclose(frame["pitch_mean"], [PITCH[s] for s, *_ in TALK], rtol=0.01)


def test_fisher_with_sphere_audio(tmp_path: Path) -> None:
    folder = tmp_path / "tran"
    folder.mkdir()
    lines = "".join(f"{a} {b} {s}: {t} [laughter]\n\n" for s, a, b, t in TALK)
    (folder / "fe_03_00001.txt").write_text(f"# fe_03_00001.sph\n# Transcribed at the LDC\n\n{lines}", "utf-8")
    soundfile.write(folder / "fe_03_00001.sph", stereo(TALK), RATE, format="NIST")
    result = antiphon("fisher", folder, "-o", tmp_path / "table.csv", "--features", "praat")
    assert result.exit_code == 0, result.output
    assert "there is no *calldata.tbl: speakers have no names" in result.output
    frame = table(tmp_path).frame
    assert frame["text"].tolist() == [text for *_, text in TALK], "each once, the last one too"
    assert frame["end_s"].tolist() == [end for _, _, end, _ in TALK]
    np.testing.assert_allclose(frame["pitch_mean"], [PITCH[s] for s, *_ in TALK], rtol=0.01)
    header = (folder / "fe_03_00001.sph").read_bytes().replace(b"-s3 pcm", b"-s26 pcm,embedded-shorten-v2.00")
    (folder / "fe_03_00001.sph").write_bytes(header)
    result = antiphon("fisher", folder, "-o", tmp_path / "other.csv", "--features", "praat")
    assert result.exit_code == 1
    assert "compressed with shorten" in result.output
    assert "sph2pipe -f wav fe_03_00001.sph fe_03_00001.wav" in result.output


def test_overlapped_lines_of_fisher_end_the_turn_where_speech_ends(tmp_path: Path) -> None:
    lines = (
        "0.50 5.25 A: a long one",
        "1.00 2.00 A: over itself",
        "5.50 6.00 B: [noise]",
        "6.50 7.00 A: and on",
        "7.5 8 B: yes",
    )
    (tmp_path / "fe_03_00002.txt").write_text("\n\n".join(lines))
    result = antiphon("fisher", tmp_path, "-o", tmp_path / "table.csv", "--no-audio", "--max-pause", 1)
    assert result.exit_code == 0, result.output
    frame = table(tmp_path).frame
    assert frame["text"].tolist() == ["a long one over itself", "and on", "yes"]
    assert frame["end_s"].tolist() == [5.25, 7.0, 8.0]
    assert antiphon("fisher", tmp_path, "-o", tmp_path / "table.csv", "--no-audio", "--force").exit_code == 0
    assert table(tmp_path).frame["text"].tolist() == ["a long one over itself and on", "yes"], "a noise splits no turn"


@pytest.mark.parametrize("layout", ["switchboard", "games"])
def test_corpora_of_words(tmp_path: Path, layout: str) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for channel, side in enumerate("AB"):
        parts = [
            (a + i * 0.2, a + (i + 1) * 0.2, w) for s, a, _, t in TALK if s == side for i, w in enumerate(t.split())
        ]
        if layout == "games":
            (folder / f"s01.objects.1.{side}.words").write_text("".join(f"{a} {b} {w}\n" for a, b, w in parts), "utf-8")
            soundfile.write(folder / f"s01.objects.1.{side}.wav", stereo(TALK)[:, channel], RATE)
        else:
            lines = [f"sw2001{side}-ms98-a-{i:04} {a} {b} {w}\n" for i, (a, b, w) in enumerate(parts)]
            (folder / f"sw2001{side}-ms98-a-word.text").write_text("".join(lines), "utf-8")
            soundfile.write(folder / "sw02001.sph", stereo(TALK), RATE, format="NIST")
    result = antiphon(layout, folder, "-o", tmp_path / "table.csv", "--features", "praat")
    assert result.exit_code == 0, result.output
    frame = table(tmp_path).frame
    assert frame["text"].tolist() == [text for *_, text in TALK]
    np.testing.assert_allclose(frame["pitch_mean"], [PITCH[s] for s, *_ in TALK], rtol=0.01)
    without = antiphon(layout, folder, "-o", tmp_path / "plain.csv", "--no-audio")
    assert without.exit_code == 0, without.output
    assert read_turn_table(tmp_path / "plain.csv").features == ()


def test_what_fails_is_told_with_its_reason_and_stops_nothing(tmp_path: Path) -> None:
    talks = tmp_path / "talks"
    for name in ("good", "late", "mono", "nobody", "none", "cut", "wrong", "alone"):
        conversation(talks, name, [TALK[0]] if name == "alone" else TALK)
    soundfile.write(talks / "late.wav", stereo(TALK)[: 2 * RATE], RATE)
    soundfile.write(talks / "mono.wav", stereo(TALK)[:, 0], RATE)
    (talks / "nobody.csv").write_text(words([("A", 0.5, 1.5, "#")]))
    (talks / "none.wav").unlink()
    (talks / "wrong.csv").write_text(words([("A", 0.5, 1.5, "so"), ("B", -1, 1.5, "so")]))
    content = (talks / "cut.wav").read_bytes()
    soundfile.write(talks / "cut.wav", stereo(TALK), RATE, format="FLAC")
    (talks / "cut.wav").write_bytes((talks / "cut.wav").read_bytes()[: len(content) // 12])
    result = audio(talks, "--features", "praat", status=1)
    for name, reason in {
        "late": "late.wav: the transcript goes on to 3.30 s, but the audio ends at 2.00 s",
        "mono": "mono.wav: has no channel 1; choose one from 0 to 0",
        "nobody": "nobody.csv: nobody says anything in it",
        "none": "there is no audio of A; check --audio",
        "cut": "cut.wav: ",
        "wrong": "wrong.csv: row 3: it starts at -1 s",
    }.items():
        assert f"failed {name}: " in result.output
        assert reason in result.output.replace(f"{talks}/", "")
    assert "6 of 8 failed" in result.output
    assert "dropped 1 conversations of one speaker" in result.output
    assert table(tmp_path).frame["conversation"].unique().tolist() == ["good"]
    assert sorted(record(tmp_path)["failures"]) == ["cut", "late", "mono", "nobody", "none", "wrong"]  # type: ignore[call-overload]


def test_files_that_mix_speakers_are_refused(tmp_path: Path) -> None:
    talks = tmp_path / "talks"
    talks.mkdir()
    for name in "AB":
        soundfile.write(talks / f"c1_{name}.wav", stereo(TALK), RATE)
    (talks / "c1.csv").write_text(words(TALK))
    result = audio(talks, "--audio", "{conversation}_{speaker}.wav", "--features", "praat", status=1)
    assert "c1_A.wav: it has 2 channels, and nobody said which is this speaker's" in result.output
    assert not (tmp_path / "table.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--features", "rate"), '"rate" reads duration, but no extractor before it writes it'),
        (("--features", "prat"), 'did you mean "praat"?'),
        (("--set", "praat.pitch_flor=3"), 'pitch_flor: unknown key; did you mean "pitch_floor"?'),
        (("--set", "praat.pitch_floor=low"), "the value is not TOML"),
        (("--set", "pitch_floor=80"), "not of the form NAME.OPTION=VALUE, with NAME one of praat, rate"),
        (("--max-backchannel-words", 1), "needs --max-backchannel"),
        (("-o", "table.xlsx"), ".csv or .parquet"),
        (("-o", "no/such/table.csv"), "there is no folder"),
    ],
)
def test_mistakes_are_told_before_anything_is_done(tmp_path: Path, arguments: tuple[object, ...], message: str) -> None:
    conversation(tmp_path / "talks", "c1")
    result = audio(tmp_path / "talks", *arguments, status=1)
    assert message in result.output
    assert "Traceback" not in result.output


def test_extractors_that_are_not_installed_are_told_with_what_brings_them() -> None:
    with pytest.raises(
        InputError, match=r"no plugin registers features \"praat\".*pip install 'antiphon-corpus\[audio\]'"
    ):
        choose_extractors(plugins=Plugins(installed=False))


def test_a_table_that_is_there_is_kept(tmp_path: Path) -> None:
    conversation(tmp_path / "talks", "c1")
    (tmp_path / "table.csv").write_text("precious")
    assert "is there already" in audio(tmp_path / "talks", "--no-audio", status=1).output
    assert (tmp_path / "table.csv").read_text() == "precious"
    audio(tmp_path / "talks", "--no-audio", "--force")
    assert len(table(tmp_path).frame) == 4


def test_a_table_may_lie_beside_what_it_is_made_of(tmp_path: Path) -> None:
    conversation(tmp_path / "talks", "c1")
    (tmp_path / "talks/c1.json").write_text(json.dumps([{"speaker": "A", "start": 0, "end": 1, "word": "so"}]))
    for suffix in ("csv", "json"):
        (tmp_path / "talks" / f"broken.{suffix}").write_text("")
        names = (
            "--transcripts",
            f"{{conversation}}.{suffix}",
            "--no-audio",
            "-o",
            tmp_path / "talks/table.csv",
            "--force",
        )
        for _ in range(2):
            assert "1 of 2 failed" in audio(tmp_path / "talks", *names, "--monologues", "keep", status=1).output


# -- interrupted, killed, crashed --------------------------------------------------------------------------------------

SLOW = """
import os, signal, time
from pathlib import Path
from antiphon.features import PITCH_MEAN, Measurement

class Slow:
    writes = (PITCH_MEAN,)
    def __init__(self, options, setup):
        self.folder = setup.folder
    def session(self, seed):
        return self
    def extract(self, utterance, known):
        with (self.folder / "log").open("a") as log:
            log.write(utterance.text + "\\n")
        if "crash" in utterance.text and not (self.folder / "mended").exists():
            os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(float((self.folder / "seconds").read_text()))
        return {"pitch_mean": Measurement(float(len(utterance.text)))}
"""


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight conversations, and an extractor that takes its time and writes down what it was given."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "seconds").write_text("0")
    for number in range(8):
        conversation(tmp_path / "talks", f"c{number}", [(s, a, b, f"{number} {t}") for s, a, b, t in TALK])
    return tmp_path / "talks"


COMMAND = ("--transcripts", "{conversation}.csv", "--features", "./slow.py:Slow", "--jobs", "2")


def start(talks: Path) -> subprocess.Popen[str]:
    """The import as a program of its own, with all its processes in a group of theirs."""
    (talks.parent / "seconds").write_text("0.05")
    return subprocess.Popen(
        [sys.executable, "-m", "antiphon", "corpus", "import", "audio", "talks", "-o", "table.csv", *COMMAND],
        cwd=talks.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def finished(talks: Path) -> int:
    return len(list((talks.parent / "table.csv.parts").glob("*.json")))


def wait_until(condition: object, what: str) -> None:
    until = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, what
        time.sleep(0.01)


def members(group: int) -> list[int]:
    """The processes of a group."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("how", ["kill -9", pytest.param("Ctrl-C", marks=pytest.mark.long)])
def test_what_was_finished_is_not_done_again(slow: Path, how: str) -> None:
    audio(slow, *COMMAND)
    whole = (slow.parent / "table.csv").read_bytes()
    for path in (slow.parent / "table.csv", slow.parent / "log"):
        path.unlink()
    process = start(slow)
    wait_until(lambda: finished(slow) >= 3, "the import did not get that far")
    if how == "kill -9":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == (-9 if how == "kill -9" else 130), output
    wait_until(lambda: not members(process.pid), "processes outlive the one that started them")
    kept = finished(slow)
    assert 3 <= kept < 8
    assert not (slow.parent / "table.csv").exists()
    (slow.parent / "log").unlink()
    (slow.parent / "seconds").write_text("0")
    result = audio(slow, *COMMAND)
    assert f"{kept} of 8 conversations were finished by an earlier run" in result.output
    assert len((slow.parent / "log").read_text().splitlines()) == 4 * (8 - kept)
    assert (slow.parent / "table.csv").read_bytes() == whole
    assert not (slow.parent / "table.csv.parts").exists()


def test_a_process_that_crashes_takes_one_conversation_with_it(slow: Path) -> None:
    (slow / "c3.csv").write_text(words([(s, a, b, f"crash {t}") for s, a, b, t in TALK]))
    result = audio(slow, *COMMAND, status=1)
    assert "failed c3: the process was killed by signal 11 while it worked on this" in result.output
    assert table(slow.parent).frame["conversation"].nunique() == 7
    (slow.parent / "mended").touch()
    (slow.parent / "log").unlink()
    audio(slow, *COMMAND)
    assert table(slow.parent).frame["conversation"].nunique() == 8
    assert len((slow.parent / "log").read_text().splitlines()) == 4, "only what had failed"


def test_an_extractor_that_cannot_be_opened_ends_the_import(slow: Path) -> None:
    refuses = "        raise __import__('antiphon.errors').errors.InputError('there is no model; get one')"
    (slow.parent / "slow.py").write_text(SLOW.replace("        self.folder = setup.folder", refuses))
    result = audio(slow, *COMMAND, status=1)
    assert "Error: there is no model; get one" in result.output
    assert not (slow.parent / "table.csv").exists()


def test_other_settings_and_changed_files_are_done_again(slow: Path) -> None:
    (slow / "c3.csv").write_text("speaker,start,end,text\n")
    command = (*COMMAND[:-1], 1)
    audio(slow, *command, status=1)
    assert len((slow.parent / "log").read_text().splitlines()) == 4 * 7
    conversation(slow, "c0", TALK[:2])
    audio(slow, *command, status=1)
    assert len((slow.parent / "log").read_text().splitlines()) == 4 * 7 + 2
    audio(slow, *command, "--max-pause", 0.1, status=1)
    assert len((slow.parent / "log").read_text().splitlines()) == 2 * (4 * 6 + 2) + 4


def test_an_extractor_in_a_file_is_known_by_what_is_in_it(slow: Path) -> None:
    before = choose_extractors(["./slow.py:Slow"]).record
    (slow.parent / "slow.py").write_text(SLOW + "# better")
    assert choose_extractors(["./slow.py:Slow"]).record != before


# -- real voices -------------------------------------------------------------------------------------------------------


def phrases(kathleen: Path, count: int) -> list[tuple[str, Audio]]:
    with (kathleen / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE))[::37][:count]
    return [(row["text"], read_audio(kathleen / "wavs" / f"{row['id']}.flac")) for row in rows]


def spoken(texts: Sequence[str]) -> list[tuple[str, Audio]]:
    provider = Plugins().find("synthesizer", "espeak").provider
    options = provider.options_class()()
    session = provider.open(options, Setup(voice=options.voice())).session(0)
    said = []
    for text in texts:
        pieces = [s.audio for s in session.stream(SpeechRequest(text)) if s.audio is not None]
        said.append((text, Audio(np.concatenate([p.samples for p in pieces]), pieces[0].sample_rate)))
    return said


@pytest.mark.long
def test_a_reader_talks_with_a_synthesizer(tmp_path: Path, kathleen: Path) -> None:
    pytest.importorskip("antiphon_tts_espeak")
    read = phrases(kathleen, 4)
    said = spoken([text for text, _ in read])
    rate = read[0][1].sample_rate
    assert said[0][1].sample_rate == rate
    samples, turns, at = np.zeros((60 * rate, 2), np.float32), [], rate // 2
    for ours, theirs in zip(read, said, strict=True):
        for channel, (text, heard) in enumerate((ours, theirs)):
            samples[at : at + len(heard.samples), channel] = heard.samples
            turns.append(("AB"[channel], at / rate, (at + len(heard.samples)) / rate, text, heard))
            at += len(heard.samples) + rate // 5
    (tmp_path / "talks").mkdir()
    soundfile.write(tmp_path / "talks/c1.wav", samples[: at + rate], rate, subtype="FLOAT")
    (tmp_path / "talks/c1.json").write_text(
        json.dumps([{"speaker": s, "start": a, "end": b, "text": t} for s, a, b, t, _ in turns])
    )
    audio(tmp_path / "talks", "--transcripts", "{conversation}.json")
    frame = table(tmp_path).frame
    provider = Plugins().find("features", "praat").provider
    praat = provider.open(provider.options_class()(), Setup()).session(0)
    for number, (*_, text, heard) in enumerate(turns):
        expected = praat.extract(Utterance("user", text, heard), {})
        for name, measurement in expected.items():
            assert frame[name][number] == pytest.approx(measurement.value, rel=1e-6), (number, name)
    assert frame["rate"].between(1, 9).all()
