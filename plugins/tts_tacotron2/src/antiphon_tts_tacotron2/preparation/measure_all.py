"""Measures all recordings of a corpus side by side, and goes on where it was interrupted."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from antiphon_tts_tacotron2.preparation.corpus import Recording
from antiphon_tts_tacotron2.preparation.item import Outcome
from antiphon_tts_tacotron2.preparation.outcomes import OutcomeFile
from antiphon_tts_tacotron2.preparation.process import Processor, Settings, run, start

Progress = Callable[[int, int], None]

_QUEUED = 8  # a worker; bounded, so that Ctrl-C ends soon


def measure_all(
    recordings: Sequence[Recording], file: OutcomeFile, settings: Settings, jobs: int, progress: Progress
) -> list[Outcome]:
    """The outcomes of all recordings, in their order; those that the file has are not made again."""
    settings.mels.mkdir(parents=True, exist_ok=True)
    file.cut()
    known = {outcome.id: outcome for outcome in file.read()}
    left = [recording for recording in recordings if recording.id not in known]
    for done, outcome in enumerate(_outcomes(left, settings, min(jobs, len(left))), len(recordings) - len(left) + 1):
        file.append(outcome)
        known[outcome.id] = outcome
        progress(done, len(recordings))
    return [known[recording.id] for recording in recordings]


def _outcomes(recordings: Sequence[Recording], settings: Settings, jobs: int) -> Iterable[Outcome]:
    """Outcomes as they are ready."""
    if jobs <= 1:
        if recordings:
            yield from map(Processor(settings).process, recordings)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the workers are the threads
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=start, initargs=(settings,)) as pool:
        pending: set[Future[Outcome]] = set()
        left = iter(recordings)
        try:
            while True:
                for recording in left:
                    pending.add(pool.submit(run, recording))
                    if len(pending) >= _QUEUED * jobs:
                        break
                if not pending:
                    return
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            for future in pending:
                future.cancel()
