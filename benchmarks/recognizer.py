"""How long after the end of a turn the recognizer ``sphinx`` has its words, and how many of them are wrong.

It is compared with ``recognize_sphinx`` of SpeechRecognition, which has the same models, on the same real utterances:
both take turns on each, so what else the machine does hits them alike. Antiphon's recogniser gets 30 ms at a time, as
from a microphone, and hears all utterances in one session, as turns of a dialogue. Behind each comes the silence that
the endpointer ``energy`` waits for, at the pace of real time, since that is when the second search is at work. Times
count from the end of that silence, the decision that the turn is over, before which SpeechRecognition cannot begin.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable

import jiwer
import numpy as np
import speech_recognition
from antiphon.builtin.energy.options import EnergyOptions
from antiphon.payloads import Audio
from antiphon.stages import PausingRecognizer, Setup
from antiphon_asr_sphinx.options import RecognizerOptions
from antiphon_asr_sphinx.recognizer import SphinxRecognizer

from benchmarks.common import Figure, Report, Settings, command, figure, percentile, sentences

CHUNK_S = 0.03
NOISE = 1e-3
"""RMS of the silence, as of a quiet room."""

ANTIPHON = "antiphon: sphinx"
ONE_SEARCH = "antiphon: sphinx, one search"
REFERENCE = "recognize_sphinx"

Heard = tuple[str, float]
"""The words, and the seconds from the decision until they were known."""


def run(settings: Settings) -> Report:
    """Time the recogniser against SpeechRecognition's recognize_sphinx on the same utterances."""
    spoken = sentences(settings.data, 5 if settings.quick else 50)
    contenders = {
        REFERENCE: _reference(),
        ANTIPHON: _antiphon(RecognizerOptions()),
        ONE_SEARCH: _antiphon(RecognizerOptions(second_search="never")),
    }
    heard: dict[str, list[Heard]] = {name: [] for name in contenders}
    for sentence in spoken:
        for name, hear in contenders.items():
            heard[name].append(hear(sentence.audio))
    texts = [_plain(sentence.text) for sentence in spoken]
    wrong = {name: jiwer.wer(texts, [_plain(text) for text, _ in results]) for name, results in heard.items()}
    pairs = zip(heard[REFERENCE], heard[ANTIPHON], strict=True)
    figures: list[Figure] = []
    for name, results in heard.items():
        after_ms = [1e3 * seconds for _, seconds in results]
        figures.append(figure(f"{name}: decision to words, median", statistics.median(after_ms), "ms"))
        figures.append(figure(f"{name}: the same, 95th percentile", percentile(after_ms, 95), "ms"))
    return Report(
        "From the end of a turn to its words",
        [
            *figures,
            figure(
                f"{REFERENCE} by {ANTIPHON}, median of the utterances' ratios",
                statistics.median(theirs / ours for (_, theirs), (_, ours) in pairs),
                "times",
                at_least=50,
            ),
            figure(f"{REFERENCE}: word error rate", 100 * wrong[REFERENCE], "%"),
            Figure(
                f"{ANTIPHON}: word error rate",
                f"{100 * wrong[ANTIPHON]:.1f} %",
                "no higher",
                wrong[ANTIPHON] <= wrong[REFERENCE],
            ),
            figure(f"{ONE_SEARCH}: word error rate", 100 * wrong[ONE_SEARCH], "%"),
        ],
        [
            f"{len(spoken)} read sentences of one speaker. SpeechRecognition's words come from Sphinx's second search; "
            "Antiphon's too, but that has been at work since the user paused."
        ],
    )


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z']+", " ", text.lower()).split())


def _antiphon(options: RecognizerOptions) -> Callable[[Audio], Heard]:
    session = SphinxRecognizer(options, Setup()).session(0)

    def hear(audio: Audio) -> Heard:
        size = round(CHUNK_S * audio.sample_rate)
        chunks = [audio.between(start, start + size) for start in range(0, audio.end_sample, size)]
        session.begin(audio.sample_rate)
        for chunk in chunks:
            session.feed(chunk)
        _keep_silent(session, audio.sample_rate)
        decided_at = time.perf_counter()
        text = session.finish().text
        return text, time.perf_counter() - decided_at

    return hear


def _keep_silent(session: PausingRecognizer, rate: int) -> None:
    """The silence in which the endpointer says that there is a pause, and at the end of which that the turn is over."""
    endpoint, noise = EnergyOptions(), np.random.default_rng(0)
    began_at, paused = time.perf_counter(), False
    for i in range(1, 1 + round(endpoint.silence_s / CHUNK_S)):
        time.sleep(max(0.0, began_at + i * CHUNK_S - time.perf_counter()))
        session.feed(Audio(noise.normal(0, NOISE, round(CHUNK_S * rate)), rate))
        if not paused and i * CHUNK_S >= endpoint.pause_s:
            session.pause()
            paused = True


def _reference() -> Callable[[Audio], Heard]:
    recognizer = speech_recognition.Recognizer()

    def hear(audio: Audio) -> Heard:
        pcm = (audio.samples * 32767).astype("<i2").tobytes()
        decided_at = time.perf_counter()
        try:
            text = recognizer.recognize_sphinx(speech_recognition.AudioData(pcm, audio.sample_rate, 2))
        except speech_recognition.UnknownValueError:
            text = ""
        return text, time.perf_counter() - decided_at

    return hear


main = command(run)

if __name__ == "__main__":
    main()
