"""How long after the end of speech the recognizer ``sphinx`` has its words, and how many of them are wrong.

It is compared with ``recognize_sphinx`` of SpeechRecognition, which has the same models, on the same real utterances:
both take turns on each, so what else the machine does hits them alike. Antiphon's recogniser gets 30 ms at a time, as
from a microphone, and its time counts from the moment at which the last chunk is handed over; it hears all utterances
in one session, as turns of a dialogue. SpeechRecognition can begin only when everything has been said.
"""

from __future__ import annotations

import csv
import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import jiwer
import numpy as np
import soundfile
import speech_recognition
from antiphon.payloads import Audio
from antiphon.stages import Setup
from antiphon_asr_sphinx.options import RecognizerOptions
from antiphon_asr_sphinx.recognizer import SphinxRecognizer
from attrs import frozen
from rich.console import Console
from rich.table import Table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CHUNK_S = 0.03

ANTIPHON = "antiphon: sphinx"
REFERENCE = "recognize_sphinx"

Heard = tuple[str, float]
"""The words, and the seconds from the end of speech until they were known."""


@frozen
class Utterance:
    """A recording and what was read."""

    text: str
    audio: Audio


@frozen
class Row:
    """Of one recogniser: its word error rate, the time from the end of speech to the words, and that time's ratio to
    the reference's, as the median over utterances."""

    word_error_rate: float
    median_ms: float
    p95_ms: float
    ratio: float


def utterances(data: Path, count: int) -> list[Utterance]:
    """Different sentences, spread over the corpus.

    Raises:
        FileNotFoundError: there is no speech under `data`.
    """
    folder = data / "voices" / "kathleen"
    try:
        with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
            by_text = {row["text"]: row["id"] for row in reversed(list(csv.DictReader(file, delimiter="|")))}
    except FileNotFoundError as error:
        raise FileNotFoundError(f"no recordings in {folder}; give the folder of the corpora by --data") from error
    sentences = sorted(by_text.items(), key=lambda item: item[1])
    chosen = [sentences[int(i * len(sentences) / count)] for i in range(min(count, len(sentences)))]
    return [
        Utterance(_plain(text), Audio(*soundfile.read(folder / "wavs" / f"{name}.flac", dtype="float32")))
        for text, name in chosen
    ]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z']+", " ", text.lower()).split())


def run(data: Path = DATA, count: int = 50) -> Mapping[str, Row]:
    """Let both hear everything.

    Raises:
        FileNotFoundError: there is no speech under `data`.
    """
    spoken = utterances(data, count)
    contenders = {REFERENCE: _reference(), ANTIPHON: _antiphon()}
    heard: dict[str, list[Heard]] = {name: [] for name in contenders}
    for utterance in spoken:
        for name, hear in contenders.items():
            heard[name].append(hear(utterance.audio))
    texts = [utterance.text for utterance in spoken]
    return {name: _row(texts, results, heard[REFERENCE]) for name, results in heard.items()}


def _row(texts: list[str], heard: Sequence[Heard], reference: Sequence[Heard]) -> Row:
    seconds = [after for _, after in heard]
    return Row(
        word_error_rate=jiwer.wer(texts, [_plain(text) for text, _ in heard]),
        median_ms=1e3 * statistics.median(seconds),
        p95_ms=1e3 * float(np.percentile(seconds, 95)),
        ratio=statistics.median(own / other for own, (_, other) in zip(seconds, reference, strict=True)),
    )


def _antiphon() -> Callable[[Audio], Heard]:
    session = SphinxRecognizer(RecognizerOptions(), Setup()).session(0)

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


def table(rows: Mapping[str, Row]) -> Table:
    """The figures to read."""
    shown = Table(title="From the end of speech to its words")
    for column in ("recogniser", "word error rate", "median", "95th percentile", "as fast"):
        shown.add_column(column, justify="left" if column == "recogniser" else "right")
    for name, row in rows.items():
        shown.add_row(
            name,
            f"{row.word_error_rate:.1%}",
            f"{row.median_ms:.1f} ms",
            f"{row.p95_ms:.1f} ms",
            f"{1 / row.ratio:.1f} times",
        )
    return shown


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA, show_default=True, help="Folder of the corpora.")
@click.option("--count", default=50, show_default=True, type=click.IntRange(min=1), help="Utterances.")
def main(data: Path, count: int) -> None:
    """Time the recogniser against SpeechRecognition's recognize_sphinx on the same utterances."""
    try:
        rows = run(data, count)
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    Console().print(table(rows))


if __name__ == "__main__":
    main()
