"""What the recogniser hears, and that sessions share nothing."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest
import soundfile
import soxr
from antiphon.errors import AudioError, ModelError, StageError
from antiphon.payloads import Audio, Transcript
from antiphon.stages import Setup
from antiphon.testing.conformance.inputs import chunks, joined, silence
from antiphon_asr_sphinx.options import RecognizerOptions
from antiphon_asr_sphinx.recognizer import SphinxRecognizer


def hear(session: Any, audio: Audio, chunk_s: float = 0.03) -> Transcript:
    session.begin(audio.sample_rate)
    for chunk in chunks(audio, chunk_s):
        session.feed(chunk)
    transcript: Transcript = session.finish()
    return transcript


def resampled(audio: Audio, rate: int) -> Audio:
    return Audio(soxr.resample(audio.samples, audio.sample_rate, rate), rate)


def noise(seconds: float, level: float, rate: int = 16000) -> Audio:
    return Audio(np.random.default_rng(0).normal(0, level, round(seconds * rate)).clip(-1, 1), rate)


def test_words_times_and_confidences(recognizer: SphinxRecognizer, digits: Audio) -> None:
    transcript = hear(recognizer.session(0), digits)
    assert transcript.text == "one two three four five"
    assert " ".join(word.text for word in transcript.words) == transcript.text
    for word in transcript.words:
        assert 0 < word.end_s - word.start_s < 0.7
        assert word.confidence is not None
        assert 0 < word.confidence <= 1
    assert transcript.confidence == pytest.approx(np.mean([word.confidence for word in transcript.words]))


def test_times_count_from_the_first_sample(recognizer: SphinxRecognizer, digits: Audio) -> None:
    lead_s = 1.0
    plain = hear(recognizer.session(0), joined(silence(0.2, digits.sample_rate), digits))
    later = hear(recognizer.session(0), joined(silence(0.2 + lead_s, digits.sample_rate), digits))
    for position in (-1, -2):
        assert later.words[position].text == plain.words[position].text
        assert later.words[position].start_s - plain.words[position].start_s == pytest.approx(lead_s, abs=0.05)


def test_partial_hypotheses_come_only_when_they_change(recognizer: SphinxRecognizer, digits: Audio) -> None:
    session = recognizer.session(0)
    session.begin(digits.sample_rate)
    partials = [p for chunk in chunks(digits, 0.03) if (p := session.feed(chunk)) is not None]
    session.finish()
    assert len(partials) > 3
    assert all(a.text != b.text for a, b in pairwise(partials))
    assert all(word.confidence is None for partial in partials for word in partial.words)


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_every_sample_rate_is_understood(recognizer: SphinxRecognizer, digits: Audio, rate: int) -> None:
    assert hear(recognizer.session(0), resampled(digits, rate)).text == "one two three four five"


def test_loudness_does_not_matter(recognizer: SphinxRecognizer, digits: Audio) -> None:
    quiet = Audio(digits.samples * 0.03, digits.sample_rate)
    assert hear(recognizer.session(0), quiet).text == "one two three four five"


def test_chunks_of_any_size_give_the_same(recognizer: SphinxRecognizer, digits: Audio) -> None:
    sizes = (0.003, 0.03, 0.11, digits.duration_s + 1)
    assert len({repr(hear(recognizer.session(0), digits, size)) for size in sizes}) == 1


def test_a_used_decoder_is_as_good_as_new(dictation: SphinxRecognizer, digits: Audio) -> None:
    """Bit for bit, whatever it heard before, in the first turn and in the second."""
    hear(dictation.session(0), noise(0.5, 0.3))
    other = dictation.session(0)
    other.begin(16000)
    other.feed(noise(0.3, 0.1))
    other.cancel()
    used, new = dictation.session(0), SphinxRecognizer(RecognizerOptions(), Setup()).session(0)
    short = digits.between(0, digits.sample_rate // 2)
    for _ in range(2):
        assert hear(used, short) == hear(new, short) != Transcript("")


def test_sessions_may_be_in_the_middle_of_their_turns_at_once(recognizer: SphinxRecognizer, digits: Audio) -> None:
    half = digits.between(len(digits.samples) // 2, len(digits.samples))
    apart = [hear(recognizer.session(0), audio) for audio in (digits, half)]
    first, second = recognizer.session(0), recognizer.session(0)
    first.begin(digits.sample_rate)
    second.begin(half.sample_rate)
    for a, b in zip_longest(chunks(digits, 0.05), chunks(half, 0.05)):
        first.feed(a)
        if b is not None:
            second.feed(b)
    assert [first.finish(), second.finish()] == apart


def test_the_cepstral_mean_is_kept_from_turn_to_turn(recognizer: SphinxRecognizer, digits: Audio) -> None:
    session = recognizer.session(0)
    first, second = hear(session, digits), hear(session, digits)
    assert first != second  # the second turn begins with what the first one taught
    assert hear(recognizer.session(0), digits) == first  # which another session does not know


@pytest.mark.parametrize("forgotten", ["cancelled", "silent"])
def test_turns_without_words_teach_nothing(recognizer: SphinxRecognizer, digits: Audio, forgotten: str) -> None:
    session = recognizer.session(0)
    if forgotten == "cancelled":
        session.begin(16000)
        session.feed(noise(2, 0.3))
        session.cancel()
    else:
        hear(session, noise(2, 0.001))
    assert hear(session, digits) == hear(recognizer.session(0), digits)


@pytest.mark.parametrize(
    "audio",
    [
        silence(3, 16000),
        silence(3, 22050),
        noise(3, 0.001),
        Audio(np.zeros(1), 16000),
        Audio(np.full(48000, 0.5), 16000),
    ],
    ids=["zeros", "zeros resampled", "faint noise", "one sample", "constant"],
)
def test_without_speech_there_are_no_words(recognizer: SphinxRecognizer, digits: Audio, audio: Audio) -> None:
    session = recognizer.session(0)
    hear(session, digits)  # a mean that fits speech is what makes Sphinx find words in silence
    assert hear(session, audio) == Transcript("")


def test_an_empty_turn(recognizer: SphinxRecognizer) -> None:
    session = recognizer.session(0)
    session.begin(22050)
    assert session.feed(Audio(np.zeros(0), 22050)) is None
    assert session.finish() == Transcript("")


def test_wrong_order_of_calls(recognizer: SphinxRecognizer) -> None:
    session = recognizer.session(0)
    session.cancel()
    for call in (session.finish, lambda: session.feed(silence(0.1, 16000))):
        with pytest.raises(StageError, match="begin"):
            call()
    session.begin(16000)
    with pytest.raises(StageError, match="under way"):
        session.begin(16000)
    session.close()


def test_sample_rate_that_changes_or_is_impossible(recognizer: SphinxRecognizer) -> None:
    session = recognizer.session(0)
    with pytest.raises(AudioError, match="positive"):
        session.begin(0)
    session.begin(16000)
    with pytest.raises(AudioError, match="changed from 16000 to 8000"):
        session.feed(silence(0.1, 8000))
    session.cancel()


def grammar(folder: Path, rule: str) -> Path:
    path = folder / "words.gram"
    path.write_text(f"#JSGF V1.0;\ngrammar words;\npublic <words> = {rule};\n", encoding="utf-8")
    return path


def test_a_grammar_limits_what_is_heard(tmp_path: Path, say: Callable[[str], Audio]) -> None:
    options = RecognizerOptions(grammar=grammar(tmp_path, "i would like to (go home | stay here) [now]"))
    component = SphinxRecognizer(options, Setup())
    transcript = hear(component.session(0), say("I would like to go home now"))
    assert transcript.text == "i would like to go home now"


def test_a_dictionary_of_ones_own_and_its_variants(tmp_path: Path, say: Callable[[str], Audio]) -> None:
    dictionary = tmp_path / "my.dict"
    dictionary.write_text("no N OW\nyes P UH K UH P\nyes(2) Y EH S\n", encoding="utf-8")
    options = RecognizerOptions(grammar=grammar(tmp_path, "yes | no"), dictionary=dictionary)
    transcript = hear(SphinxRecognizer(options, Setup()).session(0), say("yes"))
    assert [word.text for word in transcript.words] == ["yes"]


@pytest.mark.parametrize(
    ("rule", "complaint"), [("yes | ) no", "syntax error.*line 3"), ("yes | zzyzxq", "zzyzxq.*missing")]
)
def test_a_grammar_that_is_wrong(tmp_path: Path, capfd: pytest.CaptureFixture[str], rule: str, complaint: str) -> None:
    path = grammar(tmp_path, rule)
    with pytest.raises(ModelError, match=f"grammar {re.escape(str(path))}.*{complaint}"):
        SphinxRecognizer(RecognizerOptions(grammar=path), Setup())
    assert capfd.readouterr() == ("", "")


def test_words_of_a_dictionary_that_cannot_be_used_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    dictionary = tmp_path / "my.dict"
    dictionary.write_text("no N OW\nodd QQ\n", encoding="utf-8")
    SphinxRecognizer(RecognizerOptions(grammar=grammar(tmp_path, "no"), dictionary=dictionary), Setup())
    assert "'odd'" in caplog.text
    assert "ERROR" not in capfd.readouterr().err


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="mdef"):
        SphinxRecognizer(RecognizerOptions(model=tmp_path), Setup())


def test_grammar_and_language_model_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="exclude"):
        RecognizerOptions(grammar=tmp_path, language_model=tmp_path)


@pytest.mark.data
def test_a_human_sentence(dictation: SphinxRecognizer, sentence: Audio) -> None:
    transcript = hear(dictation.session(0), sentence)
    assert jiwer.wer("author of the danger trail philip steels et cetera", transcript.text) <= 0.35
    assert 0 <= transcript.words[0].start_s < 0.25
    assert sentence.duration_s - 0.25 < transcript.words[-1].end_s <= sentence.duration_s + 0.03


@pytest.mark.data
@pytest.mark.long
def test_word_error_rate_on_human_speech(dictation: SphinxRecognizer, kathleen: Path) -> None:
    rows = (line.split("|") for line in (kathleen / "metadata.csv").read_text("utf-8").splitlines()[1:])
    chosen = [(row[0], row[1]) for row in rows][::77]
    session = dictation.session(0)
    heard = [hear(session, Audio(*soundfile.read(kathleen / "wavs" / f"{name}.flac"))).text for name, _ in chosen]
    said = [re.sub(r"[^a-z' ]+", " ", text.lower()) for _, text in chosen]
    assert jiwer.wer(said, heard) < 0.3


@pytest.fixture(scope="module")
def patient() -> Iterator[SphinxRecognizer]:
    """Searches twice, the second time when the turn is over."""
    component = SphinxRecognizer(RecognizerOptions(second_search="end"), Setup())
    yield component
    component.close()


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The copies of this process that are made."""
    made: list[int] = []
    fork = os.fork

    def noted() -> int:
        pid = fork()
        if pid:
            made.append(pid)
        return pid

    monkeypatch.setattr(os, "fork", noted)
    return made


