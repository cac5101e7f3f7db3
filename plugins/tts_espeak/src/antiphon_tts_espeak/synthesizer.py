"""The synthesizer ``espeak``."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor

from antiphon.payloads import Audio, SpeechRequest, Spoken
from antiphon.speakable import speakable
from antiphon.stages import Component, Setup

from antiphon_tts_espeak.library import Library, find_installation
from antiphon_tts_espeak.options import EspeakOptions
from antiphon_tts_espeak.signal import amplified, without_outer_silence


class Voice:
    """An eSpeak voice told by its own settings: ``pitch``, ``range``, ``rate`` and ``gain_db``.

    A copy of the library is kept ready, because loading one takes some milliseconds.
    """

    def __init__(self, name: str, chunk_ms: int) -> None:
        self._name = name
        self._chunk_ms = chunk_ms
        self._installation = find_installation()
        self._threads = ThreadPoolExecutor(thread_name_prefix="espeak")
        self._threads.submit(int).result()  # one that waits is woken sooner than a new one starts
        self._spare: Library | None = self._load()
        self.sample_rate = self._spare.sample_rate
        self.version = self._spare.version

    def speak(self, text: str, settings: Mapping[str, float]) -> Generator[Audio]:
        """The utterance, from its first sound to its last; nothing if there is nothing to hear."""
        words = speakable(text)
        if not words:
            return
        library, self._spare = self._spare or self._load(), None
        try:
            with contextlib.closing(library.speak(words, settings, self._threads)) as chunks:
                for chunk in without_outer_silence(chunks):
                    yield Audio(amplified(chunk, settings["gain_db"]), self.sample_rate)
        finally:
            library.close()
            self._spare = self._spare or self._load()

    def close(self) -> None:
        """Give its memory and threads back."""
        self._threads.shutdown()
        if self._spare:
            self._spare.close()
            self._spare = None

    def _load(self) -> Library:
        return Library(self._installation, self._name, self._chunk_ms)


class Espeak(Component[EspeakOptions]):
    """eSpeak NG with the prosody that is asked for. Any number of utterances may be under way at the same time."""

    def __init__(self, options: EspeakOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self.calibration = options.voice_calibration()
        self.voice = Voice(options.name, options.chunk_ms)

    def session(self, seed: int) -> EspeakSession:
        """Speech depends on the request alone: conversations have no state and no randomness."""
        return EspeakSession(self)

    def close(self) -> None:
        """Give the library's memory back."""
        self.voice.close()


class EspeakSession:
    """A `antiphon.stages.StreamingSynthesizer`."""

    def __init__(self, component: Espeak) -> None:
        self._component = component

    def stream(self, request: SpeechRequest) -> Generator[Spoken]:
        """The utterance in order; closing the iterator cancels it.

        The notes of the first piece tell the values of what the voice cannot do together: ``out_of_reach``.
        """
        calibration = self._component.calibration
        settings = calibration.settings(request.controls)
        missed = calibration.out_of_reach(request.controls, settings)
        notes = {"out_of_reach": missed} if missed else {}
        with contextlib.closing(self._component.voice.speak(request.text, settings)) as pieces:
            for piece in pieces:
                yield Spoken(piece, notes=notes)
                notes = {}
