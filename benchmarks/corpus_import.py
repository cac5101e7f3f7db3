"""How fast a corpus of audio and transcripts becomes a turn table, and what a second core brings.

The conversations are made of a reader's sentences, alternately on two channels, with a transcript of their words. The
processor's time is that of the worker processes, so that other work on the machine does not count; the speed-up is of
the clock's time, and does.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from antiphon_corpus.importing.choose import choose_extractors
from antiphon_corpus.importing.find import Layout, find_sources
from antiphon_corpus.importing.plan import Plan
from antiphon_corpus.importing.pool import cores
from antiphon_corpus.importing.run import run_import
from antiphon_corpus.importing.units import Rules
from attrs import frozen

from benchmarks.common import Figure, Report, Sentence, Settings, command, figure, sentences

GAP_S = 0.3


@frozen
class Took:
    """Seconds on the clock, and of the processors."""

    clock_s: float
    processor_s: float


def run(settings: Settings) -> Report:
    """Time the import of stereo conversations by one process and by two."""
    conversations, turns = (2, 10) if settings.quick else (16, 40)
    read = sentences(settings.data, turns)
    plan = Plan(Rules(), choose_extractors())
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _write(folder, "0", read[:1])
        nothing = _import(folder, plan, 1)
        total_s = sum(_write(folder, str(number), read) for number in range(conversations))
        one = _import(folder, plan, 1)
        two = _import(folder, plan, 2)
    figures: list[Figure] = [
        figure("one process, processor time per second of conversation", 1e3 * one.processor_s / total_s, "ms"),
        figure("one process, seconds of conversation per second", total_s / one.clock_s, "times real time"),
        figure("two processes, seconds of conversation per second", total_s / two.clock_s, "times real time"),
        figure("two processes, by one", one.clock_s / two.clock_s, "times as fast"),
        figure("start of one process, with its extractors", nothing.clock_s, "s"),
    ]
    note = (
        f"{conversations} conversations of {turns} turns, {total_s / 60:.0f} minutes; extractors praat (all features) "
        f"and rate; {cores()} cores. The start is in all times."
    )
    return Report("Import of a corpus", figures, [note])


def _write(folder: Path, name: str, read: list[Sentence]) -> float:
    """A conversation of two channels and its transcript; returns its length in seconds."""
    rate = read[0].audio.sample_rate
    gap = round(GAP_S * rate)
    samples = np.zeros((sum(len(s.audio.samples) + gap for s in read) + gap, 2), np.float32)
    said, at = [], gap
    for number, sentence in enumerate(read):
        end = at + len(sentence.audio.samples)
        samples[at:end, number % 2] = sentence.audio.samples
        said.append({"speaker": "AB"[number % 2], "start": at / rate, "end": end / rate, "text": sentence.text})
        at = end + gap
    soundfile.write(folder / f"{name}.wav", samples, rate)
    (folder / f"{name}.json").write_text(json.dumps(said), encoding="utf-8")
    return len(samples) / rate


def _import(folder: Path, plan: Plan, processes: int) -> Took:
    sources = find_sources([folder], Layout(("{conversation}.json",), ("{conversation}.wav",)))
    before, started = os.times(), time.perf_counter()
    summary = run_import(sources, plan, folder / "table.parquet", processes=processes, monologues="keep", force=True)
    clock_s, after = time.perf_counter() - started, os.times()
    if summary.failures:
        raise RuntimeError(f"the import failed: {summary.failures}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(clock_s, spent)


main = command(run)

if __name__ == "__main__":
    main()