def pausing(session: Any, *parts: Audio, during: Callable[[], None] = lambda: None) -> Transcript:
    """Speech with a pause behind each part."""
    session.begin(parts[0].sample_rate)
    for number, part in enumerate(parts):
        if number:
            session.resume()
        for chunk in chunks(part, 0.03):
            session.feed(chunk)
        session.pause()
        during()
    transcript: Transcript = session.finish()
    return transcript


def test_the_second_search_in_a_pause_finds_the_words_of_the_second_search_at_the_end(
    dictation: SphinxRecognizer, patient: SphinxRecognizer, digits: Audio
) -> None:
    once = SphinxRecognizer(RecognizerOptions(second_search="never"), Setup())
    expected = hear(patient.session(0), digits)
    assert pausing(dictation.session(0), digits) == expected
    assert hear(once.session(0), digits) != expected


def test_a_pause_within_the_turn_changes_nothing(
    dictation: SphinxRecognizer, patient: SphinxRecognizer, digits: Audio
) -> None:
    middle = len(digits.samples) // 2
    parts = digits.between(0, middle), digits.between(middle, len(digits.samples))
    assert pausing(dictation.session(0), *parts) == hear(patient.session(0), digits)


def test_a_turn_with_a_pause_teaches_the_next_one(dictation: SphinxRecognizer, digits: Audio) -> None:
    session = dictation.session(0)
    first = pausing(session, digits)
    second = pausing(session, digits)
    assert first != second
    assert pausing(dictation.session(0), digits) == first


def test_no_process_is_left_behind(dictation: SphinxRecognizer, digits: Audio, copies: list[int]) -> None:
    pausing(dictation.session(0), digits, digits)
    session = dictation.session(0)
    session.begin(digits.sample_rate)
    session.feed(digits)
    session.pause()
    session.cancel()
    assert len(copies) == 3
    for pid in copies:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_words_are_found_even_if_the_second_search_dies(
    dictation: SphinxRecognizer, patient: SphinxRecognizer, digits: Audio, copies: list[int]
) -> None:
    def kill() -> None:
        os.kill(copies[-1], signal.SIGKILL)

    assert pausing(dictation.session(0), digits, during=kill) == hear(patient.session(0), digits)


def test_a_grammar_needs_no_second_search(recognizer: SphinxRecognizer, digits: Audio, copies: list[int]) -> None:
    assert pausing(recognizer.session(0), digits).text == "one two three four five"
    assert not copies
