"""What it costs to hand audio to a stage, on a thread and in a worker process, and to write a recording."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from antiphon.discovery import Plugins
from antiphon.engine.component_thread import ComponentThread
from antiphon.engine.worker import RemoteComponent
from antiphon.features import Measurement
from antiphon.payloads import Audio, Word
from antiphon.profile.load import load_profile
from antiphon.recording.recorder import Recorder
from antiphon.recording.records import TurnRecord
from antiphon.stages import Setup
from antiphon.testing.dialogues import FAKE_DIALOGUE, fake_plugins

from benchmarks.common import Figure, Report, Settings, command, percentile, stopwatch

RATE = 22_050
REST_S = 0.02
SESSION = "session"
PLUGINS = fake_plugins()


def run(settings: Settings) -> Report:
    """Time single calls of a stage, and single writes of a recording."""
    repeats = 100 if settings.quick else 1000
    return Report(
        "Between the stages",
        [*asyncio.run(_calls(repeats)), *_writes(repeats)],
        [
            "A call hands audio to a fake recogniser, which does next to nothing, and waits for its answer. In a "
            "dialogue everything rests between the chunks of the user's audio, and has to be woken.",
        ],
    )


async def _calls(repeats: int) -> list[Figure]:
    short, long = (Audio(np.full(round(duration_s * RATE), 0.1, np.float32), RATE) for duration_s in (0.03, 10.0))
    figures = []
    for place, name in (("a thread", "fake"), ("a worker process", "fake-process")):
        stage = _open(PLUGINS, name)
        await stage.open()
        await stage.start_session(SESSION, 0)
        figures += [
            _microseconds(f"call with 30 ms of audio, {place}", await _call(stage, short, repeats)),
            _microseconds(f"the same after 20 ms of rest, {place}", await _call(stage, short, repeats // 10, REST_S)),
            _microseconds(f"call with 10 s of audio, {place}", await _call(stage, long, repeats)),
        ]
        stage.close()
        stage.join(5)
    return figures


async def _call(stage: ComponentThread, audio: Audio, repeats: int, rest_s: float = 0.0) -> list[float]:
    """Seconds from each call to its answer."""
    seconds: list[float] = []
    for _ in range(repeats):
        await asyncio.sleep(rest_s)
        with stopwatch(seconds):
            await stage.call(SESSION, "recognize", audio, timeout_s=5)
    return seconds


def _open(plugins: Plugins, name: str) -> ComponentThread:
    provider = plugins.find("recognizer", name).provider
    options = provider.options_class()()
    if "process" in provider.capabilities:
        return ComponentThread(name, lambda: RemoteComponent(name, provider, options, Setup()))
    return ComponentThread(name, lambda: provider.open(options, Setup()))


def _writes(repeats: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "profile.toml"
        path.write_text(FAKE_DIALOGUE, encoding="utf-8")
        recorder = Recorder(Path(name) / "session", load_profile(path, (), PLUGINS), {})
        turn = _turn()
        write: dict[str, Callable[[int], None]] = {
            "30 ms of audio": lambda i: recorder.user_audio(_chunk(i)),
            "an event": lambda i: recorder.event(float(i), "partial", text="the words so far"),
            "a turn": lambda i: recorder.turn(turn),
        }
        for what, one in write.items():
            seconds: list[float] = []
            for i in range(repeats):
                with stopwatch(seconds):
                    one(i)
            yield _microseconds(f"recording of {what}", seconds)
        recorder.close()


def _chunk(index: int) -> Audio:
    length = round(0.03 * RATE)
    return Audio(np.zeros(length, np.float32), RATE, index * length)


def _turn() -> TurnRecord:
    """A turn as long as a sentence, with as many features as the extractors measure."""
    words = tuple(Word(f"word{i}", 0.3 * i, 0.3 * i + 0.3, 0.9) for i in range(8))
    features = {f"feature{i}": Measurement(1.234567 * i) for i in range(14)}
    latencies = {f"stage{i}": 1.234 for i in range(8)}
    return TurnRecord(0, "user", 0.0, 2.4, "eight words", words, features, features, latency_ms=latencies)


def _microseconds(what: str, seconds: list[float]) -> Figure:
    us = [1e6 * s for s in seconds]
    return Figure(what, f"{statistics.median(us):.0f} µs, 95 %: {percentile(us, 95):.0f} µs")


main = command(run)

if __name__ == "__main__":
    main()
