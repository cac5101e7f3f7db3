"""How long after the end of speech the recognizer ``sphinx`` has its words, and how many of them are wrong.

It is compared with ``recognize_sphinx`` of SpeechRecognition, which has the same models, on the same real utterances:
both take turns on each, so what else the machine does hits them alike. Antiphon's recogniser gets 30 ms at a time, as
from a microphone, and its time counts from the moment at which the last chunk is handed over; it hears all utterances
in one session, as turns of a dialogue. SpeechRecognition can begin only when everything has been said.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable

import jiwer
import speech_recognition
from antiphon.payloads import Audio
from antiphon.stages import Setup
from antiphon_asr_sphinx.options import RecognizerOptions
from antiphon_asr_sphinx.recognizer import SphinxRecognizer

from benchmarks.common import Figure, Report, Settings, command, figure, percentile, sentences

CHUNK_S = 0.03

ANTIPHON = "antiphon: sphinx"
SECOND_PASS = "antiphon: sphinx, second_pass"
REFERENCE = "recognize_sphinx"

Heard = tuple[str, float]
"""The words, and the seconds from the end of speech until they were known."""


def run(settings: Settings) -> Report:
    """Time the recogniser against SpeechRecognition's recognize_sphinx on the same utterances."""
    spoken = sentences(settings.data, 5 if settings.quick else 50)
    contenders = {
        REFERENCE: _reference(),
        ANTIPHON: _antiphon(RecognizerOptions()),
        SECOND_PASS: _antiphon(RecognizerOptions(second_pass=True)),
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
        figures.append(figure(f"{name}: end of speech to words, median", statistics.median(after_ms), "ms"))
        figures.append(figure(f"{name}: the same, 95th percentile", percentile(after_ms, 95), "ms"))
    return Report(
        "From the end of speech to its words",
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
            figure(f"{SECOND_PASS}: word error rate", 100 * wrong[SECOND_PASS], "%"),
        ],
        [
            f"{len(spoken)} read sentences of one speaker. SpeechRecognition's words come from Sphinx's second search, "
            "which begins at the end of speech; without it there is no wait, and a few more words are wrong. With "
            "`second_pass` the words are as good and the user waits."
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
        for chunk in chunks[:-1]:
            session.feed(chunk)
        end_of_speech = time.perf_counter()
        session.feed(chunks[-1])
        text = session.finish().text
        return text, time.perf_counter() - end_of_speech

    return hear


def _reference() -> Callable[[Audio], Heard]:
    recognizer = speech_recognition.Recognizer()

    def hear(audio: Audio) -> Heard:
        pcm = (audio.samples * 32767).astype("<i2").tobytes()
        end_of_speech = time.perf_counter()
        try:
            text = recognizer.recognize_sphinx(speech_recognition.AudioData(pcm, audio.sample_rate, 2))
        except speech_recognition.UnknownValueError:
            text = ""
        return text, time.perf_counter() - end_of_speech

    return hear


main = command(run)

if __name__ == "__main__":
    main()
