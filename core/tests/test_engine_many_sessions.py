"""Many sessions in one process: they stay apart, and leave nothing behind."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import attrs
import pytest
from antiphon.engine import Engine
from antiphon.profile import Profile
from antiphon.profile.load import load_profile
from antiphon.recording.records import TurnRecord
from antiphon.testing.dialogues import FAKE_DIALOGUE, fake_plugins

FAKES = fake_plugins()
SHORT = ["strategy.options.noise=0.5", "audio_in.options={speech_s=0.3, silence_s=0.5, chunk_s=0.05}"]
COUNT = 20
OPEN_FILES = Path("/proc/self/fd")


def _profile(folder: Path) -> Profile:
    path = folder / "profile.toml"
    path.write_text(FAKE_DIALOGUE)
    return load_profile(path, SHORT, FAKES)


def _hold(profile: Profile, folder: Path, seeds: Iterable[int]) -> list[list[TurnRecord]]:
    """The turns of sessions held side by side, without what the wall clock measured."""

    async def hold() -> list[list[TurnRecord]]:
        async with Engine(profile, FAKES) as engine:
            results = await asyncio.gather(*(engine.session(folder / "sessions", seed=seed) for seed in seeds))
            return [[attrs.evolve(turn, latency_ms={}) for turn in result.turns] for result in results]

    return asyncio.run(hold())


def test_interleaved_sessions_have_the_turns_of_sessions_apart(tmp_path: Path) -> None:
    profile = _profile(tmp_path)
    together = _hold(profile, tmp_path, range(COUNT))
    apart = [turns for seed in range(COUNT) for turns in _hold(profile, tmp_path, [seed])]
    assert together == apart
    assert all(len(turns) == 6 for turns in together)
    assert len({str(turns) for turns in together}) == COUNT


def _open_files() -> set[str]:
    """What the process has open: paths, and pipes and sockets by their numbers."""
    found = set()
    for link in OPEN_FILES.iterdir():
        with contextlib.suppress(FileNotFoundError):  # the one through which the folder was listed
            found.add(str(link.readlink()))
    return found


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="the system does not tell the open files of a process")
def test_a_closed_engine_leaves_no_threads_and_no_open_files(tmp_path: Path) -> None:
    profile = _profile(tmp_path)
    _hold(profile, tmp_path, [0])  # what the interpreter opens once
    threads, files = set(threading.enumerate()), _open_files()
    _hold(profile, tmp_path, range(COUNT))
    assert not set(threading.enumerate()) - threads
    assert not _open_files() - files


def test_a_closed_engine_leaves_no_shared_memory(tmp_path: Path) -> None:
    (tmp_path / "profile.toml").write_text(FAKE_DIALOGUE)
    program = tmp_path / "program.py"
    program.write_text(
        """\
from pathlib import Path
from antiphon.engine import run_profile
from antiphon.testing.dialogues import fake_plugins

if __name__ == "__main__":
    overrides = ['recognizer.use="fake-process"', 'features=[{use="fake-process"}]', "audio_in.options.speech_s=2"]
    folder = Path(__file__).parent
    print(run_profile(folder / "profile.toml", sessions=folder, overrides=overrides, plugins=fake_plugins()).reason)
"""
    )
    ended = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("end of input\n", "")
