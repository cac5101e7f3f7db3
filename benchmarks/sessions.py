"""A hundred interleaved sessions in one process, with fakes: whether they stay apart, and what they leave behind.

The fakes are deterministic by their seed, so every session must have the turns of the same seed held alone. Memory is
that of the process while a round of sessions is held and after it; the first round also fills caches and pools, so a
leak is what grows from the second round on.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import attrs
from antiphon.engine import Engine
from antiphon.profile import Profile
from antiphon.profile.load import load_profile
from antiphon.recording.records import TurnRecord
from antiphon.testing.dialogues import FAKE_DIALOGUE, fake_plugins
from attrs import frozen

from benchmarks.common import Figure, Report, Settings, command, figure

ROUNDS = 3
PLUGINS = fake_plugins()
OVERRIDES = ["strategy.options.noise=0.5", "audio_in.options={speech_s=0.3, silence_s=0.5, chunk_s=0.03}"]
PROC = Path("/proc/self")


@frozen
class Left:
    """What the process holds: resident memory, Python objects, threads and open files; zeros where the system does
    not tell."""

    megabytes: float
    objects: int
    threads: int
    files: int


@frozen
class Round:
    """A round of interleaved sessions."""

    seconds: float
    peak_megabytes: float
    after: Left


def run(settings: Settings) -> Report:
    """Hold many sessions side by side, three times over, and each alone."""
    count = 10 if settings.quick else 100
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "profile.toml").write_text(FAKE_DIALOGUE, encoding="utf-8")
        profile = load_profile(folder / "profile.toml", OVERRIDES, PLUGINS)
        seconds: list[float] = []
        alone = [_alone(profile, folder, seed, seconds) for seed in range(count)]
        start = _left()
        before, rounds, crossed = asyncio.run(_rounds(profile, folder, alone))
        end = _left()
    held = [r.after.megabytes for r in rounds]
    objects = rounds[-1].after.objects - rounds[-2].after.objects
    seconds_together = statistics.median(r.seconds for r in rounds)
    per_session = 1e3 / count
    return Report(
        f"{count} interleaved sessions",
        [
            Figure("sessions whose turns are not those of the same seed held alone", str(crossed), "0", crossed == 0),
            figure("a session, held alone", 1e3 * statistics.median(seconds), "ms"),
            figure("a session, of those side by side", seconds_together * per_session, "ms"),
            figure("memory by session, while they are held", _peak(before, rounds) * per_session, "kB"),
            figure("memory left by session, by the first round", (held[0] - before.megabytes) * per_session, "kB"),
            *(
                Figure(
                    f"memory of the process after round {number}",
                    f"{megabytes:.1f} MB",
                    "" if number == 1 else "at most 5 % more than after round 1",
                    None if number == 1 else megabytes <= 1.05 * held[0],
                )
                for number, megabytes in enumerate(held, start=1)
            ),
            figure("Python objects left by session, by the last round", objects / count, at_most=1),
            _the_same("threads", start.threads, end.threads),
            _the_same("open files", start.files, end.files),
        ],
        [f"Three turns each; {ROUNDS} rounds in one engine."],
    )


def _alone(profile: Profile, folder: Path, seed: int, seconds: list[float]) -> list[TurnRecord]:
    async def hold() -> list[TurnRecord]:
        async with Engine(profile, PLUGINS) as engine:
            started = time.perf_counter()
            result = await engine.session(folder / "alone", seed=seed)
            seconds.append(time.perf_counter() - started)
            return _without_clock(result.turns)

    return asyncio.run(hold())


async def _rounds(profile: Profile, folder: Path, alone: Sequence[list[TurnRecord]]) -> tuple[Left, list[Round], int]:
    """What there was before the first round, the rounds, and how many sessions differed from those held alone."""
    crossed = 0
    rounds: list[Round] = []
    async with Engine(profile, PLUGINS) as engine:
        before = _left()
        for _ in range(ROUNDS):
            watch = asyncio.ensure_future(_watch())
            started = time.perf_counter()
            results = await asyncio.gather(
                *(engine.session(folder / "together", seed=seed) for seed in range(len(alone)))
            )
            seconds = time.perf_counter() - started
            watch.cancel()
            peak = await watch
            crossed += sum(_without_clock(r.turns) != turns for r, turns in zip(results, alone, strict=True))
            del results
            rounds.append(Round(seconds, peak, _left()))
    return before, rounds, crossed


async def _watch() -> float:
    """The most memory that was held until this is cancelled."""
    peak = 0.0
    try:
        while True:
            peak = max(peak, _megabytes())
            await asyncio.sleep(0.02)
    except asyncio.CancelledError:
        return peak


def _without_clock(turns: Sequence[TurnRecord]) -> list[TurnRecord]:
    """The turns without what the wall clock measured."""
    return [attrs.evolve(turn, latency_ms={}) for turn in turns]


def _left() -> Left:
    """What is held when everything that is free has been given back to the system."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # glibc alone has it
        ctypes.CDLL(None).malloc_trim(0)
    files = len(list((PROC / "fd").iterdir())) if PROC.exists() else 0
    return Left(_megabytes(), len(gc.get_objects()), threading.active_count(), files)


def _megabytes() -> float:
    """Resident memory."""
    if not PROC.exists():
        return 0.0
    status = (PROC / "status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1e3


def _peak(before: Left, rounds: Sequence[Round]) -> float:
    return max(r.peak_megabytes for r in rounds) - before.megabytes


def _the_same(what: str, before: int, after: int) -> Figure:
    return Figure(f"{what} after all rounds", str(after), f"{before}, as before", after == before)


main = command(run)

if __name__ == "__main__":
    main()
