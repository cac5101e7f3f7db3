"""recognizer ``sphinx``: CMU Sphinx, which recognises while the user speaks."""

from __future__ import annotations

import copy
from functools import partial

from antiphon.errors import StageError
from antiphon.payloads import Audio, Transcript
from antiphon.stages import Component, Setup

from antiphon_asr_sphinx.cepstral_mean import CepstralMean
from antiphon_asr_sphinx.decoders import DecoderPool
from antiphon_asr_sphinx.model import open_decoder
from antiphon_asr_sphinx.options import RecognizerOptions
from antiphon_asr_sphinx.pcm import PcmStream
from antiphon_asr_sphinx.turn import Turn


class SphinxRecognizer(Component[RecognizerOptions]):
    """recognizer ``sphinx``.

    Raises:
        ModelError: a model, the dictionary or the grammar cannot be used.
    """

    def __init__(self, options: RecognizerOptions, setup: Setup) -> None:
        super().__init__(options, setup)
        self._searches_in_pauses = options.searches_in_pauses
        self._decoders = DecoderPool(partial(open_decoder, options))

    def session(self, seed: int) -> SphinxSession:
        return SphinxSession(self._decoders, self._searches_in_pauses)

    def close(self) -> None:
        self._decoders.close()


class SphinxSession:
    """Recognises the turns of one conversation; what it keeps from turn to turn is the cepstral mean."""

    def __init__(self, decoders: DecoderPool, searches_in_pauses: bool) -> None:
        self._decoders = decoders
        self._searches_in_pauses = searches_in_pauses
        self._mean = CepstralMean(decoders.prior_mean)
        self._turn: Turn | None = None

    def begin(self, sample_rate: int) -> None:
        if self._turn is not None:
            raise StageError("recognizer", "begin() while a turn is under way; finish() or cancel() it first")
        pcm = PcmStream(sample_rate, self._decoders.rate)
        self._turn = Turn(self._decoders.borrow(), copy.copy(self._mean), pcm)

    def feed(self, chunk: Audio) -> Transcript | None:
        return self._under_way("feed").feed(chunk)

    def pause(self) -> None:
        turn = self._under_way("pause")
        if self._searches_in_pauses:
            turn.pause()

    def resume(self) -> None:
        self._under_way("resume").resume()

    def finish(self) -> Transcript:
        turn = self._under_way("finish")
        self._turn = None
        heard = turn.finish()
        self._decoders.give_back(turn.decoder, ended=turn.ended)
        if turn.has_speech:
            self._mean = turn.mean
        return heard

    def cancel(self) -> None:
        """Without a turn under way it does nothing."""
        if self._turn is not None:
            turn, self._turn = self._turn, None
            turn.resume()
            self._decoders.give_back(turn.decoder, ended=False)

    def close(self) -> None:
        self.cancel()

    def _under_way(self, call: str) -> Turn:
        if self._turn is None:
            raise StageError("recognizer", f"{call}() without a turn; begin() one first")
        return self._turn
