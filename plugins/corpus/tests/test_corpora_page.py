"""The commands of the page on corpora, run one after the other."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import soundfile
from antiphon.cli.main import main
from antiphon.features import Measurement
from antiphon.recording.records import TurnRecord
from antiphon.recording.serialize import to_json
from antiphon_corpus.turn_table import read_turn_table
from click.testing import CliRunner
from praatio import textgrid

PAGE = Path(__file__).resolve().parents[3] / "docs" / "corpora.md"
RATE = 8_000
TURNS = {0: [(0.2, 1.0, "so where"), (2.0, 2.8, "at the end")], 1: [(1.1, 1.9, "here"), (3.0, 3.8, "good")]}


def sound(*channels: int) -> np.ndarray:
    t = np.arange(4 * RATE) / RATE
    return np.stack([0.1 * np.sign(np.sin(2 * np.pi * (120, 210)[channel] * t)) for channel in channels], axis=1)


def words(folder: Path, name: str, channel: int, form: str, header: str = "") -> None:
    lines = [form.format(a=a, b=b, t=t) for a, b, t in TURNS[channel]]
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join([header, *lines] if header else lines) + "\n", "utf-8")


def make_files(folder: Path) -> None:
    """What the page supposes to be there."""
    for name in ("talks", "pairs", "fisher", "switchboard", "games", "sessions"):
        (folder / name).mkdir()
    grid = textgrid.Textgrid()
    for channel, name in enumerate(("ann", "bob")):
        grid.addTier(textgrid.IntervalTier(name, TURNS[channel], 0, 4))
        words(folder / "pairs", f"c1_{name}.csv", channel, "{a},{b},{t}", "start,end,word")
        soundfile.write(folder / f"pairs/c1_{name}.wav", sound(channel), RATE)
    soundfile.write(folder / "talks/c1.wav", sound(0, 1), RATE)
    grid.save(str(folder / "talks/c1.TextGrid"), "long_textgrid", includeBlankSpaces=True)
    soundfile.write(folder / "one.wav", sound(0, 1), RATE)
    one = textgrid.Textgrid()
    for channel, name in enumerate(("left", "right")):
        one.addTier(textgrid.IntervalTier(name, TURNS[channel], 0, 4))
    one.save(str(folder / "one.TextGrid"), "short_textgrid", includeBlankSpaces=True)
    for channel, name in enumerate(("ann", "eve")):
        words(folder, f"two-{name}.csv", channel, "{a},{b},{t}", "start,end,word")
        soundfile.write(folder / f"two-{name}.wav", sound(channel), RATE)
    soundfile.write(folder / "fisher/fe_03_00001.sph", sound(0, 1), RATE, format="NIST")
    soundfile.write(folder / "switchboard/sw02001.sph", sound(0, 1), RATE, format="NIST")
    sides = [f"{a} {b} {side}: {t}" for channel, side in enumerate("AB") for a, b, t in TURNS[channel]]
    (folder / "fisher/fe_03_00001.txt").write_text("\n\n".join(["# fe_03_00001.sph", *sides]), "utf-8")
    for channel, side in enumerate("AB"):
        words(
            folder / "switchboard",
            f"sw2001{side}-ms98-a-word.text",
            channel,
            f"sw2001{side}-ms98-a-0001 {{a}} {{b}} {{t}}",
        )
        words(folder / "games", f"s01.objects.1.{side}.words", channel, "{a} {b} {t}")
        soundfile.write(folder / f"games/s01.objects.1.{side}.wav", sound(channel), RATE)
    (folder / "sessions/s1").mkdir()
    turns = [
        TurnRecord(0, who, at, at + 1, "hello", features={"rate": Measurement(2.0)})
        for who, at in (("user", 0.0), ("agent", 1.5))
    ]
    (folder / "sessions/s1/turns.jsonl").write_text("".join(to_json(turn) + "\n" for turn in turns), "utf-8")


@pytest.mark.long
def test_every_command_does_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_files(tmp_path)
    page = PAGE.read_text("utf-8")
    (tmp_path / "list.csv").write_text(re.findall(r"```csv\n(.*?)```", page, re.DOTALL)[0], "utf-8")
    commands = list(dict.fromkeys(re.findall(r"^    antiphon (.*)$", page.replace("\\\n", " "), re.MULTILINE)))
    assert len(commands) == 9
    for command in commands:
        arguments = [str(word) for text in shlex.split(command) for word in (sorted(Path().glob(text)) or [text])]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, f"{command}\n{result.output}"
    assert (tmp_path / "talks.png").exists()
    listed = read_turn_table(tmp_path / "listed.parquet").frame
    assert listed["speaker"].cat.categories.tolist() == ["Ann Lee", "Bob Roe", "Eve Poe"]
    assert [spec.name for spec in read_turn_table(tmp_path / "few.parquet").features] == ["duration", "pitch_mean"]
    for name in ("talks", "pairs", "fisher", "switchboard", "games"):
        frame = read_turn_table(tmp_path / f"{name}.parquet").frame
        assert frame["text"].tolist() == ["so where", "here", "at the end", "good"], name
        np.testing.assert_allclose(frame["pitch_mean"], [120, 210, 120, 210], rtol=0.02)
        done = json.loads((tmp_path / f"{name}.import.json").read_text("utf-8"))
        assert done["failures"] == {}
